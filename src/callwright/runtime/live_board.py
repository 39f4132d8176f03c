"""What queues look like now, for whoever watches: boards, and that they changed.

The floor tells of changes after the call that made them went on; views are made when somebody asks.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from callwright.apps.call_queue.floor import Floor
from callwright.domains.queues.board import Board, TooManyFollowers, board_of
from callwright.kernel.supervision_limits import LIVE_FOLLOWERS_MAX
from callwright.runtime.supervising import SupervisionDesk


class LiveBoard:
    """Implements ``api.tenant.QueueBoards``."""

    def __init__(self, floor: Floor, supervising: SupervisionDesk) -> None:
        self._floor = floor
        self._supervising = supervising
        self._changed = asyncio.Event()
        self._followers = 0
        self.version = 0
        """Grows with each change of any queue."""
        floor.on_change(lambda _queue: self._note())
        supervising.on_change(self._note)

    def boards(self) -> tuple[Board, ...]:
        found = map(self._floor.view, self._floor.queues)
        states = self._supervising.running()
        return tuple(board_of(view, states) for view in found if view is not None)

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

    def _note(self) -> None:
        self.version += 1
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
