"""Who of a queue's agents could ring now, as of one look over the floor."""

from collections.abc import Container, Iterable

from callwright.domains.queues.model import CallQueue
from callwright.domains.queues.rules import AgentState, is_available, lacks_skill
from callwright.kernel.ids import UserId


class FreeAgents:
    """Found once for all callers of the queue: who waits costs little, however many agents."""

    def __init__(self, queue: CallQueue, states: Iterable[AgentState]) -> None:
        self._relax_s = queue.skills_relax_s if queue.skills else None
        self._all = [state for state in states if is_available(queue, state)]
        self._skilled = [s for s in self._all if lacks_skill(queue, s.user, 0.0) is None]

    def are_taken(self, taken: Container[UserId]) -> bool:
        """Whether nobody is left for any caller."""
        most = self._skilled if self._relax_s is None else self._all
        return all(state.user in taken for state in most)

    def suited(
        self, caller: UserId | None, waited_s: float, taken: Container[UserId]
    ) -> list[AgentState]:
        """Who may ring for a caller who waited so long, in the queue's order."""
        is_relaxed = self._relax_s is not None and waited_s >= self._relax_s
        pool = self._all if is_relaxed else self._skilled
        return [s for s in pool if s.user not in taken and s.user != caller]
