"""The HTTP application; the composition root passes in what it answers from."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass

from fastapi import Depends, FastAPI, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

import callwright
from callwright.api import documents, problems
from callwright.api.authorisation import Doorkeeper
from callwright.api.bodies import BodyBound
from callwright.api.conversion import UPLOAD_BYTES_MAX
from callwright.api.entrance import install_entrance
from callwright.api.parameters import no_others
from callwright.api.parts import routers
from callwright.api.tenant import Tenants
from callwright.kernel.limits.api import API_BODY_BYTES_MAX, API_UPLOAD_BYTES_MAX
from callwright.kernel.limits.configuration import ORGANISATION_FILE_BYTES_MAX
from callwright.runtime.webhook_posting import PUBLIC_ONLY, Reach

API = "/api/v1"
LONG_BODIES = {
    f"{API}/changes": API_BODY_BYTES_MAX,
    f"{API}/jobs": API_BODY_BYTES_MAX,
    f"{API}/organisation/plan": ORGANISATION_FILE_BYTES_MAX,
    f"{API}/organisation/apply": ORGANISATION_FILE_BYTES_MAX,
    f"{API}/numbers/upload": API_UPLOAD_BYTES_MAX,
    f"{API}/audio-files": UPLOAD_BYTES_MAX,
    f"{API}/voicemail/*/greetings/*": UPLOAD_BYTES_MAX,
}
"""Bytes of a body, by path, where a star is anything; all else is about one thing."""
_DESCRIPTION = "An open phone system: everything that the portal and the command line do."


@dataclass(frozen=True, slots=True)
class Health:
    """Whether calls can be taken, and which configuration holds."""

    is_well: bool
    state: str
    """``ready``, ``no organisation`` or ``stopping``."""
    organisation: str | None
    revision: int
    calls: int
    others: tuple["Health", ...] = ()
    """Of the other organisations on the system; whether they are well changes nothing here."""

    def body(self) -> dict[str, object]:
        return {
            "state": self.state,
            "organisation": self.organisation,
            "revision": self.revision,
            "calls": self.calls,
        }


@dataclass(frozen=True, slots=True)
class Told(Collector):
    """What was counted at one moment, to be written out while calls go on."""

    families: tuple[Metric, ...]

    def collect(self) -> tuple[Metric, ...]:
        return self.families


def make_app(*, health: Callable[[], Health], registry: Collector) -> FastAPI:
    """Builds the application without an API. Both routes tell nothing about people and need no
    sign-in; the listener is bound to loopback unless somebody says otherwise."""
    app = FastAPI(
        title="Callwright",
        version=callwright.__version__,
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    problems.install(app)
    app.add_middleware(BodyBound, long_bodies=LONG_BODIES)

    @app.get("/healthz", response_class=JSONResponse, tags=["health"])
    async def healthz() -> JSONResponse:
        """200 while calls can be taken, else 503; the body says why."""
        now = health()
        body = {"version": callwright.__version__} | now.body()
        if now.others:
            body["organisations"] = [one.body() for one in (now, *now.others)]
        return JSONResponse(body, status_code=200 if now.is_well else 503)

    @app.get("/metrics", response_class=Response, tags=["health"])
    async def metrics() -> Response:
        """Counters and gauges in the Prometheus text format."""
        told = Told(tuple(registry.collect()))
        text = await asyncio.to_thread(generate_latest, told)
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    return app


def open_api(
    app: FastAPI,
    tenants: Tenants,
    *,
    monotonic: Callable[[], float],
    seal: bytes,
    reach: Reach = PUBLIC_ONLY,
) -> None:
    """Adds sign-in and everything behind it; see ``install_entrance``."""
    install_entrance(app, tenants, monotonic=monotonic, seal=seal, reach=reach)
    add_api(app, app.state.doorkeeper)


def add_api(app: FastAPI, doorkeeper: Doorkeeper, *, words: Collection[str] | None = None) -> None:
    """Adds everything below ``/api/v1`` that an organisation is administered by; with ``words``,
    at least what begins with one of them."""
    app.state.doorkeeper = doorkeeper
    app.state.idempotent_requests = set()
    documents.install(app)
    for router in routers(words):
        app.include_router(router, prefix=API, dependencies=[Depends(no_others)])
