"""The API of a real server: a token opens it, changes hold at once, events reach a webhook."""

import hashlib
import hmac
import http.server
import json
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest
from tests.interop.conftest import StartServer
from tests.interop.process import ServerProcess, callwright

WITHIN_S = 20
POLL_S = 0.05
PERMISSIONS = ("users:write", "calls:read", "audit:read", "webhooks:write", "organisation:write")


@contextmanager
def signed_in(server: ServerProcess) -> Iterator[httpx.Client]:
    options = [word for name in PERMISSIONS for word in ("--permission", name)]
    made = callwright("tokens", "create", "a test", *options, "--data", server.data)
    assert made.code == 0, made.stderr
    with httpx.Client(
        base_url=f"http://{server.http}/api/v1",
        headers={"Authorization": f"Bearer {made.stdout.strip()}"},
        timeout=WITHIN_S,
    ) as client:
        yield client


def until(is_so: Callable[[], bool]) -> None:
    ends_at_s = time.monotonic() + WITHIN_S
    while not is_so():
        assert time.monotonic() < ends_at_s, "it did not happen in time"
        time.sleep(POLL_S)


def test_what_is_changed_holds_for_the_next_call(server: ServerProcess) -> None:
    with signed_in(server) as client:
        made = client.put("/users/zoe", json={"name": "Zoe", "extension": "177"})
        assert made.status_code == 201, made.text
        question = {"caller": "alice", "dialled": "177"}
        until(lambda: "zoe" in client.post("/explain", json=question).json()["outcome"])
        assert client.get("/history", params={"key": "zoe"}).json()["items"][0]["action"] == "add"


def test_nobody_comes_in_without_a_token(server: ServerProcess) -> None:
    refused = httpx.get(f"http://{server.http}/api/v1/users")
    assert refused.status_code == 401
    assert refused.headers["content-type"] == "application/problem+json"


def test_an_import_is_done_in_the_background(server: ServerProcess) -> None:
    users = [
        {"kind": "user", "key": f"new{number}", "settings": {"name": f"New {number}"}}
        for number in range(20)
    ]
    with signed_in(server) as client:
        job = client.post("/jobs", json={"upserts": users}).json()["id"]
        until(lambda: client.get(f"/jobs/{job}").json()["state"] == "done")
        assert client.get("/users", params={"q": "new"}).json()["total"] == 20


class Receiver(http.server.BaseHTTPRequestHandler):
    """Refuses the first event once, and keeps what it took."""

    refusals = 1
    taken: "queue.Queue[tuple[dict[str, str], bytes]]"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        is_refused = type(self).refusals > 0
        type(self).refusals -= 1
        if not is_refused:
            self.taken.put((dict(self.headers), body))
        self.send_response(503 if is_refused else 200)
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[tuple[str, type[Receiver]]]:
    kind = type("OneReceiver", (Receiver,), {"taken": queue.Queue(), "refusals": 1})
    with http.server.HTTPServer(("127.0.0.1", 0), kind) as listener:
        thread = threading.Thread(target=listener.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{listener.server_port}/in", kind
        listener.shutdown()
        thread.join()


def test_events_reach_a_webhook_signed_and_over_a_restart(
    start_server: StartServer, receiver: tuple[str, type[Receiver]]
) -> None:
    url, kind = receiver
    server = start_server(options=["--webhook-network", "127.0.0.0/8"])
    with signed_in(server) as client:
        hook = client.post("/webhooks", json={"url": url, "events": ["configuration.changed"]})
        assert hook.status_code == 201, hook.text
        client.patch("/users/alice", json={"name": "Before"}, headers={"Callwright-Why": "one"})
        until(lambda: kind.refusals <= 0)
    server.kill()
    server.start(options=["--webhook-network", "127.0.0.0/8"])
    headers, body = kind.taken.get(timeout=WITHIN_S)
    told = json.loads(body)
    assert (told["kind"], told["data"]["why"]) == ("configuration.changed", "one")
    signed = f"{headers['Callwright-Timestamp']}.".encode() + body
    secret = hook.json()["secret"].encode()
    expected = hmac.new(secret, signed, hashlib.sha256).hexdigest()
    assert headers["Callwright-Signature"] == f"v1={expected}"


def test_a_webhook_to_a_private_address_is_not_sent(
    server: ServerProcess, receiver: tuple[str, type[Receiver]]
) -> None:
    url, kind = receiver
    with signed_in(server) as client:
        hook = client.post("/webhooks", json={"url": url}).json()["id"]
        client.post(f"/webhooks/{hook}/test")
        place = f"/webhooks/{hook}/deliveries"
        until(lambda: bool(client.get(place).json()["items"]))
        (attempt, *_) = client.get(place).json()["items"]
        assert "--webhook-network" in attempt["error"]
        assert kind.taken.empty()
        client.delete(f"/webhooks/{hook}")
