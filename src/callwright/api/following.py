"""Connections that go on: streams of server-sent events and WebSockets, and who may keep them."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from fastapi import WebSocket
from fastapi.responses import StreamingResponse
from starlette.requests import HTTPConnection
from starlette.types import Message, Send
from starlette.websockets import WebSocketDisconnect

from callwright.api.authorisation import FOLLOWING, Caller, Doorkeeper
from callwright.api.problems import Problem
from callwright.kernel.limits.api import EVENTS_ASK_AGAIN_S, EVENTS_SEND_S

STREAM_TYPE = "text/event-stream"
STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
POLICY_VIOLATION, TRY_LATER = 1008, 1013
Batch = Callable[[], Awaitable[Sequence[dict[str, Any]]]]
"""What came since it was asked last; nothing after a silent while."""


class EventStream(StreamingResponse):
    """Cuts off who takes nothing: he comes back with the id of the last event that he has."""

    async def stream_response(self, send: Send) -> None:
        async def timed(message: Message) -> None:
            async with asyncio.timeout(EVENTS_SEND_S):
                await send(message)

        with contextlib.suppress(TimeoutError):
            await super().stream_response(timed)


class Standing:
    """Whether a listener may still be told: his token may end, or his account, while he listens."""

    def __init__(self, connection: HTTPConnection, may: Callable[[Caller], bool]) -> None:
        """``may``: whether the caller, as he stands now, may be told; it is asked in a thread, and
        may raise Problem."""
        self._connection = HTTPConnection({**connection.scope, FOLLOWING: True})
        self._doorkeeper: Doorkeeper = connection.app.state.doorkeeper
        self._may = may
        self._asked_at_s = asyncio.get_running_loop().time()

    async def holds(self) -> bool:
        """As he stood a moment ago; he is asked again every EVENTS_ASK_AGAIN_S."""
        now_s = asyncio.get_running_loop().time()
        if now_s - self._asked_at_s < EVENTS_ASK_AGAIN_S:
            return True
        self._asked_at_s = now_s
        try:
            caller = await self._doorkeeper.identify(self._connection)
            return caller is not None and await asyncio.to_thread(self._may, caller)
        except Problem:
            return False


async def converse(socket: WebSocket, batch: Batch, standing: Standing) -> None:
    """Sends until either side has enough; a heartbeat is ``{"kind": "heartbeat"}``."""
    async with asyncio.TaskGroup() as group:
        hearing = group.create_task(_hear(socket))
        sending = group.create_task(_send(socket, batch, standing))
        await asyncio.wait((hearing, sending), return_when=asyncio.FIRST_COMPLETED)
        hearing.cancel()
        sending.cancel()


async def _send(socket: WebSocket, batch: Batch, standing: Standing) -> None:
    try:
        while True:
            events = await batch()
            if not await standing.holds():
                await socket.close(POLICY_VIOLATION, "you may not see these any more")
                return
            for event in events or [{"kind": "heartbeat"}]:
                async with asyncio.timeout(EVENTS_SEND_S):
                    await socket.send_json(event)
    except TimeoutError:
        await socket.close(TRY_LATER, "too slow; come back with the id of your last event")
    except WebSocketDisconnect:
        return


async def _hear(socket: WebSocket) -> None:
    """Nothing is expected; what comes is read so that a hang-up is noticed."""
    try:
        while True:
            await socket.receive_text()
    except (WebSocketDisconnect, KeyError):
        return
