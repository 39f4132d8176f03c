"""The live view for other processes: there while the server runs, and gone with it."""

import asyncio
import threading
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from tests.unit.runtime.test_webhooks import AT, Watch

from callwright.domains.queues.board import Board
from callwright.runtime.live_view import LiveViewWriter
from callwright.storage.live_view import LiveViewFile

WITHIN_S = 10.0


class OneBoard:
    """Never changes."""

    version = 1

    async def boards(self) -> Sequence[Board]:
        return [{"queue": "support"}]

    async def look(self) -> None:
        """Nothing new."""

    async def wait_past(self, version: int, *, within_s: float) -> bool:
        return False


class SlowFile(LiveViewFile):
    """Its disk takes its time."""

    def __init__(self, data: Path) -> None:
        super().__init__(data)
        self.begun, self.may_go_on = threading.Event(), threading.Event()

    def write(self, boards: Sequence[Board], at: datetime) -> None:
        self.begun.set()
        assert self.may_go_on.wait(10)
        super().write(boards, at)


async def stopped(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def test_it_is_written_and_gone_when_the_server_stops_while_it_is_written(tmp_path: Path) -> None:
    async def scene() -> None:
        file = SlowFile(tmp_path)
        writing = asyncio.create_task(LiveViewWriter(OneBoard(), file, Watch()).run())
        assert await asyncio.to_thread(file.begun.wait, WITHIN_S)
        asyncio.get_running_loop().call_soon(file.may_go_on.set)
        await stopped(writing)
        assert file.read(AT) is None

    asyncio.run(scene())
    assert list(tmp_path.iterdir()) == []


class FullDisk(LiveViewFile):
    """Refuses twice."""

    def __init__(self, data: Path) -> None:
        super().__init__(data)
        self.refusals, self.written = 0, threading.Event()

    def write(self, boards: Sequence[Board], at: datetime) -> None:
        if self.refusals < 2:
            self.refusals += 1
            raise OSError("No space left on device")
        super().write(boards, at)
        self.written.set()


def test_a_disk_that_refuses_is_told_once_and_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callwright.runtime.live_view.LIVE_WRITE_S", 0.001)

    async def scene() -> None:
        file = FullDisk(tmp_path)
        writing = asyncio.create_task(LiveViewWriter(OneBoard(), file, Watch()).run())
        assert await asyncio.to_thread(file.written.wait, WITHIN_S)
        assert file.read(AT) == ({"queue": "support"},)
        await stopped(writing)

    with capture_logs() as logs:
        asyncio.run(scene())
    assert [entry["event"] for entry in logs] == ["the live view cannot be written"]
