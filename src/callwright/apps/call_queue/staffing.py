"""Which queues there are now, and who their agents are."""

from collections.abc import Callable, Mapping

from callwright.domains.queues.model import CallQueue
from callwright.kernel.decision import Step
from callwright.kernel.ids import CallQueueId, UserId

Staff = Callable[[CallQueue], tuple[CallQueue, tuple[Step, ...]]]
"""Leaves out agents who may not take calls now, and says why."""


class Staffing:
    """Follows the configuration; every answer is as of the last look at an agent's licence."""

    def __init__(self, staff: Staff) -> None:
        self._staff = staff
        self._written: Mapping[CallQueueId, CallQueue] = {}
        self._queues: dict[CallQueueId, CallQueue] = {}
        self._order: dict[CallQueueId, int] = {}
        self._queues_of: dict[UserId, tuple[CallQueueId, ...]] = {}

    def follow(self, queues: Mapping[CallQueueId, CallQueue]) -> None:
        self._written = queues
        self._queues = {queue: self._staff(written)[0] for queue, written in queues.items()}
        self._order = {queue: place for place, queue in enumerate(queues)}
        self._index_agents()

    def staffed(self, queue: CallQueueId) -> tuple[CallQueue, tuple[Step, ...]] | None:
        """Returns the queue as of now, since a licence may have ended, and why agents are left
        out; None: it is not configured."""
        written = self._written.get(queue)
        if written is None:
            return None
        staffed, steps = self._staff(written)
        if staffed is not self._queues[queue] and staffed != self._queues[queue]:
            self._queues[queue] = staffed
            self._index_agents()
        return staffed, steps

    @property
    def queues(self) -> Mapping[CallQueueId, CallQueue]:
        return self._queues

    def queues_of(self, user: UserId) -> tuple[CallQueueId, ...]:
        """The queues that the user is an agent of, in the file's order."""
        return self._queues_of.get(user, ())

    def agents(self, queue: CallQueueId) -> tuple[UserId, ...]:
        known = self._queues.get(queue)
        return () if known is None else known.agents

    @property
    def everybody(self) -> tuple[UserId, ...]:
        """All agents, in the order of the queues and within them."""
        return tuple(self._queues_of)

    def place(self, queue: CallQueueId) -> int:
        """Where the queue stands in the file; one that is gone is behind all."""
        return self._order.get(queue, len(self._order))

    def _index_agents(self) -> None:
        queues_of: dict[UserId, list[CallQueueId]] = {}
        for queue in self._queues.values():
            for agent in queue.agents:
                queues_of.setdefault(agent, []).append(queue.id)
        self._queues_of = {agent: tuple(queues) for agent, queues in queues_of.items()}
