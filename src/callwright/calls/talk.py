"""Two legs that hear each other, and how that ended; what a party hears while others ring."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from callwright.calls.leg import Leg, TransferRequest
from callwright.kernel.clock import Clock
from callwright.kernel.prompt import Prompt, Tune
from callwright.kernel.value import value

if TYPE_CHECKING:
    from callwright.calls.call import Call


@dataclass(frozen=True, slots=True)
class Replacement:
    """A party gives its place in the talk to somebody of another call."""

    leaving: Leg
    newcomer: Leg
    owner: "Call"
    """Whose leg the newcomer is, and stays."""


@value
class Parted:
    """A party left; the other one is still there."""

    stayed: Leg


@dataclass(frozen=True, slots=True)
class Slip:
    """Who answered left at once, before anybody can have said anything."""


TalkEnd = Parted | Slip | TransferRequest | Replacement | None
"""None: ended from outside."""
Onward = TransferRequest | Slip | None
"""What a conversation leaves to be done; None: nobody is left."""


class Talk:
    """Two legs in conversation. The first end counts."""

    def __init__(self, one: Leg, two: Leg, clock: Clock, *, slip_s: float = 0.0) -> None:
        """``slip_s``: so soon after the beginning it is a slip when the second one leaves."""
        self.legs = (one, two)
        self._clock = clock
        self._slips_until_s = clock.monotonic() + slip_s
        self.outcome: asyncio.Future[TalkEnd] = asyncio.get_running_loop().create_future()

    def other(self, leg: Leg) -> Leg:
        return self.legs[1] if leg is self.legs[0] else self.legs[0]

    def left(self, leg: Leg) -> None:
        if leg in self.legs:
            is_early = self._clock.monotonic() < self._slips_until_s
            is_slip = is_early and leg is self.legs[1] and not self.legs[0].has_ended
            self._end(Slip() if is_slip else Parted(self.other(leg)))

    def end(self) -> None:
        self._end(None)

    def transfer(self, request: TransferRequest) -> bool:
        if request.transferor not in self.legs:
            return False
        return self._end(replace(request, transferee=self.other(request.transferor)))

    def replaced(self, replacement: Replacement) -> bool:
        return replacement.leaving in self.legs and self._end(replacement)

    def _end(self, how: TalkEnd) -> bool:
        if self.outcome.done():
            return False
        self.outcome.set_result(how)
        return True


class Comfort:
    """What the served leg gets while others ring (``RingWatcher``)."""

    def __init__(
        self, served: Leg, music: Prompt | None, rings: Callable[[], None] | None = None
    ) -> None:
        self._served = served
        self._rings = rings
        self._music = music
        self._is_bridged = False

    def target_ringing(self) -> None:
        if self._rings is not None:
            self._rings()
        if not self._served.hears:
            self._served.ring()
        elif self._music is None and not self._is_bridged and not self._served.media.is_playing:
            self._served.media.start_play(Tune.RINGBACK, loop=True)

    def target_early_media(self, leg: Leg) -> None:
        """Lets the caller hear what the far network says: announcements, its own ringing."""
        if self._music is not None:
            return
        if self._served.hears or self._served.answer_early(leg.codecs()[:1]):
            self._served.media.stop_play()
            self._served.media.bridge(leg.media)
            self._is_bridged = True
