"""The API in a command's own process, on the data directory: no server needs to run (ADR 0031)."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import httpx
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from starlette.types import Receive, Scope, Send

from callwright.api.app import API, Health, add_api, make_app
from callwright.api.authorisation import Doorkeeper
from callwright.api.doorkeeper import CredentialDoorkeeper, LocalCaller
from callwright.api.entrance import desk_of
from callwright.api.tenant import Tenant
from callwright.cli.civil_time import utc_now
from callwright.cli.organisation import whoever_asks
from callwright.cli.places import Where
from callwright.operations.access.hashing import PasswordHashes
from callwright.operations.administration import Administration
from callwright.runtime.identifiers import new_sortable_id
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.sealing import read_key
from callwright.storage.system import System


class OneTenant:
    """Implements ``api.tenant.Tenants`` for a command, which is about one organisation."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def first(self) -> Tenant:
        return self._tenant

    def find(self, domain: str) -> Tenant | None:
        return self._tenant if domain == self._tenant.domain else None

    def all(self) -> Iterator[Tenant]:
        yield self._tenant


def local_transport(
    where: Where, stack: ExitStack, *, read_only: bool, voicemail_key: Path | None = None
) -> httpx.ASGITransport:
    """The application itself, asked by whoever may open the data directory; ``stack`` closes it.

    Raises DatabaseError, SealError.
    """
    system = stack.enter_context(closing(System.open(where.data, where.url)))
    opened = system.open_organisation(where.organisation, read_only=read_only)
    database = stack.enter_context(closing(opened))
    seat = None if database.data == system.data else where.organisation
    stored = StoredConfiguration(database, utc=utc_now)
    tenant = Tenant(
        domain=where.organisation or "",
        administration=Administration(stored, system.outside(seat)),
        database=database,
        utc=utc_now,
        new_id=new_sortable_id,
        new_secret=secrets.token_bytes,
        sealer=None if voicemail_key is None else read_key(voicemail_key),
        system=system if seat is None else None,
    )
    hashes = PasswordHashes()
    doorkeeper = CredentialDoorkeeper(OneTenant(tenant), lambda asked: desk_of(asked, hashes))
    app = AskedParts(doorkeeper)
    return httpx.ASGITransport(app=LocalCaller(app, whoever_asks().name))


class AskedParts:
    """The application, in parts: a command asks for one or two, and all take a second to make."""

    def __init__(self, doorkeeper: Doorkeeper) -> None:
        self._doorkeeper = doorkeeper
        self._parts: dict[str, FastAPI] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        word = scope["path"].removeprefix(f"{API}/").partition("/")[0]
        app = self._parts.get(word)
        if app is None:
            app = make_app(health=_no_server, registry=CollectorRegistry())
            add_api(app, self._doorkeeper, words={word})
            self._parts[word] = app
        await app(scope, receive, send)


def _no_server() -> Health:
    return Health(False, "no server", None, 0, 0)
