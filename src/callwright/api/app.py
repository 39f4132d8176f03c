"""The HTTP application; the node passes in what it answers from."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

import callwright


@dataclass(frozen=True, slots=True)
class Health:
    """Whether calls can be taken, and which configuration holds."""

    is_well: bool
    state: str
    """``ready``, ``no organisation`` or ``stopping``."""
    organisation: str | None
    revision: int
    calls: int


def make_app(*, health: Callable[[], Health], registry: CollectorRegistry) -> FastAPI:
    """Builds the application. Both routes tell nothing about people and need no sign-in; the
    listener is bound to loopback unless somebody says otherwise."""
    app = FastAPI(title="Callwright", version=callwright.__version__, docs_url=None, redoc_url=None)

    @app.get("/healthz", response_class=JSONResponse)
    async def healthz() -> JSONResponse:
        """200 while calls can be taken, else 503; the body says why."""
        now = health()
        body = {
            "state": now.state,
            "version": callwright.__version__,
            "organisation": now.organisation,
            "revision": now.revision,
            "calls": now.calls,
        }
        return JSONResponse(body, status_code=200 if now.is_well else 503)

    @app.get("/metrics", response_class=Response)
    async def metrics() -> Response:
        """Counters and gauges in the Prometheus text format."""
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return app
