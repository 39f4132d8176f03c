"""Phrases as words that have a sound: what people write in a menu, as callers say it."""

import re
from collections.abc import Sequence

from callwright.kernel.limits.speech import SPOKEN_PHRASE_CHARS_MAX, SPOKEN_PHRASES_MAX
from callwright.kernel.phrases import Phrases

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SIGNS = {"&": "and", "+": "plus", "@": "at", "%": "percent"}
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d|[&+@%]")


def words_of(phrase: str) -> tuple[str, ...]:
    """``Sales & Support, floor 12`` -> sales and support floor one two."""
    found = _WORD.findall(phrase.casefold()[:SPOKEN_PHRASE_CHARS_MAX])
    return tuple(_spoken(word) for word in found)


def spoken_forms(phrases: Phrases) -> dict[tuple[str, ...], str]:
    """The phrases by their words; of two that sound alike the first counts."""
    forms: dict[tuple[str, ...], str] = {}
    for phrase in phrases.wanted[:SPOKEN_PHRASES_MAX]:
        words = words_of(phrase)
        if words:
            forms.setdefault(words, phrase)
    return forms


def begins_another(words: Sequence[str], forms: Sequence[Sequence[str]]) -> bool:
    """``sales`` may go on to ``sales support``: whoever pauses there may not be done."""
    said = tuple(words)
    return any(len(form) > len(said) and tuple(form[: len(said)]) == said for form in forms)


def _spoken(word: str) -> str:
    if word.isdigit() and word.isascii():
        return DIGITS[int(word)]
    return SIGNS.get(word, word.replace("’", "'"))
