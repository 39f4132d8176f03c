"""Sentences of our own, kept by language."""

from collections.abc import Mapping
from typing import TypeVar

Words = TypeVar("Words")
_ENGLISH, _ENGLISH_VOICE = "en", "en-US"


def in_language(words: Mapping[str, Words], language: str) -> tuple[Words, str]:
    """What is said, by the primary tag of ``language`` (RFC 5646 §2.2.1): ``de`` of ``de-AT``; and
    the language of the voice. English where nothing was translated: nobody understands English
    read as Polish."""
    found = words.get(language.partition("-")[0].lower())
    return (words[_ENGLISH], _ENGLISH_VOICE) if found is None else (found, language)
