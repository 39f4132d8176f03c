"""Bounds of dial plans and of rules for numbers."""

PATTERN_CHARS_MAX = 1_024
"""SPEC 2.7 (trunk translation)."""
PATTERN_WAYS_MAX = 1_000_000
"""In which a pattern may match 64 characters; trying them all takes 0.2 s."""
DIAL_RULES_MAX = 50
"""SPEC 2.7."""
TRANSLATION_CHARS_MAX = 256
TRANSLATION_RULES_MAX = 400
"""Of all SBCs together."""
TRANSLATION_NAME_CHARS_MAX = 100
"""SPEC 2.7 (trunk translation)."""
ALTERNATE_NUMBERS_MAX = 20
"""Further lines of one user; an office has a handful."""
UNASSIGNED_TREATMENTS_MAX = 200
"""Each call out is compared with all of them; 200 patterns take 0.05 ms."""
