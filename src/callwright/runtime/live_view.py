"""Keeps live views true, and writes them for other processes: while they change, and now and then
when they do not."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

import structlog

from callwright.domains.queues.board import Board
from callwright.kernel.clock import Clock
from callwright.kernel.limits.supervision import LIVE_HEARTBEAT_S, LIVE_WRITE_S
from callwright.storage.live_view import LiveViewFile

log = structlog.get_logger("callwright.live")


class Watched(Protocol):
    """``LiveBoard``, as far as it matters here."""

    @property
    def version(self) -> int: ...

    async def boards(self) -> Sequence[Board]: ...

    async def look(self) -> None: ...

    async def wait_past(self, version: int, *, within_s: float) -> bool: ...


class LiveViewWriter:
    """One at a time; no call waits for it."""

    def __init__(self, board: Watched, file: LiveViewFile, clock: Clock) -> None:
        self._board = board
        self._file = file
        self._clock = clock
        self._is_failing = False

    async def run(self) -> None:
        """Until it is cancelled; then nothing is left."""
        looked_s = self._clock.monotonic()
        try:
            while True:
                version = self._board.version
                await self._write()
                await asyncio.sleep(LIVE_WRITE_S)
                await self._board.wait_past(version, within_s=LIVE_HEARTBEAT_S - LIVE_WRITE_S)
                if self._clock.monotonic() - looked_s >= LIVE_HEARTBEAT_S:
                    await self._board.look()
                    looked_s = self._clock.monotonic()
        finally:
            self._file.remove()

    async def _write(self) -> None:
        boards, now = await self._board.boards(), self._clock.utc()
        loop = asyncio.get_running_loop()
        writing = loop.run_in_executor(None, self._file.write, boards, now)
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError:
            await asyncio.wait((writing,))  # what comes late would be left behind
            raise
        except OSError as error:
            if not self._is_failing:  # a full disk is told once, not each second
                log.warning("the live view cannot be written", error=str(error))
            self._is_failing = True
        else:
            self._is_failing = False
