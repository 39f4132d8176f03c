"""Who of a queue's agents could ring now, as of one look over the floor."""

from collections.abc import Callable, Container, Iterable, Iterator
from itertools import islice

from callwright.domains.queues.model import CallQueue
from callwright.domains.queues.rules import AgentState, in_turn, lacks_skill, takes_turns
from callwright.kernel.ids import UserId

State = Callable[[CallQueue, UserId], AgentState | None]
"""What is known of an agent who could ring now; None: cannot."""


class FreeAgents:
    """One for all callers of the queue: who waits costs little, however many agents. Each agent is
    looked at once, and only if somebody needs to know."""

    def __init__(self, queue: CallQueue, users: Iterable[UserId], state: State) -> None:
        """``users``: of whom nothing is known yet that keeps them from ringing."""
        self._queue = queue
        self._state = state
        self._known: dict[UserId, AgentState | None] = {}
        self._relax_s = queue.skills_relax_s if queue.skills else None
        self._all = dict.fromkeys(users)
        self._skilled = self._all
        if queue.skills:
            skilled = (user for user in self._all if lacks_skill(queue, user, 0.0) is None)
            self._skilled = dict.fromkeys(skilled)

    def are_taken(self, taken: Container[UserId]) -> bool:
        """Whether nobody is left for any caller."""
        most = self._skilled if self._relax_s is None else self._all
        return next(self._free(most, taken), None) is None

    def suited(
        self,
        caller: UserId | None,
        waited_s: float,
        taken: Container[UserId],
        cursor: UserId | None,
    ) -> list[AgentState]:
        """Who may ring for a caller who waited so long, in the queue's order; of a queue where one
        rings at a time the one whose turn it is."""
        is_relaxed = self._relax_s is not None and waited_s >= self._relax_s
        pool = self._all if is_relaxed else self._skilled
        if not takes_turns(self._queue.routing):
            return [state for state in self._free(pool, taken) if state.user != caller]
        order = (user for user in in_turn(cursor, self._queue.agents) if user in pool)
        others = (state for state in self._free(order, taken) if state.user != caller)
        return list(islice(others, 1))

    def _free(self, users: Iterable[UserId], taken: Container[UserId]) -> Iterator[AgentState]:
        known = self._known
        for user in users:
            if user in taken:
                continue
            if user not in known:
                known[user] = self._state(self._queue, user)
            state = known[user]
            if state is not None:
                yield state
