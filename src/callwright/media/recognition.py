"""Speech becomes one of some phrases: what call control needs of whoever understands it."""

from collections.abc import Callable
from typing import Protocol

from callwright.kernel.phrases import Heard, Phrases

HeardListener = Callable[[Heard], None]


class Hearing(Protocol):
    """One party who is listened to. Takes audio as it comes; tells of utterances by itself."""

    def feed(self, pcm: bytes, rate_hz: int) -> None:
        """Takes s16le, mono, of 8,000 or 16,000 Hz; never waits."""
        ...

    @property
    def is_amid_speech(self) -> bool:
        """The party speaks, or what it said is not understood yet: something will be told."""
        ...

    def close(self) -> None:
        """Nothing is told any more."""
        ...


class Recogniser(Protocol):
    """Whatever understands speech."""

    def understands(self, language: str) -> bool:
        """False: callers of this language have their keys only (row 188)."""
        ...

    def prepare(self) -> None:
        """Somebody will be listened to some time; called on the event loop, and more than once."""
        ...

    def open(self, phrases: Phrases, tell: HeardListener) -> Hearing:
        """``tell`` is called on the event loop at the end of each utterance that holds speech."""
        ...


class NoRecogniser:
    """The `Recogniser` of a system without speech recognition: keys only."""

    def understands(self, language: str) -> bool:
        return False

    def prepare(self) -> None:
        """Nothing to start."""

    def open(self, phrases: Phrases, tell: HeardListener) -> Hearing:
        return _Deaf()


class _Deaf:
    def feed(self, pcm: bytes, rate_hz: int) -> None:
        """Nobody listens."""

    @property
    def is_amid_speech(self) -> bool:
        return False

    def close(self) -> None:
        """Nothing to end."""
