"""Numbers, licences and policies of people each take a permission of their own (SPEC 11.1)."""

from typing import Any

import pytest
from tests.unit.api.api_client import Api

FREE = "+14255550110"
POLICY = {"calling": "domestic-only"}
OWN = [
    ("users/alice", {"number": FREE}, "numbers:write"),
    ("users/alice", {"voice": False}, "numbers:write"),
    ("users/alice", {"private_line": FREE}, "numbers:write"),
    ("users/alice", {"alternate_numbers": [FREE]}, "numbers:write"),
    ("users/alice", {"licences": ["phone-system"]}, "licences:write"),
    ("users/alice", {"policies": POLICY}, "policies:write"),
    ("groups/support-team", {"licences": ["premium"]}, "licences:write"),
    ("groups/support-team", {"policies": {"calling": {"name": "domestic-only", "rank": 1}}},
     "policies:write"),
    ("resource-accounts/main-line", {"number": "+14255550155"}, "numbers:write"),
]  # fmt: skip
AREA = {"users": "users:write", "groups": "groups:write"}


@pytest.fixture
def api(api: Api) -> Api:
    body = {
        "upserts": [
            {"kind": "calling-policy", "key": POLICY["calling"],
             "settings": {"outbound": "domestic"}},
            {"kind": "licences", "key": "licences", "settings": {
                "phone-system": 10, "calling-plan-domestic": 2, "communications-credits": 10,
                "premium": 5}},
        ]
    }  # fmt: skip
    assert api.ask("POST", "/changes", body).status_code == 200
    return api


def kinds_permission(path: str) -> str:
    return AREA.get(path.partition("/")[0], "services:write users:write")


@pytest.mark.parametrize(("path", "fields", "needed"), OWN)
def test_a_field_takes_its_own_permission(
    api: Api, path: str, fields: dict[str, Any], needed: str
) -> None:
    kinds = kinds_permission(path)
    refused = api.ask("PATCH", f"/{path}", fields, may=kinds)
    assert (refused.status_code, needed in refused.json()["detail"]) == (403, True), refused.text
    both = {**fields, "name": "Somebody"}
    assert api.ask("PATCH", f"/{path}", both, may=kinds).status_code == 403
    reads = {p.replace("write", "read") for p in kinds.split()}
    alone = " ".join((needed, *reads))
    assert api.ask("PATCH", f"/{path}", both, may=alone).status_code == 403, "a name is not his"
    assert api.ask("PATCH", f"/{path}", fields, may=alone).status_code == 200
    assert api.ask("PATCH", f"/{path}", {"name": "Somebody"}, may=kinds).status_code == 200


def test_who_reads_no_people_learns_nothing_of_them(api: Api) -> None:
    for key in ("alice", "nobody"):
        answer = api.ask("PATCH", f"/users/{key}", {"voice": True}, may="numbers:write")
        assert answer.status_code == 403


def test_somebody_new_takes_the_permissions_of_all_that_he_is_given(api: Api) -> None:
    zoe = {"name": "Zoe", "licences": ["phone-system"]}
    assert api.ask("PUT", "/users/zoe", zoe, may="users:write").status_code == 403
    assert api.ask("PUT", "/users/zoe", zoe, may="users:read licences:write").status_code == 403
    assert api.ask("PUT", "/users/zoe", {"name": "Zoe"}, may="users:write").status_code == 201
    whole = api.get("/users/alice")
    renamed = {**whole, "name": "Alice Abel"}
    assert api.ask("PUT", "/users/alice", renamed, may="users:write").status_code == 200
    assert api.ask("DELETE", "/users/dave", may="users:read licences:write").status_code == 403
    assert api.ask("DELETE", "/users/zoe", may="users:write").status_code == 204


def test_many_changes_are_looked_at_field_by_field(api: Api) -> None:
    alice = {**api.get("/users/alice"), "number": FREE}
    body = {"upserts": [{"kind": "user", "key": "alice", "settings": alice}]}
    for path in ("/changes", "/changes?dry_run=true"):
        refused = api.ask("POST", path, body, may="users:write")
        assert (refused.status_code, "numbers:write" in refused.text) == (403, True)
    assert api.ask("POST", "/changes", body, may="users:read numbers:write").status_code == 200
    removal = {"removals": [{"kind": "user", "key": "dave"}]}
    assert api.ask("POST", "/changes", removal, may="users:read numbers:write").status_code == 403


def test_to_take_back_a_field_takes_its_permission(api: Api) -> None:
    api.ask("PATCH", "/users/alice", {"policies": POLICY})
    revision = api.administration.current().revision
    path = f"/history/{revision}/undo"
    assert api.ask("POST", path, may="audit:write users:write").status_code == 403
    assert api.ask("POST", path, may="audit:write policies:write").status_code == 200
