"""An organisation behind the whole application, asked without a socket."""

import asyncio
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from starlette.requests import HTTPConnection

from callwright.api.app import Health, add_api, make_app
from callwright.api.authorisation import Caller
from callwright.api.tenant import Tenant
from callwright.domains.access.model import EVERYTHING, Permission, Principal, PrincipalKind
from callwright.domains.queues.board import Board
from callwright.domains.queues.supervision import SupervisionState
from callwright.kernel.decision import Decision, Step
from callwright.kernel.ids import CallId, UserId
from callwright.kernel.reason import Reason
from callwright.kernel.supervision import SupervisionMode
from callwright.operations.actor import Actor
from callwright.operations.administration import Administration
from callwright.operations.organisation_file import read_organisation
from callwright.routing.request import LiveState, Supervise
from callwright.routing.snapshot import Snapshot
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database

AT = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
DEMO = Path("src/callwright/examples/contoso.yaml")


class Watch:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = AT

    def utc(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Gate:
    """Lets in whoever names permissions, or ``all``, as a token; into the organisation that a test
    works with, so that the application is built once for all of them."""

    tenant: Tenant | None = None

    async def identify(self, connection: HTTPConnection) -> Caller | None:
        assert self.tenant is not None, "an Api opens it"
        words = connection.headers.get("authorization", "").removeprefix("Bearer ").split()
        if not words:
            return None
        held = EVERYTHING if words == ["all"] else frozenset(map(Permission, words))
        return Caller(self.tenant, Principal(PrincipalKind.TOKEN, "anna", held, token="t1"))


GATE = Gate()


@dataclass
class Supervising:
    """Supervisions of a node without calls: rings whom it is told to, unless ``refusal`` is set."""

    refusal: Reason | None = None
    states: list[SupervisionState] = field(default_factory=list)
    rung: list[Supervise] = field(default_factory=list)

    def _decision(self) -> Decision[Reason | None]:
        return Decision(self.refusal, (Step("the supervisor", "because the test says so"),))

    def ring(self, snapshot: Snapshot, wanted: Supervise) -> Decision[Reason | None]:
        self.rung.append(wanted)
        return self._decision()

    def running(self) -> tuple[SupervisionState, ...]:
        return tuple(self.states)

    def change(self, supervisor: UserId, mode: SupervisionMode) -> Decision[Reason | None]:
        return self._decision()

    def end(self, supervisor: UserId) -> bool:
        return any(state.supervisor == supervisor for state in self.states)


@dataclass
class Promises:
    """Callbacks that were promised, by the call."""

    calls: set[str] = field(default_factory=set)
    cancelled: list[tuple[str, str]] = field(default_factory=list)

    def cancel(self, call: CallId, by: str) -> bool:
        if call not in self.calls:
            return False
        self.calls.remove(call)
        self.cancelled.append((call, by))
        return True


class Boards:
    """Boards of queues without calls, as a test sets them."""

    def __init__(self, *boards: Board) -> None:
        self._boards = boards
        self._changed = asyncio.Event()
        self.version = 1

    async def boards(self) -> tuple[Board, ...]:
        return self._boards

    def show(self, *boards: Board) -> None:
        self._boards = boards
        self.version += 1
        self._changed.set()

    @contextmanager
    def joined(self) -> Iterator[None]:
        yield

    async def wait_past(self, version: int, *, within_s: float) -> bool:
        if self.version > version:
            return True
        self._changed.clear()
        try:
            await asyncio.wait_for(self._changed.wait(), within_s)
        except TimeoutError:
            return False
        return True


@dataclass
class Running:
    """A node without calls."""

    snapshot: Snapshot | None = None
    board: Boards = field(default_factory=Boards)
    supervision: Supervising = field(default_factory=Supervising)
    callbacks: Promises = field(default_factory=Promises)

    def live_state(self) -> LiveState:
        return LiveState()

    def hang_up(self, call: CallId) -> bool:
        return False


class Api:
    """The application over one organisation; every method sends one request."""

    def __init__(self, data: Path, *, organisation: Path | None = DEMO) -> None:
        self.watch = Watch()
        self.database = Database.open(data)
        stored = StoredConfiguration(self.database, utc=self.watch.utc)
        self.administration = Administration(stored)
        if organisation is not None:
            wanted = read_organisation(organisation)
            self.administration.replace(wanted, by=Actor("local", "test"))
        numbers = count(1)
        self.tenant = Tenant(
            domain="contoso.test",
            administration=self.administration,
            database=self.database,
            utc=self.watch.utc,
            new_id=lambda: f"id{next(numbers):06}",
            new_secret=secrets.token_bytes,
        )
        self.app = make_demo_app(self.tenant)

    def close(self) -> None:
        self.database.close()

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
        may: str = "all",
        **options: Any,
    ) -> httpx.Response:
        sent = {"Authorization": f"Bearer {may}"} if may else {}
        return asyncio.run(self._ask(method, path, body, content, sent | (headers or {}), options))

    def get(self, path: str, **options: Any) -> Any:
        response = self.ask("GET", path, **options)
        assert response.status_code == 200, response.text
        return response.json()

    async def _ask(
        self,
        method: str,
        path: str,
        body: Any,
        content: bytes | None,
        headers: dict[str, str],
        options: dict[str, Any],
    ) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        sent = httpx.Headers(headers, encoding="utf-8")
        async with httpx.AsyncClient(transport=transport, base_url="http://node") as client:
            if content is None and body is not None:
                options["json"] = body
            elif content is not None:
                options["content"] = content
            return await client.request(method, f"/api/v1{path}", headers=sent, **options)


def make_demo_app(tenant: Tenant) -> FastAPI:
    """The application over this organisation, and no longer over another one."""
    GATE.tenant = tenant
    return _app()


@cache
def _app() -> FastAPI:
    health = Health(True, "ready", "contoso.test", 1, 0)
    app = make_app(health=lambda: health, registry=CollectorRegistry())
    add_api(app, GATE)
    return app


def pointers(response: httpx.Response) -> Iterable[str]:
    return [mistake["pointer"] for mistake in response.json()["errors"]]
