"""Live views of queues on real sockets: all as it is, then what changes, over SSE and WebSocket."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets
from tests.unit.api.api_client import Api, Boards, Running, make_demo_app
from tests.unit.api.test_live_queues import BOARDS, view

from callwright.domains.queues.board import board_of
from callwright.kernel.addresses import HostPort
from callwright.runtime.http import HttpListener

SIGNED_IN = {"Authorization": "Bearer all"}
WITHIN_S = 20


@pytest.mark.row(266)
def test_a_stream_and_a_socket_tell_each_queue_and_then_what_changed(tmp_path: Path) -> None:
    async def scene(address: HostPort, boards: Boards) -> None:
        place = f"{address}/api/v1/live/call-queues"
        async with (
            httpx.AsyncClient(headers=SIGNED_IN, timeout=WITHIN_S) as client,
            client.stream("GET", f"http://{place}/stream") as response,
            websockets.connect(
                f"ws://{place}/socket?queue=support", additional_headers=SIGNED_IN
            ) as socket,
        ):
            lines = response.aiter_lines()
            seen = [await next_board(lines), await next_board(lines)]
            assert [board["queue"] for board in seen] == ["support", "sales"]
            event = json.loads(await socket.recv())
            assert (event["kind"], event["data"]["waiting_count"]) == ("queue.live", 2)

            boards.show(board_of(view("support", 90)), BOARDS[1])
            changed = await next_board(lines)
            assert (changed["queue"], changed["waiting_count"]) == ("support", 1)
            assert json.loads(await socket.recv())["data"]["waiting_count"] == 1

    asyncio.run(_play(Api(tmp_path / "data"), scene))


async def _play(api: Api, scene: Any) -> None:
    boards = Boards(*BOARDS)
    listener = HttpListener(HostPort("127.0.0.1", 0))
    app = make_demo_app(replace(api.tenant, live=Running(board=boards)))
    serving = asyncio.ensure_future(listener.serve(app))
    try:
        await listener.accepts()
        async with asyncio.timeout(WITHIN_S):
            await scene(listener.address, boards)
    finally:
        listener.stop()
        await serving
        listener.close()
        api.close()


async def next_board(lines: AsyncIterator[str]) -> dict[str, Any]:
    async for line in lines:
        if line.startswith("data: "):
            found: dict[str, Any] = json.loads(line.removeprefix("data: "))
            return found
    raise AssertionError("the stream ended")
