"""Health and metrics; and that no other route is open."""

import asyncio

import httpx
import pytest
from prometheus_client import CollectorRegistry, Counter

from callwright.api.app import Health, make_app

OPEN_ROUTES = {"/healthz", "/metrics", "/openapi.json"}
"""What anybody who reaches the listener may ask; everything else needs a sign-in."""

READY = Health(is_well=True, state="ready", organisation="contoso.test", revision=3, calls=2)


def get(path: str, health: Health = READY) -> httpx.Response:
    return asyncio.run(_get(path, health))


async def _get(path: str, health: Health) -> httpx.Response:
    registry = CollectorRegistry()
    Counter("callwright_calls_started", "Calls begun.", registry=registry).inc(7)
    app = make_app(health=lambda: health, registry=registry)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://node") as client:
        return await client.get(path)


def test_every_route_is_open_on_purpose_or_needs_a_sign_in() -> None:
    app = make_app(health=lambda: READY, registry=CollectorRegistry())
    assert {getattr(route, "path", "") for route in app.routes} == OPEN_ROUTES


@pytest.mark.parametrize(
    ("health", "status"),
    [
        (READY, 200),
        (Health(False, "no organisation", None, 0, 0), 503),
        (Health(False, "stopping", "contoso.test", 3, 1), 503),
    ],
)
def test_health_says_whether_calls_can_be_taken(health: Health, status: int) -> None:
    response = get("/healthz", health)
    assert response.status_code == status
    assert response.json()["state"] == health.state
    assert response.json()["calls"] == health.calls


def test_metrics_are_in_the_prometheus_text_format() -> None:
    response = get("/metrics")
    assert response.headers["content-type"].startswith("text/plain")
    assert "callwright_calls_started_total 7.0" in response.text
