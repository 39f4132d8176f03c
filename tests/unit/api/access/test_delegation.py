"""An authorised user changes over the API what was entrusted to him, and nothing else."""

import pytest
from tests.unit.api.access.access_scene import LOCAL, PASSWORD, Scene, Visitor

from callwright.api.app import add_api
from callwright.operations.access.accounts import Wanted, make_account
from callwright.operations.actor import SYSTEM
from callwright.operations.configuration import Edit

QUEUE = "/api/v1/call-queues/support"


@pytest.fixture
def alice(scene: Scene) -> Visitor:
    """Signed in; the queue lists her, and everybody's policy lets greetings be changed."""
    add_api(scene.app, scene.app.state.doorkeeper)
    queue = {"agents": [{"user": "bob"}], "authorised": ["alice"]}
    policy = {"allow": ["queue_welcome_greeting"]}
    edit = Edit(
        {
            ("user", "alice"): {"name": "Alice"},
            ("user", "bob"): {"name": "Bob"},
            ("call-queue", "support"): queue,
            ("call-queue", "sales"): {"agents": [{"user": "bob"}]},
            ("voice-applications-policy", "default"): policy,
        }
    )
    scene.tenants.first().administration.change(edit, by=SYSTEM)
    for name in ("alice", "bob"):
        wanted = Wanted(name=name, user=name, roles=["authorised-user"], password=PASSWORD)
        make_account(scene.desk(), wanted, by=LOCAL, knows_user=lambda key: True)
    return signed_in(scene, "alice")


def signed_in(scene: Scene, name: str) -> Visitor:
    visitor = scene.visitor()
    assert visitor.sign_in(name).status_code == 200
    return visitor


@pytest.mark.row(278)
def test_listed_and_flag_may_change_and_the_history_names_him(scene: Scene, alice: Visitor) -> None:
    answer = alice.patch(QUEUE, json={"greeting": {"say": "Welcome."}})
    assert answer.status_code == 200, answer.text
    assert answer.json()["greeting"] == {"say": "Welcome."}


@pytest.mark.row(278)
@pytest.mark.parametrize(
    ("name", "path", "change", "because"),
    [
        ("bob", QUEUE, {"greeting": {"say": "Hi."}}, "not in its list"),
        ("alice", "/api/v1/call-queues/sales", {"greeting": {"say": "Hi."}}, "not in its list"),
        ("alice", QUEUE, {"music": "default", "agents": []}, "queue_membership off"),
        ("alice", QUEUE, {"authorised": ["alice", "bob"]}, "services:write"),
    ],
)
def test_missing_either_is_refused_and_says_which(
    scene: Scene, alice: Visitor, name: str, path: str, change: object, because: str
) -> None:
    visitor = alice if name == "alice" else signed_in(scene, name)
    before = scene.tenants.first().administration.current().revision
    answer = visitor.patch(path, json=change)
    assert (answer.status_code, answer.json()["code"]) == (403, "not-entrusted")
    assert because in answer.json()["detail"]
    assert scene.tenants.first().administration.current().revision == before


def test_he_sees_what_lists_him(alice: Visitor) -> None:
    assert alice.get(QUEUE).json()["authorised"] == ["alice"]
    assert alice.get("/api/v1/call-queues/sales").status_code == 403
    assert alice.get("/api/v1/call-queues/none").status_code == 403
    assert alice.get("/api/v1/call-queues").status_code == 403


def test_nothing_else_is_open_to_him(alice: Visitor) -> None:
    assert alice.delete(QUEUE).status_code == 403
    new = alice.put("/api/v1/call-queues/new", json={"agents": [], "authorised": ["alice"]})
    assert new.status_code == 403
    assert alice.put("/api/v1/users/alice", json={"name": "A"}).status_code == 403
    assert alice.get("/api/v1/users").status_code == 403


def test_resource_accounts_take_a_user_administrator_too(scene: Scene, alice: Visitor) -> None:
    """SPEC 11.1."""
    account = {"name": "Main line", "answers": {"call_queue": "support"}}
    path = "/api/v1/resource-accounts/main-line"
    voice = scene.signed_in("vera", "telephony-administrator")
    assert voice.put(path, json=account).status_code == 403
    upserts = [{"kind": "resource-account", "key": "main-line", "settings": account}]
    bulk = voice.post("/api/v1/changes", json={"upserts": upserts})
    assert (bulk.status_code, "users:write" in bulk.text) == (403, True)
    both = scene.signed_in("bert", "telephony-administrator", "user-administrator")
    assert both.put(path, json=account).status_code in (200, 201)


SET = "/api/v1/holiday-sets/public"
FLOW = {"open": {"then": {"user": "bob"}}}


@pytest.fixture
def sharing(scene: Scene, alice: Visitor) -> Visitor:
    """Two attendants share holidays; one lists Alice and Bob, the other Alice only."""
    uses = {**FLOW, "holidays": [{"set": "public"}], "hours": "office"}
    policy = {"allow": ["attendant_holidays", "attendant_business_hours"]}
    edit = Edit(
        {
            ("schedule", "office"): {"hours": {"mon-fri": ["09:00-17:00"]}},
            ("holiday-set", "public"): {"dates": ["2026-12-25"]},
            ("holiday-set", "unused"): {"dates": ["2026-12-25"]},
            ("auto-attendant", "front"): {**uses, "authorised": ["alice", "bob"]},
            ("auto-attendant", "back"): {**uses, "authorised": ["alice"]},
            ("voice-applications-policy", "default"): policy,
        }
    )
    scene.tenants.first().administration.change(edit, by=SYSTEM)
    return alice


@pytest.mark.row(280)
def test_shared_holidays_take_authority_on_every_attendant_that_uses_them(
    scene: Scene, sharing: Visitor
) -> None:
    change = {"dates": ["2026-12-25", "2026-12-26"]}
    refused = signed_in(scene, "bob").patch(SET, json=change)
    assert (refused.status_code, refused.json()["code"]) == (403, "not-entrusted")
    assert "not authorised on every attendant that uses it: front, back" in refused.json()["detail"]
    assert sharing.patch(SET, json=change).json()["dates"] == change["dates"]


@pytest.mark.row(280)
def test_shared_hours_do_so_too(scene: Scene, sharing: Visitor) -> None:
    place, change = "/api/v1/schedules/office", {"hours": {"mon-fri": ["08:00-12:00"]}}
    assert signed_in(scene, "bob").patch(place, json=change).status_code == 403
    assert sharing.patch(place, json=change).status_code == 200
    assert sharing.patch(place, json={"timezone": "Europe/Paris"}).status_code == 403


@pytest.mark.row(280)
def test_who_is_authorised_somewhere_sees_what_is_shared(scene: Scene, sharing: Visitor) -> None:
    bob = signed_in(scene, "bob")
    assert bob.get(SET).status_code == 200
    assert bob.get("/api/v1/schedules/office/preview").json()["zone"]
    unused = "/api/v1/holiday-sets/unused"
    assert (bob.get(unused).status_code, sharing.get(unused).status_code) == (403, 403)
    nobody = sharing.patch(unused, json={"dates": ["2026-12-26"]})
    assert "no attendant uses it" in nobody.json()["detail"]


def test_a_calendar_is_named_by_administrators_only(sharing: Visitor) -> None:
    change = {"calendar": {"url": "http://127.0.0.1/secret"}}
    assert sharing.patch(SET, json=change).status_code == 403
