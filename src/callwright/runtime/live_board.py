"""What queues look like now, for whoever watches: boards, and that they changed.

The floor tells of its own changes after the call that made them went on. What it is not told of, an
agent who talks to a friend, is found by looking (``look``), a few queues at a time.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from callwright.apps.call_queue.floor import Floor
from callwright.domains.queues.board import Board, TooManyFollowers, board_of
from callwright.kernel.ids import CallQueueId
from callwright.kernel.limits.supervision import LIVE_FOLLOWERS_MAX, LIVE_QUEUES_AT_ONCE
from callwright.runtime.supervising import SupervisionDesk


class LiveBoard:
    """Implements ``api.tenant.QueueBoards``."""

    def __init__(self, floor: Floor, supervising: SupervisionDesk) -> None:
        self._floor = floor
        self._supervising = supervising
        self._boards: dict[CallQueueId, Board] = {}
        """Of queues that were looked at, less those that changed since."""
        self._changed = asyncio.Event()
        self._followers = 0
        self.version = 0
        """Grows with each change of any queue."""
        floor.on_change(self._queue_changed)
        supervising.on_change(self._supervision_changed)

    def boards(self) -> tuple[Board, ...]:
        """In the order of the file; made anew where something changed."""
        queues = self._floor.queues
        for gone in self._boards.keys() - queues.keys():
            del self._boards[gone]
        return tuple(board for queue in queues if (board := self._board(queue)) is not None)

    async def look(self) -> None:
        """Looks at all queues again, while everything else goes on."""
        for number, queue in enumerate(tuple(self._floor.queues), start=1):
            former = self._boards.pop(queue, None)
            if self._board(queue) != former:
                self._tell()
            if number % LIVE_QUEUES_AT_ONCE == 0:
                await asyncio.sleep(0)

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

    def _board(self, queue: CallQueueId) -> Board | None:
        board = self._boards.get(queue)
        view = None if board is not None else self._floor.view(queue)
        if view is not None:
            board = self._boards[queue] = board_of(view, self._supervising.running())
        return board

    def _queue_changed(self, queue: CallQueueId) -> None:
        self._boards.pop(queue, None)
        self._tell()

    def _supervision_changed(self) -> None:
        self._boards.clear()
        self._tell()

    def _tell(self) -> None:
        self.version += 1
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
