"""A request with an Idempotency-Key is carried out once."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from tests.unit.api.api_client import Api

from callwright.kernel.limits.api import IDEMPOTENCY_S

KEY = {"Idempotency-Key": "k-1"}
FREE = "+14255550110"


@contextmanager
def counted(api: Api) -> Iterator[list[None]]:
    """As many entries as transactions were begun."""
    writings: list[None] = []
    writing = api.database.writing

    def noted() -> object:
        writings.append(None)
        return writing()

    object.__setattr__(api.database, "writing", noted)
    yield writings
    object.__setattr__(api.database, "writing", writing)


def put(api: Api, name: str, headers: dict[str, str] = KEY) -> httpx.Response:
    return api.ask("PUT", "/users/zoe", {"name": name}, headers=headers)


def test_a_repetition_gets_the_same_answer_and_changes_nothing(api: Api) -> None:
    first = put(api, "Zoe")
    revision = api.administration.current().revision
    api.ask("DELETE", "/users/zoe")
    again = put(api, "Zoe")
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["idempotency-replayed"] == "true"
    assert api.administration.current().revision == revision + 1
    assert api.ask("GET", "/users/zoe").status_code == 404


def test_the_same_key_for_another_request_is_refused(api: Api) -> None:
    put(api, "Zoe")
    other = put(api, "Other")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


def test_a_refusal_is_not_kept(api: Api) -> None:
    assert api.ask("PUT", "/users/zoe", {"name": 7}, headers=KEY).status_code == 422
    assert put(api, "Zoe").status_code == 201


def test_a_key_is_forgotten_after_a_day(api: Api) -> None:
    put(api, "Zoe")
    api.watch.pass_by(IDEMPOTENCY_S + 1)
    assert put(api, "Other").status_code == 200


def test_an_answer_is_kept_in_the_transaction_of_the_change(api: Api) -> None:
    """A crash right after the commit loses nothing: nobody writes a second time."""
    with counted(api) as writings:
        assert put(api, "Zoe").status_code == 201
    assert len(writings) == 1
    changes = {"upserts": [{"kind": "user", "key": "yan", "settings": {"name": "Yan"}}]}
    with counted(api) as writings:
        done = api.ask("POST", "/changes", changes, headers={"Idempotency-Key": "k-2"})
        again = api.ask("POST", "/changes", changes, headers={"Idempotency-Key": "k-2"})
    assert done.content == again.content
    assert len(writings) == 1


def test_a_deletion_is_answered_twice_alike(api: Api) -> None:
    put(api, "Zoe", headers={})
    key = {"Idempotency-Key": "k-3"}
    assert api.ask("DELETE", "/users/zoe", headers=key).status_code == 204
    assert api.ask("DELETE", "/users/zoe", headers=key).status_code == 204


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/numbers/assign", {"assignments": [{"number": FREE, "user": "alice"}]}),
        ("POST", "/numbers/remove", {"numbers": ["+14255550101"]}),
        ("POST", "/numbers/block", {"numbers": [FREE], "days": 7}),
        ("POST", "/numbers/tag", {"numbers": [FREE], "add": ["Lobby"]}),
        ("POST", "/numbers/release", {"numbers": [FREE]}),
        ("POST", "/numbers/upload", {"text": "number\n+14255550190\n"}),
        ("POST", "/number-pool", {"numbers": ["+14255550180..+14255550189"], "country": "US"}),
        ("POST", "/licence-changes", {"users": ["alice"], "remove": ["phone-system"]}),
        ("POST", "/history/2/undo", None),
        ("POST", "/rollback?to_revision=1", None),
        ("POST", "/webhooks", {"url": "https://example.com/", "events": ["call.ended"]}),
        ("PUT", "/auto-attendants/reception/override", {"standing": "closed"}),
    ],
)  # fmt: skip
def test_every_act_keeps_its_answer_with_what_it_does(
    api: Api, method: str, path: str, body: object
) -> None:
    """Killed right after it, it is not done again by who repeats the request."""
    api.ask("PATCH", "/users/dave", {"name": "Dave"})
    with counted(api) as writings:
        done = api.ask(method, path, body, headers=KEY)
    assert done.status_code in (200, 201), done.text
    assert len(writings) == 1
    again = api.ask(method, path, body, headers=KEY)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.content == done.content
    assert again.status_code == done.status_code
