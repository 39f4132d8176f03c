"""Parallel targets of one ring: the first to answer wins, the others stop (RFC 3261 §16.7)."""

import asyncio
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from callwright.calls.leg import Failure, Leg, Text, TransferRequest
from callwright.kernel.reason import Reason
from callwright.kernel.value import value


@value
class Answered:
    leg: Leg


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Time ran out while at least one target could still have answered."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Every target failed; the failure says most about why."""

    failure: Failure


@dataclass(frozen=True, slots=True)
class Silent:
    """No target said anything in the time that a first sign of life may take."""


RingOutcome = Answered | Unanswered | Failed | Silent

SILENCE = 0
TRYING = 1
"""A target said 100, and no more."""
RINGING = 2
"""A target has got further, or failed."""


class RingWatcher(Protocol):
    """Hears what happens while it rings, to pass it on to the caller."""

    def target_ringing(self) -> None: ...

    def target_early_media(self, leg: Leg) -> None: ...


@runtime_checkable
class RingingGroup(Protocol):
    """Legs that ring together; somebody else's answered leg may win instead (RFC 3891 §7.1)."""

    @property
    def served(self) -> Leg | None:
        """Whoever waits for the answer."""
        ...

    @property
    def can_be_picked_up(self) -> bool:
        """Nobody has won yet, and somebody waits."""
        ...

    def pick_up(self, leg: Leg) -> bool:
        """Lets an answered leg of another call win; False when it may not."""
        ...


def ringing_group(observer: object) -> RingingGroup | None:
    """Returns the group that a leg's observer is; None: the leg does not ring in one."""
    return observer if isinstance(observer, RingingGroup) else None


class Fork:
    """Owns the ringing legs until one of them wins (``LegObserver``)."""

    __slots__ = (
        "_done",
        "_failures",
        "_loop",
        "_out_at_s",
        "_patience_s",
        "_ringing",
        "_served",
        "_stage",
        "_timer",
        "_watcher",
    )

    def __init__(self, watcher: RingWatcher, served: Leg | None = None) -> None:
        """``served``: whoever waits for the answer."""
        self._watcher = watcher
        self._served = served
        self._ringing: list[Leg] = []
        self._failures: list[Failure] = []
        self._loop = asyncio.get_running_loop()
        self._done: asyncio.Future[RingOutcome] = self._loop.create_future()
        self._stage = SILENCE
        self._patience_s: tuple[float | None, float | None, float] | None = None
        """How long each stage may last; None: nobody waits yet."""
        self._out_at_s = 0.0
        """When the stage that is reached has lasted too long."""
        self._timer: asyncio.TimerHandle | None = None

    def add(self, leg: Leg) -> None:
        """Takes a leg over; one that could not even be sent counts as failed."""
        leg.observer = self
        if leg.has_ended:
            self._failures.append(Failure(503, "Service Unavailable", is_silence=True))
        else:
            self._ringing.append(leg)

    @property
    def served(self) -> Leg | None:
        """Whoever waits for the answer."""
        return self._served

    @property
    def can_be_picked_up(self) -> bool:
        """Nobody has won yet, and somebody waits."""
        return not self._done.done() and (self._served is None or not self._served.has_ended)

    def pick_up(self, leg: Leg) -> bool:
        """Lets an answered leg of another call win; False when ``can_be_picked_up`` is."""
        if not self.can_be_picked_up:
            return False
        self._done.set_result(Answered(leg))
        return True

    async def outcome(
        self,
        *,
        for_s: float,
        first_sign_s: float | None = None,
        progress_s: float | None = None,
    ) -> RingOutcome:
        """Waits for an answer; on every other end, cancellation included, all legs are hung up.

        ``first_sign_s`` bounds complete silence, ``progress_s`` a peer that says 100 and no more.
        """
        if not self._ringing:
            self._settle_when_all_failed()
        self._patience_s = (first_sign_s, progress_s, for_s)
        self._watch_time()
        try:
            return await self._done
        except BaseException:  # nobody will take the winner: the caller left, or time was up
            self._release(keep=None)
            raise
        finally:
            self._stop_watching()
            self._release(keep=self._winner())

    def _reach(self, stage: int) -> None:
        """A target has come so far; the next stage has its own time."""
        if stage > self._stage:
            self._stage = stage
            self._watch_time()

    def _watch_time(self) -> None:
        """One timer at a time, for the stage that is reached; unbounded ones are passed over. A
        timer that rings too early is set again then: most never ring."""
        if self._patience_s is None or self._done.done():
            self._stop_watching()
            return
        while (within_s := self._patience_s[self._stage]) is None:
            self._stage += 1
        self._out_at_s = self._loop.time() + within_s
        if self._timer is None or self._timer.when() > self._out_at_s:
            self._stop_watching()
            self._timer = self._loop.call_at(self._out_at_s, self._run_out)

    def _run_out(self) -> None:
        self._timer = None
        if self._done.done():
            return
        if self._loop.time() < self._out_at_s:
            self._timer = self._loop.call_at(self._out_at_s, self._run_out)
        else:
            self._done.set_result(Unanswered() if self._stage == RINGING else Silent())

    def _stop_watching(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _release(self, *, keep: Leg | None) -> None:
        is_elsewhere = keep is not None or (
            self._served is not None and self._served.ended_for is Reason.COMPLETED_ELSEWHERE
        )
        reason = Reason.COMPLETED_ELSEWHERE if is_elsewhere else Reason.CALLER_CANCELLED
        for leg in self._ringing:
            if leg is not keep:
                leg.observer = None
                leg.hang_up(reason)
        self._ringing.clear()

    def _winner(self) -> Leg | None:
        if self._done.done() and not self._done.cancelled():
            result = self._done.result()
            if isinstance(result, Answered):
                return result.leg
        return None

    def _settle_when_all_failed(self) -> None:
        if not self._ringing and not self._done.done():
            best = max(self._failures, key=_weight, default=Failure(480, "No target"))
            self._done.set_result(Failed(best))

    # -- LegObserver ------------------------------------------------------------------------------

    def leg_trying(self, leg: Leg) -> None:
        self._reach(TRYING)

    def leg_ringing(self, leg: Leg) -> None:
        self._reach(RINGING)
        self._watcher.target_ringing()

    def leg_early_media(self, leg: Leg) -> None:
        self._reach(RINGING)
        self._watcher.target_early_media(leg)

    def leg_answered(self, leg: Leg) -> None:
        self._reach(RINGING)
        if not self._done.done():
            self._done.set_result(Answered(leg))
        elif self._winner() not in (None, leg):
            leg.observer = None
            leg.hang_up(Reason.COMPLETED_ELSEWHERE)

    def leg_failed(self, leg: Leg, failure: Failure) -> None:
        self._reach(RINGING)
        if leg in self._ringing:
            self._ringing.remove(leg)
        self._failures.append(failure)
        is_final = failure.status >= 600 or (leg.may_deflect and bool(failure.redirects))
        if is_final and not self._done.done():
            self._done.set_result(Failed(failure))
        self._settle_when_all_failed()

    def leg_ended(self, leg: Leg) -> None:
        """An answer and a hang-up in one breath: the winner left before anyone could talk."""
        self.leg_failed(leg, Failure(487, "Hung up at once"))

    def leg_hold(self, leg: Leg, held: bool) -> None:
        """Nobody is talking yet."""

    def leg_transfer(self, leg: Leg, request: TransferRequest) -> None:
        request.notifier.finish(603, "Decline")

    def leg_text(self, leg: Leg, text: Text) -> None:
        text.answer(480)


def _weight(failure: Failure) -> tuple[bool, bool, int]:
    """Which failure tells the caller most: 6xx, then busy, then anything that a peer said."""
    return (failure.status >= 600, failure.status == 486, 0 if failure.is_silence else 1)
