"""What agents do besides answering: opt in and out, pause, wrap up. Durable before it is told."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from callwright.apps.call_queue.floor import Floor
from callwright.domains.queues.absence import Absence
from callwright.domains.queues.agency import (
    Objection,
    objection_to_opting,
    objection_to_opting_out,
    objection_to_pause,
)
from callwright.kernel.ids import CallQueueId, UserId


class AbsenceStore(Protocol):
    """Keeps what agents chose over a restart."""

    async def begin(self, absence: Absence) -> None:
        """Is durable when this returns. Raises OSError."""
        ...

    async def end(self, user: UserId, queue: CallQueueId | None) -> None:
        """Is durable when this returns. Raises OSError."""
        ...


NOT_STORED = Objection(
    "not-stored", "what the agent chose could not be stored", "try again in a while"
)
NO_WRAP_UP = Objection("no-wrap-up", "the agent does not wrap up", "it is over already")


class AgentActs:
    """Each act returns why it may not be done; None: it is done, and stored."""

    def __init__(
        self, floor: Floor, store: AbsenceStore, reasons: Callable[[], Sequence[str]]
    ) -> None:
        """``reasons``: what may be said of a pause now; empty: anything."""
        self._floor = floor
        self._store = store
        self._reasons = reasons

    @property
    def floor(self) -> Floor:
        """Where to look at what the agents do."""
        return self._floor

    async def opt_out(self, user: UserId, queue: CallQueueId) -> Objection | None:
        objection = objection_to_opting_out(self._floor.queue(queue), user)
        return objection or await self._begin(Absence(user, queue, self._floor.clock.utc()))

    async def opt_in(self, user: UserId, queue: CallQueueId) -> Objection | None:
        objection = objection_to_opting(self._floor.queue(queue), user)
        return objection or await self._end(user, queue)

    async def opt_in_everywhere(self, user: UserId) -> Objection | None:
        """Into every queue of the agent."""
        return await self._everywhere(user, self.opt_in)

    async def opt_out_everywhere(self, user: UserId) -> Objection | None:
        """Out of every queue that allows it; an objection if none does."""
        return await self._everywhere(user, self.opt_out)

    async def _everywhere(
        self,
        user: UserId,
        act: Callable[[UserId, CallQueueId], Awaitable[Objection | None]],
    ) -> Objection | None:
        objections = [await act(user, queue) for queue in self._floor.queues_of(user)]
        if not objections:
            return objection_to_opting(None, user)
        if NOT_STORED in objections:
            return NOT_STORED
        return None if None in objections else objections[0]

    async def pause(self, user: UserId, reason: str | None) -> Objection | None:
        objection = self._objection_to_agent(user) or objection_to_pause(self._reasons(), reason)
        return objection or await self._begin(Absence(user, None, self._floor.clock.utc(), reason))

    async def resume(self, user: UserId) -> Objection | None:
        """Who does not pause goes on all the same. Ends wrap-up, too: the agent is back."""
        objection = self._objection_to_agent(user) or await self._end(user, None)
        if objection is None:
            self._floor.desk.end_wrap_up(user)
        return objection

    def extend_wrap_up(self, user: UserId, by_s: float) -> Objection | None:
        return None if self._floor.desk.extend_wrap_up(user, by_s) else NO_WRAP_UP

    def end_wrap_up(self, user: UserId) -> Objection | None:
        return None if self._floor.desk.end_wrap_up(user) else NO_WRAP_UP

    async def _begin(self, absence: Absence) -> Objection | None:
        try:
            await self._store.begin(absence)
        except OSError:
            return NOT_STORED
        self._floor.desk.begin(absence)
        return None

    async def _end(self, user: UserId, queue: CallQueueId | None) -> Objection | None:
        try:
            await self._store.end(user, queue)
        except OSError:
            return NOT_STORED
        self._floor.desk.end(user, queue)
        return None

    def _objection_to_agent(self, user: UserId) -> Objection | None:
        return None if self._floor.queues_of(user) else objection_to_opting(None, user)
