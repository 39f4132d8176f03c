"""A request with an Idempotency-Key is carried out once."""

import httpx
from tests.unit.api.api_client import Api

from callwright.kernel.limits.api import IDEMPOTENCY_S

KEY = {"Idempotency-Key": "k-1"}


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
    writings = 0
    writing = api.database.writing

    def counted() -> object:
        nonlocal writings
        writings += 1
        return writing()

    object.__setattr__(api.database, "writing", counted)
    assert put(api, "Zoe").status_code == 201
    assert writings == 1
    changes = {"upserts": [{"kind": "user", "key": "yan", "settings": {"name": "Yan"}}]}
    done = api.ask("POST", "/changes", changes, headers={"Idempotency-Key": "k-2"})
    again = api.ask("POST", "/changes", changes, headers={"Idempotency-Key": "k-2"})
    assert done.content == again.content
    assert writings == 2


def test_a_deletion_is_answered_twice_alike(api: Api) -> None:
    put(api, "Zoe", headers={})
    key = {"Idempotency-Key": "k-3"}
    assert api.ask("DELETE", "/users/zoe", headers=key).status_code == 204
    assert api.ask("DELETE", "/users/zoe", headers=key).status_code == 204
