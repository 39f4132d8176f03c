"""Signing in to a real server, and an identity provider that takes a person's phone away."""

import json
import time
from collections.abc import Iterator

import httpx
import pytest
from tests.interop.process import ServerProcess, callwright
from tests.interop.test_registration import register
from tests.interop.wire import Wire

WITHIN_S = 20.0
POLL_S = 0.3
PAGE = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def browser(server: ServerProcess) -> Iterator[httpx.Client]:
    address = f"http://{server.http}"
    with httpx.Client(base_url=address, headers=PAGE, timeout=WITHIN_S) as client:
        yield client


def made(server: ServerProcess, *words: str) -> str:
    """The last word of what the command printed: a link's fragment, or a token."""
    command = callwright(*words, "--data", server.data)
    assert command.code == 0, command.stderr
    return command.stdout.split()[-1].rpartition("#")[2]


def test_a_link_signs_in_once_and_the_password_holds(
    server: ServerProcess, browser: httpx.Client
) -> None:
    link = made(server, "accounts", "create", "olga", "--role", "owner")
    assert "<form" in browser.get("/sign-in").text
    assert browser.post("/api/v1/session/link", json={"token": link}).json()["name"] == "olga"
    new = {"new": "tall grass, 9 geese"}
    assert browser.put("/api/v1/me/password", json=new).status_code == 204
    assert browser.get("/api/v1/me").status_code == 401
    assert browser.post("/api/v1/session/link", json={"token": link}).status_code == 401
    again = {"name": "olga", "password": new["new"]}
    assert browser.post("/api/v1/session", json=again).status_code == 200
    assert browser.get("/api/v1/me").json()["name"] == "olga"
    other_site = {"sec-fetch-site": "cross-site"}
    assert browser.delete("/api/v1/session", headers=other_site).status_code == 403
    assert browser.delete("/api/v1/session").status_code == 204
    assert browser.get("/api/v1/me").status_code == 401
    assert "tall grass" not in server.log_text
    assert link.rpartition("_")[2] not in server.log_text


def test_who_is_deactivated_elsewhere_registers_no_phone_here(server: ServerProcess) -> None:
    rights = ("--permission", "users:write", "--permission", "groups:write")
    token = made(server, "tokens", "create", "entra", *rights)
    with httpx.Client(
        base_url=f"http://{server.http}/scim/v2",
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/scim+json"},
        timeout=WITHIN_S,
    ) as client:
        named = {"filter": 'userName eq "erin@contoso.test"'}
        (erin,) = client.get("/Users", params=named).json()["Resources"]
        assert register_status(server, "before") == 200
        set_active(client, erin["id"], value="False")
        until(server, "off", status=401)
        set_active(client, erin["id"], value="True")
        until(server, "on", status=200)


def set_active(client: httpx.Client, id: str, *, value: str) -> None:
    """As Entra ID writes it."""
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "Replace", "path": "active", "value": value}],
    }
    answer = client.patch(f"/Users/{id}", content=json.dumps(body))
    assert answer.status_code == 200, answer.text
    assert answer.json()["active"] is (value == "True")


def register_status(server: ServerProcess, mark: str) -> int:
    with Wire(server.sip) as wire:
        return register(wire, "erin", "erin-secret", "SHA-256", call_id=f"erin-{mark}").status


def until(server: ServerProcess, mark: str, *, status: int) -> None:
    ends_at_s = time.monotonic() + WITHIN_S
    tries = 0
    while (seen := register_status(server, f"{mark}{tries}")) != status:
        assert time.monotonic() < ends_at_s, f"still {seen}"
        tries += 1
        time.sleep(POLL_S)


def test_behind_a_proxy_for_tls_the_cookie_travels_by_tls_only(server: ServerProcess) -> None:
    link = made(server, "accounts", "create", "otto", "--role", "user")
    answer = httpx.post(
        f"http://{server.http}/api/v1/session/link",
        json={"token": link},
        headers={"x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.5"},
    )
    assert answer.status_code == 200, answer.text
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-callwright=")
    assert "Secure" in cookie
    back = {"cookie": cookie.partition(";")[0], "x-forwarded-proto": "https"}
    sessions = httpx.get(f"http://{server.http}/api/v1/me/sessions", headers=back).json()
    assert [each["source"] for each in sessions] == ["203.0.113.5/32"]
