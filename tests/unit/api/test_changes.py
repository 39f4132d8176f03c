"""Many entities at once, whole files, and taking changes back."""

from dataclasses import replace
from pathlib import Path

from tests.unit.api.api_client import DEMO, Api, make_demo_app, pointers

from callwright.operations.actor import SYSTEM
from callwright.operations.administration import Administration
from callwright.operations.configuration import Edit, Problem
from callwright.storage.configuration import StoredConfiguration

YAML = {"Content-Type": "application/yaml"}
NEW = ("group", "new")


def upsert(kind: str, key: str, **settings: object) -> dict[str, object]:
    return {"kind": kind, "key": key, "settings": settings}


def test_several_entities_change_together_or_not_at_all(api: Api) -> None:
    before = api.administration.current().revision
    body = {
        "upserts": [
            upsert("user", "zoe", name="Zoe"),
            upsert("group", "night", members=["zoe", "nobody"]),
        ]
    }
    refused = api.ask("POST", "/changes", body)
    assert refused.status_code == 422
    assert pointers(refused) == ["/upserts/1/settings/members/1"]
    assert api.ask("GET", "/users/zoe").status_code == 404
    body["upserts"][1] = upsert("group", "night", members=["zoe"])
    done = api.ask("POST", "/changes", body)
    assert done.status_code == 200, done.text
    assert done.json()["revision"] == before + 1
    assert [change["key"] for change in done.json()["changes"]] == ["zoe", "night"]


def test_a_plan_holds_for_the_revision_it_was_made_at(api: Api) -> None:
    body = {"upserts": [upsert("user", "zoe", name="Zoe")], "expected_revision": 0}
    late = api.ask("POST", "/changes", body)
    assert (late.status_code, late.json()["code"]) == (412, "other-revision")
    body["expected_revision"] = api.administration.current().revision
    assert api.ask("POST", "/changes", body).status_code == 200


def test_each_kind_needs_its_own_permission(api: Api) -> None:
    body = {"upserts": [upsert("user", "zoe", name="Zoe")], "removals": []}
    assert api.ask("POST", "/changes", body, may="groups:write").status_code == 403
    assert api.ask("POST", "/changes", body, may="users:write").status_code == 200


def test_an_unknown_kind_is_named(api: Api) -> None:
    body = {"upserts": [upsert("usr", "zoe", name="Zoe")]}
    refused = api.ask("POST", "/changes", body)
    assert pointers(refused) == ["/upserts/0/kind"]
    assert "user" in refused.json()["errors"][0]["remedy"]


def test_a_file_is_planned_and_applied(api: Api) -> None:
    text = DEMO.read_text().replace("name: Alice Adams", "name: Alice Abel")
    content = text.encode()
    plan = api.ask("POST", "/organisation/plan", content=content, headers=YAML)
    assert plan.status_code == 200, plan.text
    (change,) = plan.json()["changes"]
    assert (change["kind"], change["key"]) == ("user", "alice")
    revision = plan.json()["revision"]
    path = f"/organisation/apply?expected_revision={revision}"
    assert api.ask("POST", path, content=content, headers=YAML).status_code == 200
    assert api.get("/users/alice")["name"] == "Alice Abel"
    assert api.ask("POST", path, content=content, headers=YAML).status_code == 412


def test_mistakes_of_a_file_have_lines(api: Api) -> None:
    content = DEMO.read_text().replace("country: US ", "country: Narnia ").encode()
    refused = api.ask("POST", "/organisation/plan", content=content, headers=YAML)
    assert refused.status_code == 422
    assert pointers(refused) == ["line 9"]


def test_a_file_needs_every_permission(api: Api) -> None:
    content = DEMO.read_bytes()
    may = "organisation:write users:write"
    refused = api.ask("POST", "/organisation/apply", content=content, headers=YAML, may=may)
    assert refused.status_code == 403
    assert api.ask("GET", "/organisation/export", may="organisation:read").status_code == 403


def test_what_is_exported_can_be_applied_again(api: Api, tmp_path: Path) -> None:
    exported = api.ask("GET", "/organisation/export")
    assert exported.headers["content-type"].startswith("application/yaml")
    assert "alice-secret" in exported.text
    plan = api.ask("POST", "/organisation/plan", content=exported.content, headers=YAML)
    assert plan.json()["changes"] == []


def test_editors_get_the_schema_of_the_file(api: Api) -> None:
    schema = api.get("/organisation/schema")
    assert "call_queues" in schema["properties"]


def test_the_history_tells_each_change_without_passwords(api: Api) -> None:
    api.ask("PATCH", "/users/alice", {"sip": {"password": "another"}, "name": "A"})
    (entry,) = api.get("/history?kind=user&key=alice&limit=1")["items"]
    assert entry["by"] == {"kind": "token", "name": "anna"}
    assert {field["path"] for field in entry["fields"]} == {"name", "sip.password"}
    assert "another" not in str(entry)
    assert "alice-secret" not in str(entry)


def test_the_history_comes_in_pages(api: Api) -> None:
    for number in range(5):
        api.ask("PATCH", "/users/alice", {"name": f"A{number}"})
    first = api.get("/history?kind=user&key=alice&limit=4")
    rest = api.get(f"/history?kind=user&key=alice&limit=4&cursor={first['next']}")
    assert [entry["after"]["name"] for entry in first["items"]] == ["A4", "A3", "A2", "A1"]
    assert rest["items"][0]["after"]["name"] == "A0"
    assert rest["next"] is None


def test_a_change_is_undone_unless_it_was_changed_again(api: Api) -> None:
    api.ask("PATCH", "/users/alice", {"name": "A"})
    revision = api.administration.current().revision
    planned = api.ask("POST", f"/history/{revision}/undo?dry_run=true")
    assert planned.json()["changes"][0]["fields"][0]["after"] == "Alice Adams"
    assert api.get("/users/alice")["name"] == "A"
    assert api.ask("POST", f"/history/{revision}/undo").status_code == 200
    assert api.get("/users/alice")["name"] == "Alice Adams"
    api.ask("PATCH", "/users/alice", {"name": "B"})
    assert api.ask("POST", f"/history/{revision}/undo").status_code == 422


def test_the_configuration_goes_back_to_a_revision(api: Api) -> None:
    revision = api.administration.current().revision
    api.ask("PATCH", "/users/alice", {"name": "A"})
    api.ask("DELETE", "/users/dave")
    difference = api.get(f"/difference?earlier={revision}&later={revision + 2}")
    assert {change["key"] for change in difference["changes"]} == {"alice", "dave"}
    assert api.ask("POST", f"/rollback?to_revision={revision}").status_code == 200
    assert api.get("/users/alice")["name"] == "Alice Adams"
    assert api.get("/users/dave")["name"] == "Dave Davis"
    assert api.ask("POST", "/rollback?to_revision=999").status_code == 422


def test_who_takes_a_change_back_needs_the_permission_to_make_it(api: Api) -> None:
    api.ask("PATCH", "/users/alice", {"name": "A"})
    revision = api.administration.current().revision
    path = f"/history/{revision}/undo"
    assert api.ask("POST", path, may="audit:write").status_code == 403
    back = f"/rollback?to_revision={revision - 1}"
    assert api.ask("POST", back, may="audit:write groups:write").status_code == 403
    assert api.get("/users/alice")["name"] == "A"
    assert api.ask("POST", path, may="audit:write users:write").status_code == 200


def test_what_came_after_the_look_at_permissions_is_not_taken_back(api: Api) -> None:
    revision = api.administration.current().revision
    api.ask("PATCH", "/users/alice", {"name": "A"})
    waiting = [lambda: api.administration.change(Edit({NEW: {"members": []}}), by=SYSTEM)]

    def outside(*looked_at: object) -> tuple[Problem, ...]:
        if waiting:
            waiting.pop()()
        return ()

    stored = StoredConfiguration(api.database, utc=api.watch.utc)
    make_demo_app(replace(api.tenant, administration=Administration(stored, outside)))
    back = f"/rollback?to_revision={revision}"
    assert api.ask("POST", back, may="audit:write users:write").status_code == 409
    assert NEW in api.administration.current().entities
    assert api.ask("POST", back, may="audit:write users:write").status_code == 403
    assert api.ask("POST", back).status_code == 200


def test_what_stands_for_a_secret_is_none(api: Api) -> None:
    """Whoever makes a file of what he was shown would give every phone the same password."""
    content = DEMO.read_text().replace("password: alice-secret", 'password: "(secret)"')
    assert "(secret)" in content
    refused = api.ask("POST", "/organisation/apply", content=content.encode(), headers=YAML)
    assert refused.status_code == 422, refused.text
    assert "stands for a secret" in refused.json()["errors"][0]["detail"]


def test_a_body_that_is_wrong_everywhere_costs_little(api: Api) -> None:
    """Anybody who is signed in may send one, and calls run on the same processor."""
    kinds = [{"kind": f"k{number}", "key": "a", "settings": 1} for number in range(3_000)]
    shapes = [{"kind": "user", "key": "a"} for _ in range(3_000)]
    for upserts in (kinds, shapes):
        refused = api.ask("POST", "/changes", {"upserts": upserts}, may="users:read")
        assert refused.status_code == 422
        assert len(refused.json()["errors"]) == 1_000


def test_a_body_of_millions_of_values_is_not_read(api: Api) -> None:
    content = b'{"upserts": [' + 2_000_000 * b"[]," + b"[]]}"
    headers = {"Content-Type": "application/json"}
    refused = api.ask("POST", "/changes", content=content, headers=headers, may="users:read")
    assert (refused.status_code, refused.json()["code"]) == (413, "too-many-values")
