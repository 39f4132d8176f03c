"""Every route there is, those to come too: nobody gets in without the permission it declares."""

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, APIWebSocketRoute, RouteContext, iter_route_contexts
from prometheus_client import CollectorRegistry
from tests.unit.api.access.access_scene import (
    CONTOSO,
    FABRIKAM,
    LOCAL,
    Scene,
    Visitor,
    close_scene,
    lay_out,
    open_scene,
)

from callwright.api.app import Health, make_app, open_api
from callwright.api.authorisation import Allowed
from callwright.domains.access.model import Permission
from callwright.operations.access.tokens import WantedToken, make_token
from callwright.operations.actor import SYSTEM
from callwright.operations.configuration import Edit

OPEN = {
    ("GET", "/healthz"),
    ("GET", "/metrics"),
    ("GET", "/openapi.json"),
    ("GET", "/sign-in"),
    ("POST", "/api/v1/session"),
    ("POST", "/api/v1/session/link"),
    ("GET", "/api/v1/session/oidc"),
    ("GET", "/api/v1/session/oidc/callback"),
}
"""What anybody who reaches the listener may ask; the sign-in routes ask for their own proof."""
CANARY = "Canary"
KINDS = (APIRoute, APIWebSocketRoute)
"""Of route, that can declare a permission; a mounted application could not."""
ENDLESS_S = 10.0
"""An answer that goes on for so long is a stream, and was not refused."""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("routes")
    lay_out(folder)
    health = Health(True, "ready", CONTOSO, 1, 0)
    app = make_app(health=lambda: health, registry=CollectorRegistry())
    opened = open_scene(folder, app=app, opening=open_api)
    user = {"name": f"{CANARY} Alice", "profile": {"title": CANARY}}
    edit = Edit(
        {
            ("user", "x"): user,
            ("group", "x"): {"name": CANARY, "members": ["x"]},
            ("call-queue", "x"): {"agents": [{"user": "x"}], "greeting": {"say": CANARY}},
        }
    )
    opened.tenants.first().administration.change(edit, by=SYSTEM, why=CANARY)
    yield opened
    close_scene(opened)


def program(scene: Scene, *permissions: Permission, domain: str = CONTOSO) -> Visitor:
    wanted = WantedToken("walker", [p.value for p in permissions], 86_400.0)
    _, token = make_token(scene.desk(domain), wanted, by=LOCAL)
    visitor = Visitor(scene.app, {})
    visitor.headers = {"authorization": f"Bearer {token}"}
    return visitor


def every(app: FastAPI) -> Iterator[tuple[str, RouteContext]]:
    """Each method of each route, those of included routers, too."""
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, APIWebSocketRoute):
            yield "WEBSOCKET", route
        else:
            for method in sorted((route.methods or {"?"}) - {"HEAD"}):
                yield method, route


def guarded(app: FastAPI) -> Iterator[tuple[str, str, tuple[Permission, ...]]]:
    for method, route in every(app):
        if (method, route.path) not in OPEN:
            guard = guard_of(route.dependant)
            assert guard is not None
            yield method, str(route.path), guard.needed


def guard_of(dependant: Dependant) -> Allowed | None:
    if isinstance(dependant.call, Allowed):
        return dependant.call
    found = (guard_of(inner) for inner in dependant.dependencies)
    return next((guard for guard in found if guard is not None), None)


def place(path: str) -> str:
    return re.sub(r"\{[^}]+\}", "x", path)


def status_of(visitor: Visitor, method: str, path: str, **headers: str) -> tuple[int, str]:
    """And the text; 0 and "" for an answer that does not end."""
    if method == "WEBSOCKET":
        return asyncio.run(knock(visitor, path, headers)), ""

    body = None if method in ("GET", "DELETE") else {}

    async def ask() -> tuple[int, str]:
        try:
            async with asyncio.timeout(ENDLESS_S):
                answer = await visitor.asked(method, path, json=body, headers=headers)
                return answer.status_code, answer.text
        except TimeoutError:
            return 0, ""

    return asyncio.run(ask())


async def knock(visitor: Visitor, path: str, headers: dict[str, str]) -> int:
    """The status with which a WebSocket is denied; 101 where it is taken."""
    sent: list[Any] = []
    wanted = {**visitor.headers, **headers, "host": "pbx.test"}
    scope = {
        "type": "websocket",
        "asgi": {"version": "3.0"},
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "scheme": "ws",
        "query_string": b"",
        "headers": [(k.encode(), v.encode()) for k, v in wanted.items()],
        "client": (visitor.source, 40_000),
        "server": ("pbx.test", 80),
        "subprotocols": [],
        "extensions": {"websocket.http.response": {}},
    }
    events = iter([{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000}])

    async def receive() -> Any:
        return next(events)

    async def send(message: Any) -> None:
        sent.append(message)

    await visitor.app(scope, receive, send)
    first = sent[0]
    if first["type"] == "websocket.http.response.start":
        return int(first["status"])
    return 101 if first["type"] == "websocket.accept" else 403


def test_there_are_routes_to_walk(scene: Scene) -> None:
    walked = [(method, path) for method, path, _ in guarded(scene.app)]
    assert len(walked) > 100
    assert ("GET", "/scim/v2/Users") in walked
    assert ("DELETE", "/api/v1/users/{key}") in walked


def test_every_route_declares_its_permission_or_is_open_on_purpose(scene: Scene) -> None:
    bare = [
        (method, route.path)
        for method, route in every(scene.app)
        if (method, route.path) not in OPEN
        and (not isinstance(route.original_route, KINDS) or guard_of(route.dependant) is None)
    ]
    assert bare == []


def test_what_writes_takes_more_than_reading(scene: Scene) -> None:
    """A route that changes something with a permission to read is a mistake of ours."""
    wrong = [
        (method, path, needed)
        for method, path, needed in guarded(scene.app)
        if method in ("PUT", "PATCH", "DELETE")
        and needed
        and not any(permission.value.endswith(":write") for permission in needed)
    ]
    assert wrong == []


def test_without_a_credential_every_route_answers_401(scene: Scene) -> None:
    """CVE-2025-57819: pages for administrators did their work for whoever asked."""
    visitor = Visitor(scene.app, {})
    visitor.headers = {}
    wrong = {
        (method, path): status
        for method, path, _ in guarded(scene.app)
        if (status := status_of(visitor, method, place(path))[0]) != 401
    }
    assert wrong == {}


def test_without_its_permission_every_route_answers_403(scene: Scene) -> None:
    others = {
        needed: program(scene, *(p for p in Permission if not lends(p, needed)))
        for _, _, needed in guarded(scene.app)
        if needed
    }
    wrong = {
        (method, path): status
        for method, path, needed in guarded(scene.app)
        if needed and (status := status_of(others[needed], method, place(path))[0]) != 403
    }
    assert wrong == {}


def lends(permission: Permission, needed: tuple[Permission, ...]) -> bool:
    """Whether it is one of them or, being for writing, implies one."""
    area = permission.partition(":")[0]
    return any(each.partition(":")[0] == area for each in needed)


def test_another_organisation_sees_nothing_of_the_first(scene: Scene) -> None:
    owner = program(scene, *Permission, domain=FABRIKAM)
    leaks, entered = [], []
    for method, path, _ in guarded(scene.app):
        if method == "GET":
            _, text = status_of(owner, method, place(path))
            leaks += [path] * (CANARY in text)
        if method != "WEBSOCKET":
            header = {"callwright-organisation": CONTOSO}
            status, _ = status_of(owner, method, place(path), **header)
            entered += [(method, path, status)] * (status != 403)
    assert leaks == []
    assert entered == []


def test_the_canary_sings_at_home(scene: Scene) -> None:
    """Else the test above would prove nothing."""
    owner = program(scene, *Permission)
    heard = [
        path
        for method, path, _ in guarded(scene.app)
        if method == "GET" and CANARY in status_of(owner, method, place(path))[1]
    ]
    assert {"/api/v1/users", "/api/v1/users/{key}", "/scim/v2/Users"} <= set(heard)


def test_a_page_of_another_site_opens_no_socket_with_our_cookie(scene: Scene) -> None:
    """Browsers send cookies with WebSockets whatever page opens them."""
    visitor = scene.signed_in("sophie", "owner")
    visitor.headers = {"cookie": f"callwright={visitor.cookies['callwright']}"}
    sockets = [path for method, path, _ in guarded(scene.app) if method == "WEBSOCKET"]
    assert sockets
    for path in sockets:
        for origin in ("http://evil.test", "null"):
            assert status_of(visitor, "WEBSOCKET", path, origin=origin)[0] == 403
        assert status_of(visitor, "WEBSOCKET", path)[0] == 403
