"""New events for those who wait: one look at the database for all listeners of an organisation."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager

from callwright.kernel.limits.api import EVENTS_LISTENERS_MAX, EVENTS_POLL_S
from callwright.storage.events import Events
from callwright.storage.faults import DatabaseError

Spawn = Callable[[Coroutine[object, object, None], str], object]


class TooManyListeners(Exception):
    """As many listen as may."""


class EventFeed:
    """Tells that there is something new, not what: each listener reads on from its own cursor, so
    that a slow one costs nobody anything. Looks while somebody listens, and notices what other
    processes wrote, too."""

    def __init__(self, events: Events, spawn: Spawn) -> None:
        self._events = events
        self._spawn = spawn
        self._listeners = 0
        self._newest = 0
        self._changed = asyncio.Condition()
        self._is_looking = False

    @property
    def is_full(self) -> bool:
        return self._listeners >= EVENTS_LISTENERS_MAX

    @contextmanager
    def joined(self) -> Iterator[None]:
        """As long as somebody is, the database is looked at. Raises TooManyListeners."""
        if self.is_full:
            raise TooManyListeners
        self._listeners += 1
        if not self._is_looking:
            self._is_looking = True
            self._spawn(self._look(), "events")
        try:
            yield
        finally:
            self._listeners -= 1

    async def wait_past(self, cursor: int, *, within_s: float) -> bool:
        """True when there is an event after ``cursor``; False after ``within_s``."""
        try:
            async with asyncio.timeout(within_s), self._changed:
                await self._changed.wait_for(lambda: self._newest > cursor)
        except TimeoutError:
            return False
        return True

    async def _look(self) -> None:
        try:
            while self._listeners:
                newest = await self._read()
                if newest != self._newest:
                    async with self._changed:
                        self._newest = newest
                        self._changed.notify_all()
                await asyncio.sleep(EVENTS_POLL_S)
        finally:
            self._is_looking = False

    async def _read(self) -> int:
        """Trouble of the database passes, or is told by everything else."""
        try:
            return await asyncio.to_thread(self._events.newest)
        except DatabaseError:
            return self._newest
