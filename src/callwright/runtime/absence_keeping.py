"""Brings a running node what agents chose by way of another process: a command on the data."""

import asyncio
from collections.abc import Callable

import structlog

from callwright.apps.call_queue.agent_desk import AgentDesk
from callwright.kernel.limits.agents import ABSENCES_POLL_S
from callwright.storage.database import DatabaseError
from callwright.storage.queue_agents import StoredAbsences

log = structlog.get_logger("callwright.queues")


class AbsenceKeeping:
    def __init__(
        self, desk: AgentDesk, stored: StoredAbsences, has_news: Callable[[], bool]
    ) -> None:
        """``has_news()``: whether anything was stored since it was asked last."""
        self._desk = desk
        self._stored = stored
        self._has_news = has_news
        self._is_in_trouble = False

    async def look(self) -> None:
        """Raises DatabaseError."""
        if not self._has_news():
            return
        while True:
            edition = self._desk.edition
            absences = await asyncio.to_thread(self._stored.all)
            if edition == self._desk.edition:  # else somebody chose while we read
                self._desk.restore(absences)
                return

    async def run(self) -> None:
        while True:
            await asyncio.sleep(ABSENCES_POLL_S)
            try:
                await self.look()
            except DatabaseError as error:
                if not self._is_in_trouble:
                    log.error("what agents chose cannot be read", because=str(error))
                self._is_in_trouble = True
            else:
                self._is_in_trouble = False
