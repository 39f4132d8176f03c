"""Events on real sockets: what was missed, then what comes, over SSE and WebSocket."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets
from starlette.requests import HTTPConnection
from tests.unit.api.api_client import AT, GATE, Api, make_demo_app

from callwright.api.authorisation import Caller
from callwright.api.event_feed import EventFeed, TooManyListeners
from callwright.kernel.addresses import HostPort
from callwright.operations.actor import Actor
from callwright.operations.configuration import Edit
from callwright.runtime.http import HttpListener
from callwright.runtime.tasks import Tasks
from callwright.storage.events import EventKind, Events, News

SIGNED_IN = {"Authorization": "Bearer all"}
WITHIN_S = 20


@pytest.fixture(scope="module")
def contoso(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("contoso")
    Api(data).close()
    return data


@pytest.fixture
def api(contoso: Path, tmp_path: Path) -> Iterator[Api]:
    data = tmp_path / "data"
    shutil.copytree(contoso, data)
    made = Api(data, organisation=None)
    yield made
    made.close()


@asynccontextmanager
async def served(api: Api) -> AsyncIterator[HostPort]:
    def report(name: str, error: BaseException) -> None:
        raise error

    tasks = Tasks(report)
    feed = EventFeed(Events(api.database), tasks.spawn)
    listener = HttpListener(HostPort("127.0.0.1", 0))
    serving = asyncio.ensure_future(listener.serve(make_demo_app(replace(api.tenant, feed=feed))))
    try:
        await listener.accepts()
        yield listener.address
    finally:
        listener.stop()
        await serving
        await tasks.close()
        listener.close()


def play(api: Api, scene: Callable[[HostPort], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with asyncio.timeout(WITHIN_S), served(api) as address:
            await scene(address)

    asyncio.run(whole())


def rename(api: Api, name: str) -> None:
    alice = api.administration.current().entities["user", "alice"]
    assert isinstance(alice, dict)
    edit = Edit({("user", "alice"): {**alice, "name": name}})
    api.administration.change(edit, by=Actor("local", "test"), why=name)


async def next_event(lines: AsyncIterator[str]) -> dict[str, Any]:
    async for line in lines:
        if line.startswith("data: "):
            found: dict[str, Any] = json.loads(line.removeprefix("data: "))
            return found
    raise AssertionError("the stream ended")


def test_a_stream_tells_what_was_missed_and_then_what_comes(api: Api) -> None:
    async def scene(address: HostPort) -> None:
        seen = Events(api.database).newest()
        rename(api, "while away")
        async with httpx.AsyncClient(headers=SIGNED_IN, timeout=WITHIN_S) as client:
            url = f"http://{address}/api/v1/events/stream"
            last = {"Last-Event-ID": str(seen)}
            async with client.stream("GET", url, headers=last) as response:
                assert response.headers["content-type"].startswith("text/event-stream")
                lines = response.aiter_lines()
                missed = await next_event(lines)
                assert (missed["kind"], missed["data"]["why"]) == (
                    "configuration.changed",
                    "while away",
                )
                await asyncio.to_thread(rename, api, "now")
                assert (await next_event(lines))["data"]["why"] == "now"

    play(api, scene)


def test_a_socket_tells_the_same_and_only_what_was_asked_for(api: Api) -> None:
    async def scene(address: HostPort) -> None:
        url = f"ws://{address}/api/v1/events/socket?after=0&kind=webhook.test"
        async with websockets.connect(url, additional_headers=SIGNED_IN) as socket:
            rename(api, "not asked for")
            Events(api.database).add(News(EventKind.WEBHOOK_TEST, AT, {"number": 1}))
            event = json.loads(await socket.recv())
            assert (event["kind"], event["data"]) == ("webhook.test", {"number": 1})

    play(api, scene)


def test_an_event_comes_without_a_heartbeat_before_it(api: Api) -> None:
    async def scene(address: HostPort) -> None:
        url = f"ws://{address}/api/v1/events/socket"
        async with websockets.connect(url, additional_headers=SIGNED_IN) as socket:
            for name in ("first", "second", "third"):
                await asyncio.to_thread(rename, api, name)
                event = json.loads(await socket.recv())
                assert (event["kind"], event["data"]["why"]) == ("configuration.changed", name)

    play(api, scene)


def test_no_more_listen_than_may(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callwright.api.event_feed.EVENTS_LISTENERS_MAX", 1)

    feed = EventFeed(Events(api.database), lambda work, name: work.close())
    with feed.joined(), pytest.raises(TooManyListeners), feed.joined():
        raise AssertionError("one too many")
    with feed.joined():
        assert feed.is_full


def test_nobody_listens_unasked(api: Api) -> None:
    async def scene(address: HostPort) -> None:
        with pytest.raises(websockets.InvalidStatus):
            await websockets.connect(f"ws://{address}/api/v1/events/socket")
        async with httpx.AsyncClient(timeout=WITHIN_S) as client:
            answer = await client.get(f"http://{address}/api/v1/events/stream")
            assert answer.status_code == 401

    play(api, scene)


def test_who_was_away_for_too_long_is_told(api: Api) -> None:
    with api.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM event")
        connection.exec_driver_sql(
            "INSERT INTO event (id, kind, at_us, data) VALUES (900, 'webhook.test', 0, 'null')"
        )

    async def scene(address: HostPort) -> None:
        async with httpx.AsyncClient(headers=SIGNED_IN, timeout=WITHIN_S) as client:
            url = f"http://{address}/api/v1/events/stream?after=5"
            async with client.stream("GET", url) as response:
                lines = response.aiter_lines()
                missed = await next_event(lines)
                assert missed["data"] == {"after": 5, "oldest_kept": 900}
                assert (await next_event(lines))["id"] == 900

    play(api, scene)


class Turnstile:
    """Lets everybody in, and from some moment on nobody; implements Doorkeeper."""

    is_open = True

    async def identify(self, connection: HTTPConnection) -> Caller | None:
        return await GATE.identify(connection) if self.is_open else None


@pytest.fixture
def turnstile(api: Api, monkeypatch: pytest.MonkeyPatch) -> Iterator[Turnstile]:
    monkeypatch.setattr("callwright.api.following.EVENTS_ASK_AGAIN_S", 0.0)
    made = api.app.state.doorkeeper = Turnstile()
    yield made
    api.app.state.doorkeeper = GATE


def test_a_stream_ends_with_the_token_that_began_it(api: Api, turnstile: Turnstile) -> None:
    """Else whoever stole one would hear of every call for ever."""

    async def scene(address: HostPort) -> None:
        async with httpx.AsyncClient(headers=SIGNED_IN, timeout=WITHIN_S) as client:
            url = f"http://{address}/api/v1/events/stream"
            async with client.stream("GET", url) as response:
                lines = response.aiter_lines()
                assert await anext(lines) == ": welcome"
                turnstile.is_open = False
                await asyncio.to_thread(rename, api, "secret")
                assert "secret" not in "".join([line async for line in lines])

    play(api, scene)


def test_a_socket_ends_with_the_token_that_began_it(api: Api, turnstile: Turnstile) -> None:
    async def scene(address: HostPort) -> None:
        url = f"ws://{address}/api/v1/events/socket"
        async with websockets.connect(url, additional_headers=SIGNED_IN) as socket:
            turnstile.is_open = False
            await asyncio.to_thread(rename, api, "secret")
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await socket.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1008

    play(api, scene)
