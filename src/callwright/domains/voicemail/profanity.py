"""Masks words in transcripts that people do not want to read (SPEC 8.9)."""

import re
from collections.abc import Iterable

_STEMS = (
    "arse", "arsehole", "asshole", "bastard", "bitch", "bollocks", "bullshit", "cock", "crap",
    "cunt", "damn", "dick", "dickhead", "fuck", "goddamn", "motherfucker", "piss", "prick", "pussy",
    "shit", "slut", "twat", "wank", "wanker", "whore",
    "arschloch", "fotze", "hurensohn", "scheisse", "scheiße", "wichser",
    "connard", "connasse", "enculé", "merde", "putain", "salope",
    "cabrón", "coño", "gilipollas", "joder", "mierda", "puta",
    "cazzo", "stronzo", "vaffanculo",
    "klootzak", "kut", "lul",
)  # fmt: skip
_ENDINGS = r"(?:s|es|ed|er|ers|in|ing|y)?"


def masked(text: str, more: Iterable[str] = ()) -> str:
    """Every letter of such a word becomes a star; ``more`` are words of the organisation's own."""
    stems = "|".join(map(re.escape, sorted({*_STEMS, *more}, key=len, reverse=True)))
    pattern = re.compile(rf"\b(?:{stems}){_ENDINGS}\b", re.IGNORECASE)
    return pattern.sub(lambda found: "*" * len(found.group()), text)
