"""Accounts and tokens over the API: who may make whom, and what a credential is worth."""

import pytest
from tests.unit.api.access.access_scene import (
    CONTOSO,
    FABRIKAM,
    PASSWORD,
    Scene,
    Visitor,
    local,
)

from callwright.domains.access.one_time_codes import STEP_S, code_at, from_text
from callwright.domains.access.roles import ROLES
from callwright.kernel.limits.access import SESSION_TOUCH_S


def made(visitor: Visitor, **body: object) -> dict[str, object]:
    answer = visitor.post("/api/v1/accounts", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, object] = answer.json()
    return found


def bearer(visitor: Visitor, scene: Scene, *permissions: str, days: int = 1) -> Visitor:
    body = {"name": "script", "permissions": list(permissions), "lasts_days": days}
    answer = visitor.post("/api/v1/tokens", json=body)
    assert answer.status_code == 201, answer.text
    return program(scene, answer.json()["token"])


def program(scene: Scene, token: str) -> Visitor:
    visitor = Visitor(scene.app, {})
    visitor.headers = {"authorization": f"Bearer {token}"}
    return visitor


# -- accounts ----------------------------------------------------------------------------------


def test_an_account_is_made_changed_listed_and_removed(scene: Scene) -> None:
    owner = scene.signed_in("olga", "owner")
    bob = made(owner, name="Bob", email="bob@contoso.test", roles=["support-engineer"])
    assert (bob["name"], bob["has_password"]) == ("bob", False)
    path = f"/api/v1/accounts/{bob['id']}"
    changed = owner.patch(path, json={"display_name": "Bob B.", "password": "tall grass, 9 geese"})
    assert changed.json()["display_name"] == "Bob B."
    assert scene.visitor().sign_in("bob", "tall grass, 9 geese").status_code == 200
    names = [each["name"] for each in owner.get("/api/v1/accounts").json()["items"]]
    assert names == ["bob", "olga"]
    assert owner.delete(path).status_code == 204
    assert owner.get(path).status_code == 404
    events = owner.get("/api/v1/access-events").json()["items"]
    acts = [(event["act"], event["by"]["name"]) for event in events]
    assert acts[:2] == [("account.removed", "olga"), ("signed-in", "bob")]
    assert "tall grass" not in str(events)


def test_lists_come_in_pages(scene: Scene) -> None:
    owner = scene.signed_in("olga", "owner")
    for name in ("a1", "b2", "c3"):
        made(owner, name=name)
    first = owner.get("/api/v1/accounts?limit=2").json()
    rest = owner.get(f"/api/v1/accounts?limit=2&cursor={first['next']}").json()
    found = [each["name"] for page in (first, rest) for each in page["items"]]
    assert found == ["a1", "b2", "c3", "olga"]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("body", "status", "code", "pointer"),
    [
        ({"name": "has space"}, 422, "bad-name", "/name"),
        ({"name": ""}, 422, "bad-name", "/name"),
        ({"display_name": "x"}, 422, "required", "/name"),
        ({"name": "x", "email": "nowhere"}, 422, "bad-email", "/email"),
        ({"name": "x", "email": "a@b.c\r\nBcc: d@e.f"}, 422, "bad-email", "/email"),
        ({"name": "x", "roles": ["emperor"]}, 422, "unknown-role", "/roles"),
        ({"name": "x", "user": "nobody"}, 422, "unknown-user", "/user"),
        ({"name": "x", "password": "short"}, 422, "weak-password", "/password"),
        (
            {"name": "contosoperson", "password": "contosoperson1"},
            422,
            "weak-password",
            "/password",
        ),
        ({"name": "olga"}, 409, "name-taken", "/name"),
        ({"name": "x", "display_name": "a\nb"}, 422, "bad-name", "/display_name"),
    ],
)
def test_a_wrong_field_is_named_with_its_remedy(
    scene: Scene, body: dict[str, object], status: int, code: str, pointer: str
) -> None:
    owner = scene.signed_in("olga", "owner")
    answer = owner.post("/api/v1/accounts", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    (mistake,) = answer.json()["errors"]
    assert mistake["pointer"] == pointer
    assert mistake["remedy"] or "take" in mistake["detail"]
    assert len(owner.get("/api/v1/accounts").json()["items"]) == 1


def test_nobody_makes_an_account_that_may_do_more(scene: Scene) -> None:
    admin = scene.signed_in("anna", "administrator")
    answer = admin.post("/api/v1/accounts", json={"name": "eve", "roles": ["owner"]})
    assert (answer.status_code, answer.json()["code"]) == (403, "beyond-own-permissions")
    made(admin, name="eve", roles=["administrator"])


@pytest.mark.parametrize("act", ["password", "roles", "disable", "link", "factor", "remove", "out"])
def test_nobody_takes_over_an_account_that_may_do_more(scene: Scene, act: str) -> None:
    olga = scene.account("olga", "owner")
    admin, path = scene.signed_in("anna", "administrator"), f"/api/v1/accounts/{olga.id}"
    answers = {
        "password": lambda: admin.patch(path, json={"password": "tall grass, 9 geese"}),
        "roles": lambda: admin.patch(path, json={"roles": []}),
        "disable": lambda: admin.patch(path, json={"is_enabled": False}),
        "link": lambda: admin.post(f"{path}/link"),
        "factor": lambda: admin.delete(f"{path}/second-factor"),
        "remove": lambda: admin.delete(path),
        "out": lambda: admin.delete(f"{path}/sessions"),
    }
    answer = answers[act]()
    assert (answer.status_code, answer.json()["code"]) == (403, "beyond-own-permissions")
    assert scene.visitor().sign_in("olga").status_code == 200


def test_a_system_keeps_an_owner(scene: Scene) -> None:
    owner = scene.signed_in("olga", "owner")
    id = owner.get("/api/v1/me").json()["account"]["id"]
    for body in ({"is_enabled": False}, {"roles": ["user"]}):
        answer = owner.patch(f"/api/v1/accounts/{id}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "last-owner")
    assert owner.delete(f"/api/v1/accounts/{id}").status_code == 409
    otto = made(owner, name="otto", roles=["owner"])
    refused = owner.delete(f"/api/v1/accounts/{id}")
    assert refused.status_code == 409, "otto has no way in yet"
    owner.patch(f"/api/v1/accounts/{otto['id']}", json={"password": "tall grass, 9 geese"})
    assert owner.delete(f"/api/v1/accounts/{id}").status_code == 204


@pytest.mark.parametrize(
    "change", [{"is_enabled": False}, {"roles": []}, {"password": "tall grass, 9 geese"}]
)
def test_a_change_of_access_holds_at_once(scene: Scene, change: dict[str, object]) -> None:
    owner = scene.signed_in("olga", "owner")
    bob = scene.signed_in("bob", "support-engineer")
    id = bob.get("/api/v1/me").json()["account"]["id"]
    assert owner.patch(f"/api/v1/accounts/{id}", json=change).status_code == 200
    assert bob.get("/api/v1/me").status_code == 401


def test_an_own_password_needs_the_old_one_and_signs_out(scene: Scene) -> None:
    bob, elsewhere = scene.signed_in("bob", "user"), scene.visitor()
    elsewhere.sign_in("bob")
    body = {"old": "wrong", "new": "tall grass, 9 geese"}
    assert bob.put("/api/v1/me/password", json=body).json()["code"] == "wrong-password"
    assert bob.put("/api/v1/me/password", json={**body, "old": PASSWORD}).status_code == 204
    assert bob.get("/api/v1/me").status_code == 401
    assert elsewhere.get("/api/v1/me").status_code == 401
    assert scene.visitor().sign_in("bob").status_code == 401
    assert scene.visitor().sign_in("bob", "tall grass, 9 geese").status_code == 200


def test_guessing_the_old_password_with_a_stolen_session_is_slowed(scene: Scene) -> None:
    bob = scene.signed_in("bob", "user")
    body = {"old": "wrong", "new": "tall grass, 9 geese"}
    statuses = [bob.put("/api/v1/me/password", json=body).status_code for _ in range(5)]
    assert statuses == [403, 403, 403, 429, 429]


def test_a_link_lets_in_who_was_invited(scene: Scene) -> None:
    owner = scene.signed_in("olga", "owner")
    bob = made(owner, name="bob", roles=["user"])
    link = owner.post(f"/api/v1/accounts/{bob['id']}/link").json()
    answer = scene.visitor().post("/api/v1/session/link", json={"token": link["fragment"]})
    assert answer.json()["name"] == "bob"


def test_roles_are_told_with_what_they_allow(scene: Scene) -> None:
    roles = scene.signed_in("bob", "user").get("/api/v1/roles").json()
    assert [role["key"] for role in roles] == list(ROLES)


# -- tokens ------------------------------------------------------------------------------------


def test_a_token_does_what_it_was_made_for_and_nothing_else(scene: Scene) -> None:
    owner = scene.signed_in("olga", "owner")
    token = bearer(owner, scene, "access:read")
    assert token.get("/api/v1/accounts").status_code == 200
    answer = token.post("/api/v1/accounts", json={"name": "eve"})
    assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed")
    me = token.get("/api/v1/me").json()
    assert (me["kind"], me["permissions"]) == ("token", ["access:read"])


def test_a_token_is_shown_once_and_can_be_told_by_its_looks(scene: Scene) -> None:
    owner = scene.signed_in("olga", "owner")
    answer = owner.post("/api/v1/tokens", json={"name": "x", "permissions": ["users:read"]})
    text = answer.json()["token"]
    assert text.startswith(f"cw_{CONTOSO}_")
    assert text not in owner.get("/api/v1/tokens").text
    assert "hash" not in owner.get("/api/v1/tokens").text


def test_nobody_makes_a_token_that_may_do_more(scene: Scene) -> None:
    admin = scene.signed_in("anna", "administrator")
    body = {"name": "x", "permissions": ["system:write"]}
    answer = admin.post("/api/v1/tokens", json=body)
    assert (answer.status_code, answer.json()["code"]) == (403, "beyond-own-permissions")


def test_a_token_is_worth_no_more_than_its_maker_is_now(scene: Scene) -> None:
    owner = scene.signed_in("olga", "owner")
    admin = scene.signed_in("anna", "administrator")
    token = bearer(admin, scene, "access:read", "users:read")
    id = admin.get("/api/v1/me").json()["account"]["id"]
    owner.patch(f"/api/v1/accounts/{id}", json={"roles": ["user-administrator"]})
    assert token.get("/api/v1/accounts").status_code == 403
    assert token.get("/api/v1/me").json()["permissions"] == ["users:read"]
    owner.patch(f"/api/v1/accounts/{id}", json={"is_enabled": False})
    assert token.get("/api/v1/me").status_code == 401


def test_a_token_ends_by_time_by_order_and_with_its_maker(scene: Scene) -> None:
    owner = scene.signed_in("olga", "owner")
    short = bearer(owner, scene, "access:read", days=1)
    revoked = bearer(owner, scene, "access:read", days=30)
    ids = [each["id"] for each in owner.get("/api/v1/tokens").json()["items"]]
    assert owner.delete(f"/api/v1/tokens/{ids[1]}").status_code == 204
    assert owner.delete(f"/api/v1/tokens/{ids[1]}").status_code == 404
    assert revoked.get("/api/v1/me").status_code == 401
    assert short.get("/api/v1/me").status_code == 200
    scene.clock.pass_s(86_400)
    assert short.get("/api/v1/me").status_code == 401


def test_the_last_use_of_a_token_is_known(scene: Scene) -> None:
    owner = scene.signed_in("olga", "owner")
    token = bearer(owner, scene, "access:read")
    scene.clock.pass_s(SESSION_TOUCH_S + 1)
    token.get("/api/v1/me")
    (entry,) = owner.get("/api/v1/tokens").json()["items"]
    assert entry["used_at"] == scene.clock.now.isoformat().replace("+00:00", "Z")


def test_a_token_may_not_change_its_makers_password(scene: Scene) -> None:
    token = bearer(scene.signed_in("olga", "owner"), scene, "access:write")
    body = {"old": PASSWORD, "new": "tall grass, 9 geese"}
    assert token.put("/api/v1/me/password", json=body).status_code == 403


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer x", "Basic YTpi", "Bearer cw_a_b", "Bearer cw_-_é"]
)
def test_a_header_that_is_no_token_is_refused(scene: Scene, header: str) -> None:
    scene.signed_in("olga", "owner")
    visitor = Visitor(scene.app, {})
    visitor.headers = {"authorization": header.encode("latin-1")}
    answer = visitor.get("/api/v1/me")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


# -- organisations -----------------------------------------------------------------------------


def test_a_credential_counts_in_its_own_organisation(scene: Scene) -> None:
    scene.account("alice", "owner")
    scene.account("alice", "user", domain=FABRIKAM)
    visitor = scene.visitor()
    visitor.sign_in("alice", organisation=FABRIKAM)
    assert visitor.get("/api/v1/me").json()["organisation"] == FABRIKAM
    assert visitor.get("/api/v1/accounts").status_code == 403
    stolen = (visitor.cookies.get("callwright") or "").replace(FABRIKAM, CONTOSO)
    forged = scene.visitor()
    forged.cookies.set("callwright", stolen, domain="pbx.test")
    assert forged.get("/api/v1/me").status_code == 401


def test_who_operates_the_system_may_look_into_another_organisation(scene: Scene) -> None:
    scene.account("fred", "user", domain=FABRIKAM)
    operator = scene.signed_in("olga", "owner")
    header = {"callwright-organisation": FABRIKAM}
    listed = operator.get("/api/v1/accounts", headers=header).json()["items"]
    assert [each["name"] for each in listed] == ["fred"]
    me = operator.get("/api/v1/me", headers=header).json()
    assert (me["name"], me["organisation"]) == (f"olga@{CONTOSO}", FABRIKAM)
    nowhere = operator.get("/api/v1/me", headers={"callwright-organisation": "nowhere.test"})
    assert nowhere.status_code == 404


@pytest.mark.parametrize(
    ("domain", "role"), [(CONTOSO, "administrator"), (FABRIKAM, "owner"), (FABRIKAM, "user")]
)
def test_nobody_else_may(scene: Scene, domain: str, role: str) -> None:
    visitor = scene.signed_in("anna", role, domain=domain)
    for other in {CONTOSO, FABRIKAM, "nowhere.test"} - {domain}:
        answer = visitor.get("/api/v1/me", headers={"callwright-organisation": other})
        assert (answer.status_code, answer.json()["code"]) == (403, "other-organisation")


def test_the_command_line_on_the_data_may_everything(scene: Scene) -> None:
    command = local(scene)
    made(command, name="olga", roles=["owner"])
    assert command.get("/api/v1/me").json()["kind"] == "local"
    header = {"callwright-organisation": FABRIKAM}
    assert command.get("/api/v1/accounts", headers=header).json()["items"] == []


def test_nobody_from_the_network_is_the_command_line(scene: Scene) -> None:
    visitor = Visitor(scene.app, {})
    visitor.headers = {"callwright.local": "root", "callwright-local": "root"}
    assert visitor.get("/api/v1/me").status_code == 401


def test_a_second_factor_is_given_up_with_the_password(scene: Scene) -> None:
    bob = scene.signed_in("bob", "user")
    secret = bob.post("/api/v1/me/second-factor").json()["secret"]
    step = int(scene.clock.now.timestamp()) // STEP_S
    body = {"secret": secret, "code": code_at(from_text(secret), step), "password": PASSWORD}
    assert bob.put("/api/v1/me/second-factor", json=body).status_code == 200
    off = "/api/v1/me/second-factor/off"
    assert bob.post(off, json={"password": "wrong"}).status_code == 403
    assert bob.get("/api/v1/me").json()["account"]["has_second_factor"]
    assert bob.post(off, json={"password": PASSWORD}).status_code == 204
    assert scene.visitor().sign_in("bob").status_code == 200
