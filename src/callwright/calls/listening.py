"""What one leg's party says while a voice app listens for phrases."""

from collections.abc import Callable
from typing import Protocol

from callwright.calls.party_input import PartyInput
from callwright.kernel.ids import LegId
from callwright.kernel.limits.speech import HEARD_OUT_S_MAX
from callwright.kernel.phrases import Heard, Phrases
from callwright.media.recognition import HeardListener, Recogniser


class Tap(Protocol):
    """The two commands of `MediaEngine` that a listening needs."""

    def listen(self, leg: LegId, token: int) -> None: ...

    def stop_listening(self, leg: LegId) -> None: ...


class Listening:
    """Runs from its creation to `stop`, or the leg's end; a context manager stops it, too."""

    def __init__(
        self,
        leg: LegId,
        token: int,
        tap: Tap,
        recogniser: Recogniser,
        phrases: Phrases,
        tell: HeardListener,
        forget: Callable[[], None],
    ) -> None:
        """``forget``: called at the end, for what was told and nobody took."""
        self.token = token
        self._leg = leg
        self._tap = tap
        self._tell = tell
        self._forget = forget
        self._is_over = False
        self._hearing = recogniser.open(phrases, self._take)
        tap.listen(leg, token)

    def __enter__(self) -> "Listening":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def feed(self, pcm: bytes, rate_hz: int) -> None:
        if not self._is_over:
            self._hearing.feed(pcm, rate_hz)

    async def hear_out(self, answers: PartyInput) -> None:
        """Waits for what is being said at this moment, where nothing was answered before."""
        if not answers and not self._is_over and self._hearing.is_amid_speech:
            await answers.wait(HEARD_OUT_S_MAX)

    def stop(self) -> None:
        if not self._is_over:
            self._is_over = True
            self._hearing.close()
            self._forget()
            self._tap.stop_listening(self._leg)

    def _take(self, heard: Heard) -> None:
        if not self._is_over:
            self._tell(heard)
