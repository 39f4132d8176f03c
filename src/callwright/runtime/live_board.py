"""What queues look like now, for whoever watches: boards, and that they changed.

The floor tells of its own changes after the call that made them went on. What it is not told of, an
agent who talks to a friend, is found by looking (``look``). However many queues there are, a few
are looked at before anything else gets its turn.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol

from callwright.apps.call_queue.floor import Floor
from callwright.domains.queues.board import Board, TooManyFollowers, board_of
from callwright.domains.queues.supervision import SupervisionState
from callwright.kernel.ids import CallQueueId
from callwright.kernel.limits.supervision import LIVE_FOLLOWERS_MAX, LIVE_QUEUES_AT_ONCE


class Supervised(Protocol):
    """``SupervisionDesk``, as far as it matters here."""

    def running(self) -> tuple[SupervisionState, ...]: ...

    def on_change(self, listener: Callable[[], None]) -> None: ...


class LiveBoard:
    """Implements ``api.tenant.QueueBoards``."""

    def __init__(self, floor: Floor, supervising: Supervised) -> None:
        self._floor = floor
        self._supervising = supervising
        self._boards: dict[CallQueueId, Board] = {}
        """As the queues were when they were last looked at."""
        self._outdated: set[CallQueueId] = set()
        """Those that changed since."""
        self._changed = asyncio.Event()
        self._followers = 0
        self.version = 0
        """Grows with each change of any queue."""
        floor.on_change(self._tell, self._outdated)
        supervising.on_change(self._supervision_changed)

    async def boards(self) -> tuple[Board, ...]:
        """In the order of the file; made anew where something changed."""
        known, outdated = self._boards, self._outdated
        await self._renew([q for q in self._floor.queues if q not in known or q in outdated])
        return self.known()

    def known(self) -> tuple[Board, ...]:
        """As they were when somebody looked last: a moment ago, where a server runs."""
        boards = (self._boards.get(queue) for queue in self._floor.queues)
        return tuple(board for board in boards if board is not None)

    async def look(self) -> None:
        """Looks at all queues again."""
        if await self._renew(tuple(self._floor.queues)):
            self._tell()

    @contextmanager
    def joined(self) -> Iterator[None]:
        """As long as somebody follows. Raises TooManyFollowers."""
        if self._followers >= LIVE_FOLLOWERS_MAX:
            raise TooManyFollowers
        self._followers += 1
        try:
            yield
        finally:
            self._followers -= 1

    async def wait_past(self, version: int, *, within_s: float) -> bool:
        """True when something changed since; False after ``within_s``."""
        try:
            async with asyncio.timeout(within_s):
                while self.version <= version:
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True

    async def _renew(self, queues: Iterable[CallQueueId]) -> bool:
        """Looks at these, while everything else goes on; True: one of them looks different."""
        has_changed = False
        for number, queue in enumerate(queues, start=1):
            self._outdated.discard(queue)
            view = self._floor.view(queue)
            if view is not None:
                board = board_of(view, self._supervising.running())
                has_changed = has_changed or board != self._boards.get(queue)
                self._boards[queue] = board
            if number % LIVE_QUEUES_AT_ONCE == 0:
                await asyncio.sleep(0)
        for gone in self._boards.keys() - self._floor.queues.keys():
            del self._boards[gone]
        return has_changed

    def _supervision_changed(self) -> None:
        self._outdated.update(self._boards)
        self._tell()

    def _tell(self) -> None:
        self.version += 1
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
