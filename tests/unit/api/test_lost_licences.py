"""A licence that is taken by a request: the number that goes with it is told, and the answer is
what is stored."""

import json

from tests.unit.api.api_client import DEMO, Api

YAML = {"Content-Type": "application/yaml"}
NUMBER = "+14255550101"
"""Alice's."""
WITHOUT = {"name": "Alice Adams", "number": NUMBER, "extension": "101"}


def test_a_patch_answers_what_is_stored_and_warns(api: Api) -> None:
    done = api.ask("PATCH", "/users/alice", {"licences": None})
    assert done.status_code == 200, done.text
    assert "number" not in done.json()
    again = api.ask("GET", "/users/alice")
    assert (again.json(), again.headers["etag"]) == (done.json(), done.headers["etag"])
    assert api.ask("GET", f"/numbers/{NUMBER}").status_code == 404
    (caution,) = json.loads(done.headers["callwright-cautions"])
    assert caution.startswith(f"users.alice.number: {NUMBER} goes with the licence")


def test_a_repetition_is_warned_of_the_same(api: Api) -> None:
    key = {"Idempotency-Key": "k-1"}
    done = api.ask("PATCH", "/users/alice", {"licences": None}, headers=key)
    again = api.ask("PATCH", "/users/alice", {"licences": None}, headers=key)
    assert again.headers["callwright-cautions"] == done.headers["callwright-cautions"]
    assert again.content == done.content


def test_what_changes_nothing_of_licences_warns_of_nothing(api: Api) -> None:
    done = api.ask("PATCH", "/users/alice", {"name": "Alice Abel"})
    assert "callwright-cautions" not in done.headers


def test_many_changes_are_answered_as_their_trial_was(api: Api) -> None:
    body = {"upserts": [{"kind": "user", "key": "alice", "settings": WITHOUT}]}
    tried = api.ask("POST", "/changes?dry_run=true", body).json()
    done = api.ask("POST", "/changes", body).json()
    assert done["changes"] == tried["changes"]
    assert done["cautions"] == tried["cautions"]
    assert ["users", "alice", "number"] in [each["path"] for each in done["cautions"]]
    assert {"number-range"} <= {change["kind"] for change in done["changes"]}


def test_a_file_is_answered_as_its_plan_was(api: Api) -> None:
    unused = "policies:\n  calling:\n    nobodys: {outbound: domestic}\n"
    content = (DEMO.read_text() + unused).encode()
    plan = api.ask("POST", "/organisation/plan", content=content, headers=YAML).json()
    done = api.ask("POST", "/organisation/apply", content=content, headers=YAML).json()
    assert any("nobody is given nobodys" in each["text"] for each in done["cautions"])
    assert done["cautions"] == plan["cautions"]
    assert done["changes"] == plan["changes"]


def test_a_file_that_takes_a_licence_and_keeps_its_number_is_refused(api: Api) -> None:
    had = '    licences: [phone-system, communications-credits]\n    number: "+14255550101"'
    text = DEMO.read_text()
    assert had in text
    content = text.replace(had, f'    number: "{NUMBER}"').encode()
    for way in ("plan", "apply"):
        refused = api.ask("POST", f"/organisation/{way}", content=content, headers=YAML)
        assert refused.status_code == 422, refused.text
        (mistake,) = refused.json()["errors"]
        assert mistake["pointer"] == "/users/alice/number"
        assert mistake["remedy"] == "leave the number out, too, or keep the licence"
