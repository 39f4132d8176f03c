"""Bounds of what callers claim to be."""

HISTORY_ENTRIES_MAX = 20
"""Entries of History-Info or Diversion that are read and written; more are a loop or a flood."""
PASSPORT_CHARS_MAX = 4_096
"""Of one PASSporT; real ones take about 500."""
IDENTITIES_MAX = 4
"""Identity fields of one INVITE that are looked at; more are made to keep us busy."""
PASSPORT_AGE_S_MAX = 60
"""How far its ``iat`` may be from now (RFC 8224 §6.2.2 step 4, ATIS-1000074 §5.3.1)."""
ATTESTATION_LOOK_S = 10.0
"""How soon a changed key or certificate file is noticed."""
