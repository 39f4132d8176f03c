"""Who connects to the HTTP port and says nothing, or too little, is let go."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from fastapi import FastAPI

from callwright.kernel.addresses import HostPort
from callwright.runtime.http import HttpListener

PLACE = "callwright.runtime.http_connections."
REQUEST = b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n"
WITHIN_S = 20


def play(scene: Callable[[HostPort], Awaitable[None]]) -> None:
    async def whole() -> None:
        listener = HttpListener(HostPort("127.0.0.1", 0))
        serving = asyncio.ensure_future(listener.serve(FastAPI()))
        try:
            async with asyncio.timeout(WITHIN_S):
                await listener.accepts()
                await scene(listener.address)
        finally:
            listener.stop()
            await serving
            listener.close()

    asyncio.run(whole())


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nHost: a\r\n", REQUEST + b"GET /"])
def test_a_request_that_does_not_come_is_not_waited_for(
    said: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PLACE + "HTTP_HEAD_S", 0.2)

    async def scene(address: HostPort) -> None:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(said)
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await reader.readuntil(b"never said")
        writer.transport.abort()

    play(scene)


def test_one_connection_too_many_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PLACE + "HTTP_CONNECTIONS_MAX", 1)

    async def scene(address: HostPort) -> None:
        first, first_writer = await asyncio.open_connection(*address)
        first_writer.write(REQUEST)
        assert (await first.readline()).startswith(b"HTTP/1.1 200")
        second, second_writer = await asyncio.open_connection(*address)
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await second.readexactly(1)
        for writer in (first_writer, second_writer):
            writer.transport.abort()

    play(scene)
