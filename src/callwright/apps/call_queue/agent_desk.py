"""Owner of what agents chose and of their wrap-up; everything else of an agent is derived."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from callwright.domains.queues.absence import Absence
from callwright.domains.queues.model import CallQueue
from callwright.kernel.clock import Clock, Timer
from callwright.kernel.ids import CallQueueId, UserId
from callwright.kernel.limits.agents import WRAP_UP_LEFT_S_MAX
from callwright.kernel.value import value


@dataclass(frozen=True, slots=True)
class WrapUp:
    """Work after a queue's call. Belongs to the agent: no queue rings before it is over."""

    queue: CallQueueId
    began_s: float
    ends_s: float
    """Both on the monotonic clock."""


@value
class Serving:
    """The caller whom an agent got last."""

    queue: CallQueueId
    began_s: float
    """On the monotonic clock."""
    wrap_up_s: int
    """Will follow."""


class AgentDesk:
    def __init__(self, clock: Clock, changed: Callable[[UserId], None]) -> None:
        """``changed``: an agent may have become free, or is no longer."""
        self._clock = clock
        self._changed = changed
        self._absences: dict[tuple[UserId, CallQueueId | None], Absence] = {}
        self._serving: dict[UserId, Serving] = {}
        """Agents who talk to a queue's caller, until they talk to nobody."""
        self._wrap_ups: dict[UserId, tuple[WrapUp, Timer]] = {}
        self._edition = 0
        self._listeners: list[Callable[[UserId], None]] = []
        self._back_s: dict[UserId, float] = {}
        """When an agent came back from an absence or wrap-up, or last let a caller ring."""
        self._rests_until_s: dict[UserId, float] = {}

    # -- what agents chose -----------------------------------------------------------------------

    @property
    def edition(self) -> int:
        """Another one after each change."""
        return self._edition

    def restore(self, absences: Iterable[Absence]) -> None:
        """Takes what is stored for all there is; who was away and is no longer comes back."""
        stored = {(absence.user, absence.queue): absence for absence in absences}
        for user, queue in self._absences.keys() - stored.keys():
            self.end(user, queue)
        for key in stored.keys() - self._absences.keys():
            self.begin(stored[key])
        self._absences = stored

    def begin(self, absence: Absence) -> None:
        """Opts an agent out, or lets one pause; replaces the reason of a pause that is on."""
        key = (absence.user, absence.queue)
        known = self._absences.get(key)
        since = absence.since if known is None else known.since
        self._absences[key] = replace(absence, since=since)
        self._tell_choice(absence.user)

    def end(self, user: UserId, queue: CallQueueId | None) -> bool:
        """Opts the agent in, or ends the pause; False: there was nothing to end."""
        if self._absences.pop((user, queue), None) is None:
            return False
        self._back_s[user] = self._clock.monotonic()
        self._tell_choice(user)
        return True

    def on_choice(self, listener: Callable[[UserId], None]) -> None:
        """Tells the listener of everybody who chose something, at once."""
        self._listeners.append(listener)

    def _tell_choice(self, user: UserId) -> None:
        self._edition += 1
        self._changed(user)
        for listener in self._listeners:
            listener(user)

    def opt_out_of(self, user: UserId, queue: CallQueueId) -> Absence | None:
        return self._absences.get((user, queue))

    def is_opted_in(self, user: UserId, queue: CallQueue) -> bool:
        """Row 132: a queue that lets nobody opt out has everybody in."""
        return not queue.allow_opt_out or (user, queue.id) not in self._absences

    def opted_out_count(self, queue: CallQueue) -> int:
        """How many of its agents are not ``is_opted_in``; where nobody is absent none is asked."""
        if not queue.allow_opt_out or not self._absences:
            return 0
        return sum((user, queue.id) in self._absences for user in queue.agents)

    def pause_of(self, user: UserId) -> Absence | None:
        return self._absences.get((user, None))

    def absences(self) -> tuple[Absence, ...]:
        return tuple(self._absences.values())

    def pass_over(self, user: UserId) -> None:
        """The agent let a caller ring, or refused: those who did not go first now."""
        self._back_s[user] = self._clock.monotonic()

    def let_rest(self, user: UserId, for_s: float) -> None:
        """The agent refused: no caller of any queue asks before that."""
        until_s = self._clock.monotonic() + for_s
        self._rests_until_s[user] = max(until_s, self._rests_until_s.get(user, 0.0))

    def is_away(self, user: UserId) -> bool:
        """Whether no queue may ring the agent now, whatever the phones do."""
        is_busy = (user, None) in self._absences or user in self._wrap_ups
        return is_busy or self.is_resting(user)

    def is_resting(self, user: UserId) -> bool:
        until_s = self._rests_until_s.get(user)  # of few: the others cost no look at the clock
        return until_s is not None and until_s > self._clock.monotonic()

    def back_since(self, user: UserId) -> float:
        """Monotonic: since when the agent stands by; 0.0 for who always did."""
        back_s = self._back_s.get(user, 0.0)
        rested_s = self._rests_until_s.get(user)
        if rested_s is None or rested_s > self._clock.monotonic():
            return back_s
        return max(back_s, rested_s)  # else a caller seems to have waited beside a free agent

    # -- wrap-up -----------------------------------------------------------------------------------

    def serves(self, user: UserId, queue: CallQueueId, wrap_up_s: int) -> None:
        """The agent talks to a caller of the queue from now on."""
        self._serving[user] = Serving(queue, self._clock.monotonic(), wrap_up_s)

    def serving(self, user: UserId) -> Serving | None:
        return self._serving.get(user)

    def served_queue(self, user: UserId) -> CallQueueId | None:
        serving = self._serving.get(user)
        return None if serving is None else serving.queue

    def became_idle(self, user: UserId) -> None:
        """The agent's last talk ended: wrap-up begins, if one with a queue's caller was among
        them. Whatever rings meanwhile, for somebody else or in vain, is no talk."""
        serving = self._serving.pop(user, None)
        if serving is not None and serving.wrap_up_s > 0:
            now = self._clock.monotonic()
            self._set_wrap_up(user, WrapUp(serving.queue, now, now + serving.wrap_up_s))

    def served_nobody(self, user: UserId) -> None:
        """The talk did not come about, and no wrap-up follows it."""
        self._serving.pop(user, None)
        self.end_wrap_up(user)

    def wrap_up_of(self, user: UserId) -> WrapUp | None:
        running = self._wrap_ups.get(user)
        return None if running is None else running[0]

    def extend_wrap_up(self, user: UserId, by_s: float) -> bool:
        """Gives the agent more time, an hour from now at most; False without wrap-up."""
        running = self._wrap_ups.get(user)
        if running is None:
            return False
        wrap_up, _ = running
        latest = self._clock.monotonic() + WRAP_UP_LEFT_S_MAX
        self._set_wrap_up(user, replace(wrap_up, ends_s=min(wrap_up.ends_s + by_s, latest)))
        self._changed(user)
        return True

    def end_wrap_up(self, user: UserId) -> bool:
        """Makes the agent available again; False without wrap-up."""
        running = self._wrap_ups.pop(user, None)
        if running is None:
            return False
        running[1].cancel()
        self._back_s[user] = self._clock.monotonic()
        self._changed(user)
        return True

    def _set_wrap_up(self, user: UserId, wrap_up: WrapUp) -> None:
        if user in self._wrap_ups:
            self._wrap_ups[user][1].cancel()
        left_s = max(0.0, wrap_up.ends_s - self._clock.monotonic())
        timer = self._clock.call_later(left_s, lambda: self._run_out(user))
        self._wrap_ups[user] = (wrap_up, timer)

    def _run_out(self, user: UserId) -> None:
        self.end_wrap_up(user)
