"""The timers of RFC 3261 §17, and the queue in which finished transactions wait for their end."""

from collections import deque
from collections.abc import Callable
from typing import Protocol

from callwright.kernel.clock import Clock, Timer

T1_S = 0.5
"""Round trip estimate (RFC 3261 §17.1.1.1)."""
T2_S = 4.0
"""Longest interval between retransmissions, except those of an INVITE request."""
T4_S = 5.0
"""Longest life of a message in the network: timers I and K over UDP."""
GIVE_UP_S = 64 * T1_S
"""Timers B, F, H, J, L and M; D is at least 32 s, which is the same."""

CLOCK_GRAIN_S = 1e-6
"""What is due sooner than so is due now."""
EXPIRY_GRAIN_S = 0.25
"""How much longer than asked an entry may linger, so that one timer serves many of them."""


class Expiring(Protocol):
    """Something that is forgotten, or gives up, when its time is over."""

    def expire(self, state: int) -> None:
        """Acts if ``state`` is still the state it is in; otherwise the deadline is history."""
        ...


class ExpiryQueue:
    """Deadlines of one fixed delay: a queue in order, with one clock timer for all of them.

    Each transaction over UDP lingers for 5 or 32 seconds; a timer of its own for each would be the
    dearest part of a short call.
    """

    __slots__ = ("_clock", "_delay_s", "_entries", "_is_armed")

    def __init__(self, clock: Clock, delay_s: float) -> None:
        self._clock = clock
        self._delay_s = delay_s
        self._entries: deque[tuple[float, Expiring, int]] = deque()
        self._is_armed = False

    def add(self, item: Expiring, state: int) -> None:
        """Calls ``item.expire(state)`` after the delay of this queue."""
        self._entries.append((self._clock.monotonic() + self._delay_s, item, state))
        if not self._is_armed:
            self._is_armed = True
            self._clock.call_later(self._delay_s, self._run)

    def _run(self) -> None:
        entries = self._entries
        now_s = self._clock.monotonic()
        try:
            while entries and entries[0][0] <= now_s:
                _, item, state = entries.popleft()
                item.expire(state)
        finally:  # a defect of one listener must not stop the clock of all others
            self._is_armed = bool(entries)
            if entries:
                wait_s = max(entries[0][0] - now_s, EXPIRY_GRAIN_S)
                self._clock.call_later(wait_s, self._run)

    def __len__(self) -> int:
        return len(self._entries)


class FirstShots:
    """First retransmissions, which come T1 after the message that they repeat: nearly all are
    called off before. One clock timer serves all, and goes off a few times in a second."""

    __slots__ = ("_entries", "_is_armed", "clock")

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._entries: deque[tuple[float, Backoff]] = deque()
        self._is_armed = False

    def add(self, backoff: "Backoff") -> None:
        """Calls ``backoff.fire()`` after T1, unless it is stopped by then."""
        self._entries.append((self.clock.monotonic() + T1_S, backoff))
        if not self._is_armed:
            self._is_armed = True
            self.clock.call_later(T1_S, self._run)

    def _run(self) -> None:
        entries = self._entries
        now_s = self.clock.monotonic()
        due_s = now_s + CLOCK_GRAIN_S
        try:
            while entries and (entries[0][1].is_stopped or entries[0][0] <= due_s):
                _, backoff = entries.popleft()
                if not backoff.is_stopped:
                    backoff.fire()
        finally:  # a defect of one sender must not stop the clock of all others
            self._is_armed = bool(entries)
            if entries:
                self.clock.call_later(max(entries[0][0] - now_s, CLOCK_GRAIN_S), self._run)


class Backoff:
    """Retransmission at T1, 2 T1, 4 T1, … and the moment to give up: timers A/B, E/F, G/H.

    Also the retransmission of a 2xx by the user agent core (RFC 3261 §13.3.1.4).
    """

    __slots__ = (
        "_clock",
        "_elapsed_s",
        "_give_up",
        "_interval_s",
        "_longest_s",
        "_send",
        "_timer",
        "is_stopped",
    )

    def __init__(
        self,
        first_shots: FirstShots,
        *,
        send: Callable[[], None],
        give_up: Callable[[], None],
        longest_s: float = T2_S,
    ) -> None:
        """``longest_s`` bounds the interval; an INVITE request doubles without a bound."""
        self._clock = first_shots.clock
        self._send = send
        self._give_up = give_up
        self._longest_s = longest_s
        self._interval_s = T1_S
        self._elapsed_s = T1_S
        self._timer: Timer | None = None
        self.is_stopped = False
        first_shots.add(self)

    def slow_down(self) -> None:
        """From now on every T2: a provisional response came (RFC 3261 §17.1.2.2)."""
        self._interval_s = T2_S

    def stop(self) -> None:
        self.is_stopped = True
        self._send = self._give_up = _nothing  # what they belong to may go
        if self._timer is not None:
            self._timer.cancel()

    def fire(self) -> None:
        if self._elapsed_s >= GIVE_UP_S:
            self._give_up()
            return
        self._interval_s = min(2 * self._interval_s, self._longest_s)
        wait_s = min(self._interval_s, GIVE_UP_S - self._elapsed_s)
        self._elapsed_s += wait_s
        self._timer = self._clock.call_later(wait_s, self.fire)
        self._send()


def _nothing() -> None:
    pass
