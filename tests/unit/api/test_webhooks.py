"""Webhooks over HTTP: the secret is shown once, and nobody is sent what he may not see."""

import pytest
from tests.unit.api.api_client import Api, pointers

from callwright.storage.events import Events

HOOK = {"url": "https://hooks.test/in", "events": ["call.ended"]}


def made(api: Api) -> str:
    response = api.ask("POST", "/webhooks", HOOK)
    assert response.status_code == 201, response.text
    return str(response.json()["id"])


def test_the_secret_is_shown_once(api: Api) -> None:
    response = api.ask("POST", "/webhooks", HOOK)
    secret = response.json()["secret"]
    assert secret.startswith("whsec_")
    (listed,) = api.get("/webhooks")
    assert "secret" not in listed
    renewed = api.ask("POST", f"/webhooks/{listed['id']}/secret").json()["secret"]
    assert renewed not in (secret, "")


def test_a_webhook_begins_with_what_happens_from_now(api: Api) -> None:
    hook = api.get(f"/webhooks/{made(api)}")
    assert hook["cursor"] == Events(api.database).newest() > 0


def test_a_webhook_is_changed_tested_and_removed(api: Api) -> None:
    place = f"/webhooks/{made(api)}"
    changed = api.ask("PUT", place, HOOK | {"description": "Tickets", "is_enabled": False})
    assert (changed.json()["description"], changed.json()["is_enabled"]) == ("Tickets", False)
    assert api.ask("POST", f"{place}/test").status_code == 202
    assert api.get(f"{place}/deliveries")["items"] == []
    assert api.ask("DELETE", place).status_code == 204
    assert api.ask("GET", place).status_code == 404


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.test/in",
        "ftp://hooks.test",
        "https://",
        "https://user:pass@hooks.test",
        "https://hooks.test/a b",
        "https://hooks.test:99999/",
        "nonsense",
    ],
)
def test_a_url_that_is_none_or_not_safe_is_refused(api: Api, url: str) -> None:
    response = api.ask("POST", "/webhooks", HOOK | {"url": url})
    assert response.status_code == 422
    assert pointers(response) == ["/url"]


def test_a_webhook_may_have_what_its_maker_may_see(api: Api) -> None:
    may = "webhooks:write credits:read"
    assert api.ask("POST", "/webhooks", HOOK, may=may).status_code == 403
    response = api.ask("POST", "/webhooks", {"url": HOOK["url"]}, may=may)
    assert response.json()["events"] == ["credits.deposited"]


def test_a_kind_that_is_unknown_is_named(api: Api) -> None:
    response = api.ask("POST", "/webhooks", HOOK | {"events": ["call.end"]})
    assert response.status_code == 422
    assert "call.ended" in response.json()["remedy"]
