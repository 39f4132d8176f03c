"""The inventory of numbers over HTTP."""

from typing import Any

import httpx
import pytest
from tests.unit.api.api_client import Api, pointers

from callwright.domains.access.roles import ROLES

ALICE, FREE = "+14255550101", "+14255550110"


def give(api: Api, number: str, user: str = "alice", **more: Any) -> httpx.Response:
    return api.ask(
        "POST", "/numbers/assign", {"assignments": [{"number": number, "user": user, **more}]}
    )


def test_who_has_a_number(api: Api) -> None:
    shown = api.get(f"/numbers/{ALICE}")
    assert shown["status"] == "user-assigned"
    assert shown["holders"] == [
        {"kind": "user", "key": "alice", "line": "primary", "number": ALICE}
    ]
    assert api.get("/numbers/14255550150")["holders"][0]["kind"] == "resource-account"
    assert api.get("/numbers/+14255550119")["status"] == "policy-assigned"
    missing = api.ask("GET", "/numbers/+19995550100")
    assert (missing.status_code, missing.json()["code"]) == (404, "number-unknown")
    assert api.ask("GET", "/numbers/tel:+1").status_code == 422


def test_numbers_are_listed_in_pages_and_filtered(api: Api) -> None:
    whole = [item["number"] for item in api.get("/numbers")["items"]]
    assert len(whole) == 19 + 10 + 1
    paged: list[str] = []
    cursor = None
    while True:
        more = {"cursor": cursor} if cursor else {}
        page = api.get("/numbers", params={"limit": 7, **more})
        paged += [item["number"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert paged == whole
    held = api.get("/numbers", params={"status": "user-assigned"})["items"]
    assert [item["holders"][0]["key"] for item in held] == ["alice", "bob", "carol", "erin"]
    within = api.get("/numbers", params={"within": "+14255550102..+14255550103"})["items"]
    assert [item["number"] for item in within] == ["+14255550102", "+14255550103"]
    assert [i["number"] for i in api.get("/numbers", params={"q": "SALES"})["items"]] == [
        "+14255550152"
    ]


def test_a_filter_that_cannot_be_is_refused(api: Api) -> None:
    for params in ({"status": "flying"}, {"within": "x"}, {"limit": 1001}, {"cursor": "x"}):
        assert api.ask("GET", "/numbers", params=params).status_code == 422


def test_a_number_is_assigned_and_taken_back(api: Api) -> None:
    done = give(api, "14255550110", "dave")
    assert done.status_code == 422
    assert done.json()["errors"][0]["code"] == "number-licence-missing"
    done = give(api, "14255550110", "bob", line="private")
    assert done.status_code == 200, done.text
    assert [change["key"] for change in done.json()["changes"]] == ["bob"]
    assert api.get("/users/bob")["private_line"] == FREE
    body = {"numbers": [FREE], "block_days": 30}
    assert api.ask("POST", "/numbers/remove", body).status_code == 200
    shown = api.get(f"/numbers/{FREE}")
    assert (shown["status"], shown["block"]) == ("unassigned", "blocked-until")
    refused = give(api, FREE)
    assert refused.json()["errors"][0]["code"] == "number-blocked"
    assert api.ask("POST", "/numbers/unblock", {"numbers": [FREE]}).status_code == 200
    assert give(api, FREE).status_code == 200
    assert api.get("/users/alice")["number"] == FREE


def test_a_dry_run_says_what_would_change(api: Api) -> None:
    body = {"assignments": [{"number": FREE, "user": "alice"}]}
    would = api.ask("POST", "/numbers/assign", body, params={"dry_run": "true"})
    assert would.json()["changes"][0]["fields"][0] == {
        "path": "number",
        "before": ALICE,
        "after": FREE,
    }
    assert api.get("/users/alice")["number"] == ALICE


def test_a_repeated_request_is_carried_out_once(api: Api) -> None:
    body = {"text": "+12065550100..+12065550109"}
    key = {"Idempotency-Key": "upload 1"}
    first = api.ask("POST", "/numbers/upload", body, headers=key)
    again = api.ask("POST", "/numbers/upload", body, headers=key)
    assert first.json()["added"] == 10
    assert again.json() == first.json()


def test_the_history_says_who_and_why(api: Api) -> None:
    body = {"assignments": [{"number": FREE, "user": "alice"}]}
    api.ask("POST", "/numbers/assign", body, headers={"Callwright-Why": "moved desks"})
    entry = api.get("/history", params={"kind": "user", "key": "alice"})["items"][0]
    assert entry["why"] == "moved desks"


def test_a_number_has_a_history_of_its_own(api: Api) -> None:
    give(api, f"{FREE};ext=7", "bob")
    api.ask("POST", "/numbers/remove", {"numbers": [f"{FREE};ext=7"]})
    api.ask("POST", "/numbers/tag", {"numbers": [FREE], "add": ["Lobby"]})
    page = api.get(f"/numbers/{FREE}/history", params={"limit": 2})
    assert [(e["subject"], e["changes"]) for e in page["items"]] == [
        (f"number-tags {FREE}", ["tags: [Lobby]"]),
        ("user bob", [f"number: {FREE};ext=7 -> (none)"]),
    ]
    rest = api.get(f"/numbers/{FREE}/history", params={"cursor": page["next"]})["items"]
    assert [e["changes"] for e in rest] == [[f"number: +14255550102 -> {FREE};ext=7"]]
    assert rest[0]["by"] == "anna (token)"
    assert api.get("/numbers/+1425555/history")["items"] == []


def test_each_wrong_row_of_an_upload_is_pointed_at(api: Api) -> None:
    body = {"rows": [{"number": "+12065550100"}, {"number": "x"}, {"number": "+14255550150"}]}
    refused = api.ask("POST", "/numbers/upload", body)
    assert refused.status_code == 422
    assert pointers(refused) == ["/rows/2", "/rows/3"]
    good = api.ask("POST", "/numbers/upload", {**body, "good_ones": True})
    assert (good.json()["added"], len(good.json()["mistakes"])) == (1, 2)
    assert api.get(f"/numbers/uploads/{good.json()['id']}")["added"] == 1
    assert api.ask("GET", "/numbers/uploads/none").status_code == 404
    assert api.ask("POST", "/numbers/upload", {}).status_code == 422


def test_what_is_downloaded_can_be_uploaded_again(api: Api) -> None:
    tag = {"numbers": [ALICE], "add": ["=Front desk"]}
    assert api.ask("POST", "/numbers/tag", tag).status_code == 200
    text = api.ask("GET", "/numbers/export").text
    lines = text.splitlines()
    assert lines[0].startswith("number,kind,source")
    assert "'=Front desk" in lines[1]
    again = api.ask("POST", "/numbers/upload", {"text": text})
    assert (again.json()["added"], again.json()["present"]) == (0, 30)


def test_numbers_are_tagged_and_released(api: Api) -> None:
    tag = {"numbers": [FREE, "+14255550111"], "add": ["Lobby"]}
    assert api.ask("POST", "/numbers/tag", tag).status_code == 200
    found = api.get("/numbers", params={"tag": "lobby"})["items"]
    assert [item["number"] for item in found] == [FREE, "+14255550111"]
    refused = api.ask("POST", "/numbers/release", {"numbers": [ALICE]})
    assert refused.json()["errors"][0]["code"] == "number-held"
    assert api.ask("POST", "/numbers/release", {"numbers": [FREE]}).status_code == 200
    assert api.ask("GET", f"/numbers/{FREE}").status_code == 404
    assert api.get("/numbers/+14255550111")["tags"] == ["Lobby"]


def test_permissions_are_needed(api: Api) -> None:
    assert api.ask("GET", "/numbers", may="users:read").status_code == 403
    assert api.ask("GET", "/numbers", may="numbers:read").status_code == 200
    body = {"numbers": [FREE]}
    assert api.ask("POST", "/numbers/release", body, may="numbers:read").status_code == 403


def test_numbers_of_resource_accounts_need_a_user_administrator(api: Api) -> None:
    assign = {"assignments": [{"number": "+14255550155", "resource_account": "main-line"}]}
    remove = {"numbers": ["+14255550150"]}
    licences = {"resource_accounts": ["main-line"], "remove": ["premium"]}
    alone, both = "numbers:write licences:write", "numbers:write licences:write users:write"
    for path, body in (
        ("/numbers/remove", remove),
        ("/numbers/assign", assign),
        ("/licence-changes", licences),
    ):
        refused = api.ask("POST", path, body, may=alone)
        assert (refused.status_code, refused.json()["code"]) == (403, "not-allowed")
        assert api.ask("POST", path, body, may=both).status_code == 200
    person = {"assignments": [{"number": FREE, "user": "alice"}]}
    assert api.ask("POST", "/numbers/assign", person, may=alone).status_code == 200


@pytest.mark.parametrize("days", [0, 366, -1])
def test_a_block_lasts_1_to_365_days(api: Api, days: int) -> None:
    for path, name in (("block", "days"), ("remove", "block_days")):
        refused = api.ask("POST", f"/numbers/{path}", {"numbers": [ALICE], name: days})
        assert (refused.status_code, pointers(refused)) == (422, [f"/{name}"])


@pytest.mark.parametrize(
    ("numbers", "remedy"),
    [
        ("+14255550119..+14255550100", "write the lower number first"),
        ("+14255550100..+142555501190", "write two ranges"),
        ("+14250000000..+14259999999", "more than 1000000 numbers"),
    ],
)
def test_the_pool_takes_no_range_that_is_none(api: Api, numbers: str, remedy: str) -> None:
    refused = api.ask("POST", "/number-pool", {"numbers": [numbers], "country": "US"})
    assert refused.status_code == 422, refused.text
    (mistake,) = refused.json()["errors"]
    assert mistake["code"] == "number-malformed"
    assert remedy in str(mistake)
    assert api.get("/number-pool")["items"] == []


def test_an_order_of_numbers(api: Api) -> None:
    pool = {
        "numbers": ["+12065550100..+12065550199"],
        "country": "US",
        "city": "Seattle",
    }
    assert api.ask("POST", "/number-pool", pool).status_code == 201
    assert api.get("/number-pool")["items"][0]["numbers"] == "+12065550100..+12065550199"
    search = {"name": "Office", "country": "US", "by": "area-code", "text": "206", "quantity": 3}
    found = api.ask("POST", "/number-orders", search)
    assert found.status_code == 201, found.text
    order = found.json()["id"]
    assert found.json()["state"] == "reserved"
    assert api.get("/number-orders")["items"][0]["id"] == order
    done = api.ask("POST", f"/number-orders/{order}/complete")
    assert (done.status_code, done.json()["state"]) == (200, "completed")
    assert api.get("/numbers/+12065550100")["source"] == "calling-plan"
    again = api.ask("POST", f"/number-orders/{order}/complete")
    assert (again.status_code, again.json()["code"]) == (409, "order-not-open")
    late = api.ask("POST", "/number-orders", search).json()["id"]
    api.watch.pass_by(600)
    expired = api.ask("POST", f"/number-orders/{late}/complete")
    assert (expired.status_code, expired.json()["code"]) == (409, "order-not-open")
    assert api.get(f"/number-orders/{late}")["state"] == "expired"
    assert api.ask("GET", "/number-orders/none").status_code == 404
    quotas = {line["kind"]: line for line in api.get("/numbers/quotas")["items"]}
    assert quotas["user"] == {"kind": "user", "most": 12, "held": 3}
    beyond = api.ask("POST", "/number-orders", {**search, "quantity": 10})
    assert beyond.json()["errors"][0]["code"] == "number-quota"
    assert pointers(beyond) == ["/quantity"]


PORT = {
    "organisation": "Contoso",
    "authoriser": "Alice Adams",
    "authorisation": "letter of March 1",
    "country": "US",
    "kind": "user",
    "source": "direct-routing",
    "scope": "partial",
    "billing_number": "+12065550199",
    "account": "4711",
    "pin": "2468",
    "service_address": "1 Contoso Way",
    "requester": "Alice",
    "csv": "PhoneNumber\n+12065550100\n",
}


def test_a_port_order(api: Api) -> None:
    made = api.ask("POST", "/port-orders", PORT)
    assert made.status_code == 201, made.text
    order = made.json()["id"]
    assert made.json()["rights"] == ["cancel", "view"]
    assert "2468" not in made.text
    assert "2468" not in api.ask("GET", "/history").text
    path = f"/port-orders/{order}"
    date = {"transfer_at": "2026-03-20T09:00:00Z"}
    for state in ("contacting-carrier", "transfer-approved", "transfer-pending"):
        moved = api.ask("POST", f"{path}/move", {"state": state, **date})
        assert moved.json()["state"] == state
    refused = api.ask("POST", f"{path}/cancel")
    assert (refused.status_code, refused.json()["code"]) == (409, "port-order-state")
    assert api.ask("POST", f"{path}/move", {"state": "completed"}).status_code == 200
    assert api.get("/numbers/+12065550100")["ported"] is True
    assert api.get("/port-orders")["items"][0]["state"] == "completed"
    assert api.ask("GET", "/port-orders/none").status_code == 404
    assert api.ask("DELETE", path).status_code == 409


def test_a_port_order_says_everything_that_is_wrong(api: Api) -> None:
    wrong = {**PORT, "organisation": "x" * 26, "authoriser": "y" * 16}
    refused = api.ask("POST", "/port-orders", wrong)
    assert refused.status_code == 422
    assert len(refused.json()["errors"]) == 2


def test_a_swap_of_licences_keeps_the_number(api: Api) -> None:
    licences = {"phone-system": 10, "phone-system-with-calling-plan": 5,
                "calling-plan-domestic": 2, "communications-credits": 10}  # fmt: skip
    assert api.ask("PUT", "/licences", licences).status_code == 200
    swap = {"users": ["bob"], "add": ["phone-system-with-calling-plan"], "remove": ["phone-system"]}
    done = api.ask("POST", "/licence-changes", swap)
    assert done.json()["lost"] == []
    assert api.get("/users/bob")["number"] == "+14255550102"
    lost = api.ask(
        "POST", "/licence-changes", {"users": ["bob"], "remove": ["phone-system-with-calling-plan"]}
    )
    assert lost.json()["lost"] == [{"user": "bob", "number": "+14255550102", "loss": "deleted"}]
    assert api.ask("GET", "/numbers/+14255550102").status_code == 404
    assert api.ask("POST", "/licence-changes", {"users": ["no"]}).status_code == 422


def test_who_administers_licences_and_no_numbers_changes_many_as_he_changes_one(api: Api) -> None:
    """Billing and user administrators: the number goes with the licence either way."""
    take = {"users": ["bob"], "remove": ["phone-system"]}
    for may in ("numbers:write", "licences:read"):
        assert api.ask("POST", "/licence-changes", take, may=may).status_code == 403
    may = "users:read licences:write"
    assert api.ask("PATCH", "/users/bob", {"licences": []}, may=may).status_code == 200
    assert "number" not in api.get("/users/bob")


@pytest.mark.parametrize("role", ["billing-administrator", "user-administrator"])
def test_roles_that_give_licences_give_them_to_many(api: Api, role: str) -> None:
    may = " ".join(permission.value for permission in ROLES[role].permissions)
    take = {"users": ["bob"], "remove": ["phone-system"]}
    done = api.ask("POST", "/licence-changes", take, may=may)
    assert [one["number"] for one in done.json()["lost"]] == ["+14255550102"]


def test_who_is_not_known_makes_nobody_read_what_he_sends(api: Api) -> None:
    sent = {"Content-Type": "application/json"}
    for path in ("/numbers/assign", "/numbers/upload", "/port-orders", "/licence-changes"):
        assert api.ask("POST", path, content=b"{", may="", headers=sent).status_code == 401
        assert api.ask("POST", path, content=b"{", headers=sent).status_code == 400
        assert api.ask("POST", path, content=b"{}").status_code == 415
