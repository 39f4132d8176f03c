"""Phones, their calls and the time, as simple as a floor can have them (`queue_world`)."""

import heapq
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from callwright.apps.call_queue.roster import Engagement
from callwright.calls.absent_leg import AbsentLeg
from callwright.calls.leg import LegState, Party
from callwright.kernel.clock import Timer
from callwright.kernel.ids import UserId

AGENTS = tuple(UserId(name) for name in "abcdefgh")
STARTED_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(slots=True, order=True)
class SetTimer:
    at_s: float
    number: int
    callback: Callable[[], None] | None = field(compare=False)

    def cancel(self) -> None:
        self.callback = None


class SteppedClock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self._now_s = 0.0
        self._timers: list[SetTimer] = []
        self._numbers = count()

    def monotonic(self) -> float:
        return self._now_s

    def utc(self) -> datetime:
        return STARTED_AT + timedelta(seconds=self._now_s)

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Timer:
        timer = SetTimer(self._now_s + delay_s, next(self._numbers), callback)
        heapq.heappush(self._timers, timer)
        return timer

    def due(self, until_s: float) -> Iterator[Callable[[], None]]:
        """Yields what is due until then, at its time; then it is ``until_s``."""
        while self._timers and self._timers[0].at_s <= until_s:
            timer = heapq.heappop(self._timers)
            self._now_s = max(self._now_s, timer.at_s)
            if timer.callback is not None:
                yield timer.callback
        self._now_s = until_s


class PhoneLeg(AbsentLeg):
    """An agent's phone in one call, where nobody hears anything."""

    def __init__(self, user: UserId) -> None:
        super().__init__(Party(user, user=user))
        self.state = LegState.RINGING


class Phones:
    """Who is reachable and who is in which call (``Roster``)."""

    def __init__(self, clock: SteppedClock) -> None:
        self._clock = clock
        self.up = set(AGENTS)
        self.legs: dict[UserId, dict[PhoneLeg, None]] = {agent: {} for agent in AGENTS}
        self.ended_s = dict.fromkeys(AGENTS, 0.0)
        self.became_idle: Callable[[UserId], None] = lambda user: None

    def has_phone(self, user: UserId) -> bool:
        return user in self.up

    def is_engaged(self, user: UserId) -> bool:
        return bool(self.legs[user])

    def engaged(self) -> Container[UserId]:
        return {user for user, legs in self.legs.items() if legs}

    def idle_since(self, user: UserId) -> float:
        return self.ended_s[user]

    def engagement(self, user: UserId) -> Engagement | None:
        return None

    def talks(self, user: UserId) -> list[PhoneLeg]:
        return [leg for leg in self.legs[user] if leg.is_answered]

    def rings(self, user: UserId) -> list[PhoneLeg]:
        return [leg for leg in self.legs[user] if leg.state is LegState.RINGING]

    def add(self, leg: PhoneLeg) -> None:
        assert leg.party.user is not None
        self.legs[leg.party.user][leg] = None

    def remove(self, leg: PhoneLeg) -> None:
        user = leg.party.user
        assert user is not None
        if leg in self.legs[user]:
            del self.legs[user][leg]
            if leg.was_answered:
                self.ended_s[user] = self._clock.monotonic()
            is_done = leg.was_answered and not self.talks(user)
            if is_done or not self.legs[user]:
                self.became_idle(user)
