"""Entities over HTTP: look, put, patch, remove, with preconditions, masks and refusals."""

import pytest
from tests.unit.api.api_client import Api, pointers

ALICE = "/users/alice"


def test_a_user_is_shown_without_his_password(api: Api) -> None:
    response = api.ask("GET", ALICE)
    assert response.status_code == 200
    assert response.json()["name"] == "Alice Adams"
    assert response.json()["sip"] == {"password": "(secret)"}
    assert response.headers["etag"].startswith('"')


def test_what_is_sent_back_masked_keeps_its_password(api: Api) -> None:
    shown = api.get(ALICE)
    response = api.ask("PUT", ALICE, shown | {"name": "Alice Abel"})
    assert response.status_code == 200, response.text
    stored = api.administration.current().entities["user", "alice"]
    assert isinstance(stored, dict)
    assert stored["name"] == "Alice Abel"
    assert isinstance(stored["sip"], dict)
    assert stored["sip"]["password"] not in ("(secret)", None)


def test_a_mask_without_a_password_behind_it_is_refused(api: Api) -> None:
    response = api.ask("PUT", "/users/zoe", {"name": "Zoe", "sip": {"password": "(secret)"}})
    assert response.status_code == 422
    assert pointers(response) == ["/sip/password"]
    assert api.ask("GET", "/users/zoe").status_code == 404


def test_a_user_is_made_changed_in_part_and_removed(api: Api) -> None:
    made = api.ask("PUT", "/users/zoe", {"name": "Zoe Zander", "extension": "177"})
    assert made.status_code == 201, made.text
    patched = api.ask("PATCH", "/users/zoe", {"extension": None, "name": "Zoe Z"})
    assert patched.status_code == 200
    assert patched.json() == {"name": "Zoe Z"}
    assert int(patched.headers["callwright-revision"]) == api.administration.current().revision
    assert api.ask("DELETE", "/users/zoe").status_code == 204
    assert api.ask("GET", "/users/zoe").status_code == 404
    assert api.ask("DELETE", "/users/zoe").status_code == 404


def test_nobody_overwrites_what_he_has_not_seen(api: Api) -> None:
    seen = api.ask("GET", ALICE).headers["etag"]
    assert api.ask("PATCH", ALICE, {"name": "A"}, headers={"If-Match": seen}).status_code == 200
    late = api.ask("PATCH", ALICE, {"name": "B"}, headers={"If-Match": seen})
    assert late.status_code == 412
    assert late.json()["code"] == "changed-meanwhile"
    assert api.get(ALICE)["name"] == "A"


def test_a_put_can_be_told_to_make_only(api: Api) -> None:
    only_new = {"If-None-Match": "*"}
    assert api.ask("PUT", ALICE, {"name": "A"}, headers=only_new).status_code == 412
    assert api.ask("PUT", "/users/zoe", {"name": "Z"}, headers=only_new).status_code == 201


def test_who_has_the_newest_state_is_not_sent_it_again(api: Api) -> None:
    seen = api.ask("GET", ALICE).headers["etag"]
    assert api.ask("GET", ALICE, headers={"If-None-Match": seen}).status_code == 304


def test_a_dry_run_says_what_would_change_and_changes_nothing(api: Api) -> None:
    before = api.administration.current().revision
    response = api.ask("PATCH", ALICE + "?dry_run=true", {"name": "Other"})
    assert response.status_code == 200
    (change,) = response.json()["changes"]
    assert (change["kind"], change["key"], change["action"]) == ("user", "alice", "change")
    assert change["fields"] == [{"path": "name", "before": "Alice Adams", "after": "Other"}]
    assert api.administration.current().revision == before
    assert api.get(ALICE)["name"] == "Alice Adams"


def test_every_mistake_is_named_with_its_place_and_a_remedy(api: Api) -> None:
    response = api.ask("PUT", ALICE, {"name": 7, "extension": "x", "nmber": "+1"})
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == 422
    assert set(pointers(response)) == {"/name", "/extension", "/nmber"}
    assert all(mistake["remedy"] for mistake in problem["errors"])


def test_a_reference_to_nobody_is_refused_where_it_stands(api: Api) -> None:
    response = api.ask("PUT", "/groups/new", {"members": ["alice", "nobody"]})
    assert response.status_code == 422
    assert pointers(response) == ["/members/1"]


def test_removing_what_others_need_is_refused_and_says_who(api: Api) -> None:
    response = api.ask("DELETE", "/sbcs/sbc1")
    assert response.status_code == 422
    assert "sbc1" in response.json()["errors"][0]["detail"]
    assert api.ask("GET", "/sbcs/sbc1").status_code == 200


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "not-json"),
        (b'{"name": "A", "name": "B"}', "application/json", 400, "not-json"),
        (b'{"name": NaN}', "application/json", 400, "not-json"),
        (b'{"name": "\\ud800"}', "application/json", 400, "not-json"),
        (b"[" * 100_000, "application/json", 400, "not-json"),
        (b'"\xff"', "application/json", 400, "not-json"),
        (b"name: A", "application/yaml", 415, "unsupported-media-type"),
        (b"1" * (1024 * 1024 + 1), "application/json", 413, "body-too-long"),
    ],
)
def test_a_body_that_is_none_is_refused(
    api: Api, content: bytes, kind: str, status: int, code: str
) -> None:
    response = api.ask("PUT", ALICE, content=content, headers={"Content-Type": kind})
    assert (response.status_code, response.json()["code"]) == (status, code)


def test_singletons_are_read_and_written_at_their_name(api: Api) -> None:
    assert api.get("/organisation")["domain"] == "contoso.test"
    assert api.ask("PATCH", "/organisation", {"name": "Contoso Ltd"}).status_code == 200
    assert api.get("/organisation")["name"] == "Contoso Ltd"
    refused = api.ask("DELETE", "/organisation")
    assert refused.status_code == 422
    assert "locations" not in api.get("/emergency")
    wrong = api.ask("PATCH", "/organisation", {"country": "Narnia"})
    assert pointers(wrong) == ["/country"]


def test_reading_needs_the_permission_to_read_and_writing_the_one_to_write(api: Api) -> None:
    assert api.ask("GET", ALICE, may="").status_code == 401
    assert api.ask("GET", ALICE, may="groups:read").status_code == 403
    assert api.ask("GET", ALICE, may="users:read").status_code == 200
    assert api.ask("PATCH", ALICE, {"name": "A"}, may="users:read").status_code == 403


def test_routes_that_are_not_there_and_methods_that_are_not_taken_are_problems(api: Api) -> None:
    missing = api.ask("GET", "/nothing")
    assert (missing.status_code, missing.json()["code"]) == (404, "no-such-route")
    wrong = api.ask("POST", ALICE, {})
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method-not-allowed")
    assert "PUT" in wrong.headers["allow"]


def test_a_parameter_that_is_unknown_is_refused(api: Api) -> None:
    response = api.ask("GET", "/users?filtr=a")
    assert response.status_code == 422
    assert "filter" in response.json()["remedy"]


def test_the_history_has_who_and_why(api: Api) -> None:
    api.ask("PATCH", ALICE, {"name": "A"}, headers={"Callwright-Why": "she married José"})
    with api.database.reading() as connection:
        row = connection.exec_driver_sql(
            "SELECT actor_kind, actor, why FROM configuration_change ORDER BY id DESC LIMIT 1"
        ).one()
    assert tuple(row) == ("token", "anna", "she married José")


def test_a_long_body_is_refused_before_anybody_reads_it(api: Api) -> None:
    """Also from strangers, who could otherwise keep the server busy with parsing."""
    long = b'{"name": "' + b"x" * (1024 * 1024) + b'"}'
    headers = {"Content-Type": "application/json"}
    for path in ("/webhooks", "/explain", ALICE):
        method = "PUT" if path == ALICE else "POST"
        response = api.ask(method, path, content=long, headers=headers)
        assert (response.status_code, response.json()["code"]) == (413, "body-too-long")


def test_what_a_program_wrote_is_answered_as_it_is_stored(api: Api) -> None:
    """Null is what is not there, and the tag of the answer is good for the next change."""
    made = api.ask("PUT", "/users/zoe", {"name": "Zoe", "location": None, "sip": None})
    assert made.json() == {"name": "Zoe"}
    assert api.ask("GET", "/users/zoe").headers["etag"] == made.headers["etag"]
    headers = {"If-Match": made.headers["etag"]}
    assert api.ask("PATCH", "/users/zoe", {"name": "Z"}, headers=headers).status_code == 200
