"""How a value of the file is refused while the schema reads it, and how a near miss is guessed."""

import difflib
from collections.abc import Iterable, Sequence
from itertools import islice

from pydantic_core import PydanticCustomError

REFUSED = "refused"
NEEDS_TEXT = "needs-text"
NAMES_SHOWN_MAX = 8
TEXT_SHOWN_MAX = 60
NAMES_COMPARED_MAX = 1_000
"""Comparing is slow, and a file can have many names and many mistakes."""


def refused(text: str, *, at: Sequence[str | int] = ()) -> PydanticCustomError:
    """Returns the error to raise in a validator; ``at`` leads from the value to the bad part."""
    return PydanticCustomError(REFUSED, "{text}", {"text": text, "at": list(at)})


def needs_text(value: object, *, at: Sequence[str | int] = ()) -> PydanticCustomError:
    """Like ``refused``, for a value that should have been text; worded when it is located."""
    return PydanticCustomError(NEEDS_TEXT, "must be text", {"value": value, "at": list(at)})


def quoted(text: str) -> str:
    """Returns text in quotes, shortened so that a mistake stays a line."""
    shown = text if len(text) <= TEXT_SHOWN_MAX else text[:TEXT_SHOWN_MAX] + "..."
    return repr(shown)


def alternatives(word: str, known: Iterable[str], *, label: str = "write one of") -> str:
    """Returns a remedy: the nearest known word, else the known words, else nothing is known."""
    words = list(islice(known, NAMES_COMPARED_MAX))
    if not words:
        return "there is none"
    lowered = {candidate.lower(): candidate for candidate in words}
    near = difflib.get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    if near:
        return f"did you mean {lowered[near[0]]}?"
    shown = ", ".join(words[:NAMES_SHOWN_MAX])
    return f"{label} {shown}" + (", ..." if len(words) > NAMES_SHOWN_MAX else "")
