"""Keys by INFO from a phone that agreed on telephone-event (RFC 4733), too.

It may send its keys by INFO only, in the audio only, or both ways, and says nowhere which. What it
presses once in the audio comes there from then on, and its INFO requests say the same again.
"""

from collections import deque

from callwright.calls.media_leg import MediaLeg
from callwright.kernel.clock import Clock
from callwright.kernel.limits.signalling import KEYS_WAITING_MAX

TWIN_S = 0.2
"""How long the first key waits for its like in the audio, whose packets may be on another way."""


class SignalledKeys:
    """Of one leg."""

    __slots__ = ("_clock", "_is_only_way", "_media", "_waiting")

    def __init__(self, media: MediaLeg, clock: Clock) -> None:
        self._media = media
        self._clock = clock
        self._is_only_way = False
        """A key came by INFO, and not in the audio."""
        self._waiting: deque[str] = deque(maxlen=KEYS_WAITING_MAX)

    def press(self, key: str) -> None:
        if self._media.presses_in_audio:
            return
        if self._is_only_way:
            self._media.press(key)
            return
        if not self._waiting:
            self._clock.call_later(TWIN_S, self._settle)
        self._waiting.append(key)

    def _settle(self) -> None:
        keys = tuple(self._waiting)
        self._waiting.clear()
        if self._media.presses_in_audio or self._media.closed:
            return
        self._is_only_way = True
        for key in keys:
            self._media.press(key)
