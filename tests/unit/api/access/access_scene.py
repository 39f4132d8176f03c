"""Two organisations behind the API, and people and programs who come to it."""

import asyncio
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from pydantic import JsonValue

from callwright.api import problems
from callwright.api.doorkeeper import LocalCaller
from callwright.api.entrance import Entrance, install_entrance
from callwright.api.tenant import Tenant
from callwright.domains.access.account import Account
from callwright.operations.access.accounts import Wanted, make_account
from callwright.operations.access.desk import AccessDesk, local_principal
from callwright.operations.actor import SYSTEM
from callwright.operations.administration import Administration
from callwright.operations.configuration import Edit
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database

AT = datetime(2025, 3, 10, 9, 30, tzinfo=UTC)
PASSWORD = "correct horse battery staple"
CONTOSO, FABRIKAM = "contoso.test", "fabrikam.test"
LOCAL = local_principal("root")


@dataclass(slots=True)
class Clock:
    now: datetime = AT
    monotonic_s: float = 1_000.0

    def pass_s(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.monotonic_s += seconds


class Organisations:
    """Implements api.tenant.Tenants."""

    def __init__(self, tenants: Iterable[Tenant]) -> None:
        self._tenants = list(tenants)

    def first(self) -> Tenant:
        return self._tenants[0]

    def find(self, domain: str) -> Tenant | None:
        return next((tenant for tenant in self._tenants if tenant.domain == domain), None)

    def all(self) -> Iterable[Tenant]:
        return self._tenants

    def replace(self, tenant: Tenant, by: Tenant) -> None:
        self._tenants[self._tenants.index(tenant)] = by


@dataclass(slots=True)
class Scene:
    app: FastAPI
    tenants: Organisations
    clock: Clock
    ids: "itertools.count[int]" = field(default_factory=itertools.count)

    def desk(self, domain: str = CONTOSO) -> AccessDesk:
        entrance: Entrance = self.app.state.entrance
        tenant = self.tenants.find(domain)
        assert tenant is not None
        return entrance.desk(tenant)

    def account(self, name: str, *roles: str, domain: str = CONTOSO, user: str = "") -> Account:
        """With PASSWORD."""
        wanted = Wanted(name=name, roles=roles, password=PASSWORD, user=user)
        desk = self.desk(domain)
        return make_account(desk, wanted, by=LOCAL, knows_user=lambda key: True)

    def visitor(self, **headers: str) -> "Visitor":
        return Visitor(self.app, headers)

    def signed_in(self, name: str, *roles: str, domain: str = CONTOSO) -> "Visitor":
        """A browser of somebody who has these roles."""
        self.account(name, *roles, domain=domain)
        visitor = self.visitor()
        answer = visitor.sign_in(name, organisation=domain)
        assert answer.status_code == 200, answer.text
        return visitor


class Visitor:
    """A browser: keeps cookies and says that its requests come from our own page."""

    def __init__(self, app: Any, headers: dict[str, Any], source: str = "203.0.113.5") -> None:
        self.app = app
        self.source = source
        self.scheme = "http"
        self.headers = {"sec-fetch-site": "same-origin", **headers}
        self.cookies = httpx.Cookies()

    def sign_in(self, name: str, password: str = PASSWORD, **more: str) -> httpx.Response:
        body = {"name": name, "password": password, **more}
        return self.post("/api/v1/session", json=body)

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("POST", path, **more)

    def put(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("PUT", path, **more)

    def patch(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("PATCH", path, **more)

    def delete(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("DELETE", path, **more)

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        return asyncio.run(self.asked(method, path, **more))

    async def asked(self, method: str, path: str, **more: Any) -> httpx.Response:
        transport = httpx.ASGITransport(
            self.app, raise_app_exceptions=False, client=(self.source, 40_000)
        )
        async with httpx.AsyncClient(
            transport=transport, base_url=f"{self.scheme}://pbx.test", cookies=self.cookies
        ) as client:
            headers = {**self.headers, **more.pop("headers", {})}
            answer = await client.request(method, path, headers=headers, **more)
            self.cookies = client.cookies
            return answer


def lay_out(folder: Path) -> None:
    """The databases of Contoso, the first organisation, and Fabrikam."""
    for domain in (CONTOSO, FABRIKAM):
        database = Database.open(folder / domain)
        profile: JsonValue = {
            "name": domain.partition(".")[0].title(),
            "domain": domain,
            "country": "US",
            "timezone": "America/Los_Angeles",
            "language": "en-US",
        }
        administration = Administration(StoredConfiguration(database, utc=lambda: AT))
        administration.change(Edit({("organisation", "organisation"): profile}), by=SYSTEM)
        database.close()


def open_scene(
    folder: Path, *, app: FastAPI | None = None, opening: Callable[..., None] = install_entrance
) -> Scene:
    """What was laid out; nobody has an account yet."""
    clock, numbers = Clock(), itertools.count(1)

    def tenant(domain: str) -> Tenant:
        database = Database.open(folder / domain)
        administration = Administration(StoredConfiguration(database, utc=lambda: clock.now))
        return Tenant(
            domain=domain,
            administration=administration,
            database=database,
            utc=lambda: clock.now,
            new_id=lambda: f"{next(numbers):026}",
            new_secret=lambda size: next(numbers).to_bytes(size, "big"),
        )

    tenants = Organisations([tenant(CONTOSO), tenant(FABRIKAM)])
    if app is None:
        app = FastAPI()
        problems.install(app)
    opening(app, tenants, monotonic=lambda: clock.monotonic_s, seal=b"s" * 32)
    return Scene(app, tenants, clock)


def close_scene(scene: Scene) -> None:
    for tenant in scene.tenants.all():
        tenant.database.close()


def local(scene: Scene) -> Visitor:
    """The command line on the data directory."""
    return Visitor(LocalCaller(scene.app, "root"), {})
