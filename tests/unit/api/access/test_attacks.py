"""Ways in that somebody with a little access might try."""

import asyncio
import base64
from collections.abc import Callable
from dataclasses import replace

import pytest
from pydantic import JsonValue
from starlette.requests import HTTPConnection
from tests.unit.api.access.access_scene import CONTOSO, FABRIKAM, LOCAL, PASSWORD, Scene

from callwright.api.app import add_api
from callwright.api.authorisation import FOLLOWING
from callwright.domains.access.account import Identity
from callwright.domains.access.model import Principal, PrincipalKind
from callwright.kernel.limits.access import SESSION_IDLE_S
from callwright.operations.access.accounts import Wanted, change_account, set_own_password
from callwright.operations.access.hashing import PasswordHashes
from callwright.operations.access.refusal import SignInRefused
from callwright.operations.access.sign_in import sign_in_by_identity
from callwright.operations.actor import SYSTEM
from callwright.operations.configuration import Edit
from callwright.operations.organisation_file.entities import EntityKey


def test_a_page_that_listens_does_not_keep_the_session(scene: Scene) -> None:
    visitor = scene.signed_in("alice", "administrator")
    cookie = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    scope = {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "path": "/",
        "query_string": b"",
        "headers": [(b"cookie", cookie.encode())],
        FOLLOWING: True,
    }
    scene.clock.pass_s(SESSION_IDLE_S - 1)
    assert asyncio.run(scene.app.state.doorkeeper.identify(HTTPConnection(scope))) is not None
    scene.clock.pass_s(2)
    assert visitor.get("/api/v1/me").status_code == 401


def token_of(scene: Scene, *permissions: str) -> dict[str, str]:
    owner = scene.signed_in("owner", "owner")
    body = {"name": "t", "permissions": list(permissions), "lasts_days": 1}
    made = owner.post("/api/v1/tokens", json=body)
    assert made.status_code == 201, made.text
    return {"authorization": f"Bearer {made.json()['token']}"}


def test_to_take_back_a_change_takes_the_permission_to_make_it(scene: Scene) -> None:
    """A token that may undo must not give a user his former password, nor a trunk its login."""
    add_api(scene.app, scene.app.state.doorkeeper)
    administration = scene.tenants.first().administration
    for name in ("Alice", "Alice B."):
        edit = Edit({("user", "alice"): {"name": name}})
        revision = administration.change(edit, by=SYSTEM).revision
    program = scene.visitor(**token_of(scene, "audit:write", "groups:write"))
    for path in (f"/history/{revision}/undo", f"/rollback?to_revision={revision - 1}"):
        for dry in ("", "?dry_run=true" if "?" not in path else "&dry_run=true"):
            answer = program.post(f"/api/v1{path}{dry}")
            assert answer.status_code == 403, answer.text
            assert "users:write" in answer.text
    assert administration.current().revision == revision
    owner = scene.visitor()
    owner.sign_in("owner")
    assert owner.post(f"/api/v1/history/{revision}/undo").status_code == 200


def test_to_take_back_what_a_resource_account_became_takes_both_roles(scene: Scene) -> None:
    add_api(scene.app, scene.app.state.doorkeeper)
    administration = scene.tenants.first().administration
    former: JsonValue = {"name": "Line", "answers": {"call_queue": "support"}}
    renamed: JsonValue = {"name": "Main line", "answers": {"call_queue": "support"}}
    queue: JsonValue = {"agents": [{"user": "bob"}]}
    line = ("resource-account", "line")
    around: dict[EntityKey, JsonValue] = {
        ("user", "bob"): {"name": "Bob"},
        ("call-queue", "support"): queue,
    }
    administration.change(Edit({line: former, **around}), by=SYSTEM)
    revision = administration.change(Edit({line: renamed}), by=SYSTEM).revision
    program = scene.visitor(**token_of(scene, "audit:write", "services:write"))
    answer = program.post(f"/api/v1/history/{revision}/undo")
    assert (answer.status_code, "users:write" in answer.text) == (403, True), answer.text


def test_nobody_becomes_owner_at_a_provider(scene: Scene) -> None:
    """Whoever sets the provider up may have been recognised before the account was an owner's."""
    account = scene.account("helper", "administrator")
    desk = scene.desk()
    identity = Identity("https://login.example.com", "7")
    before = desk.accounts.account(account.id)
    assert before is not None
    administrator = scene.visitor()
    administrator.sign_in("helper")
    path = f"/api/v1/accounts/{account.id}"
    assert administrator.patch(path, json={"email": "h@contoso.test"}).status_code == 200
    sign_in_by_identity(desk, identity, "h@contoso.test", source="x")
    owner = scene.signed_in("owner", "owner")
    assert owner.patch(path, json={"roles": ["owner"]}).status_code == 200
    with pytest.raises(SignInRefused):
        sign_in_by_identity(desk, identity, "h@contoso.test", source="x")


CURSORS = ("[1" + 30 * "0" + "]", '["\\ud800"]')
LISTS = ("access-events", "accounts", "tokens", "history", "credits/ledger", "jobs", "calls")


def test_no_cursor_makes_us_fail(scene: Scene) -> None:
    add_api(scene.app, scene.app.state.doorkeeper)
    owner = scene.signed_in("owner", "owner")
    for path in LISTS:
        for place in CURSORS:
            cursor = base64.urlsafe_b64encode(place.encode()).decode()
            answer = owner.get(f"/api/v1/{path}?cursor={cursor}")
            assert answer.status_code == 422, f"{path}: {answer.text}"


def test_a_guests_answers_are_his_own(scene: Scene) -> None:
    """Two programs of the operator may be called alike."""
    add_api(scene.app, scene.app.state.doorkeeper)
    tokens = []
    owner = scene.signed_in("owner", "owner")
    for permissions in (["system:write", "users:write"], ["system:write", "users:read"]):
        body = {"name": "sync", "permissions": permissions, "lasts_days": 1}
        tokens.append(owner.post("/api/v1/tokens", json=body).json()["token"])
    statuses = []
    for token in tokens:
        program = scene.visitor(
            authorization=f"Bearer {token}",
            **{"callwright-organisation": FABRIKAM, "idempotency-key": "k"},
        )
        answer = program.post("/api/v1/changes", json={})
        statuses.append((answer.status_code, answer.headers.get("idempotency-replayed")))
    assert statuses == [(200, None), (200, None)]


def test_a_guest_leaves_no_token_behind(scene: Scene) -> None:
    """It would hold when his account at home is long gone."""
    owner = scene.signed_in("owner", "owner")
    body = {"name": "mine", "permissions": ["users:write"], "lasts_days": 1}
    elsewhere = {"callwright-organisation": FABRIKAM}
    answer = owner.post("/api/v1/tokens", json=body, headers=elsewhere)
    assert answer.status_code == 403, answer.text
    at_home = {"callwright-organisation": CONTOSO}
    assert owner.post("/api/v1/tokens", json=body, headers=at_home).status_code == 201


class Interrupted(PasswordHashes):
    """A password takes a while to be hashed; something happens meanwhile."""

    def __init__(self, happens: Callable[[], object]) -> None:
        super().__init__()
        self._happens = happens

    def fits(self, password: str, hash: str | None) -> bool:
        self._happens()
        return super().fits(password, hash)


def test_nobody_enables_himself_by_a_new_password(scene: Scene) -> None:
    account = scene.account("bob", "administrator")
    desk = scene.desk()

    def disable() -> None:
        wanted = Wanted(is_enabled=False, roles=["user"])
        change_account(desk, account.id, wanted, by=LOCAL, knows_user=lambda key: True)

    slow = replace(desk, hashes=Interrupted(disable))
    by = Principal(PrincipalKind.ACCOUNT, "bob", account.permissions, account=account.id)
    set_own_password(slow, account.id, old=PASSWORD, new="quite another password", by=by)
    found = desk.accounts.account(account.id)
    assert found is not None
    assert (found.is_enabled, found.roles) == (False, ("user",))
