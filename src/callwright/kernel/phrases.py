"""What a caller may say instead of a key, and what was made of it (SPEC 6.5, 6.10)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrases:
    """What may be said just now, in one language."""

    language: str
    """BCP 47: ``en-US``."""
    wanted: tuple[str, ...]
    """Each as people write it: ``Opening hours``, ``Ana García``. Case and accents do not matter;
    of two that sound alike the first counts."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What one utterance was taken for."""

    phrase: str | None
    """One of `Phrases.wanted`, as it is written there; None: something else, or not sure enough.
    Whoever is not sure asks again and never guesses."""
    confidence: float
    """0.0 to 1.0."""
