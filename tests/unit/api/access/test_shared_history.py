"""Calls of a queue that it shares with its people, who have no role (SPEC 10.2)."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.contract.storage.made_visits import PLAIN, queue_visit
from tests.unit.api.access.access_scene import AT, LOCAL, PASSWORD, Scene, Visitor

from callwright.api.app import add_api
from callwright.calls.record import Direction, on_behalf_of
from callwright.calls.visits import FinalAction, QueueResult
from callwright.kernel.ids import CallId, CallQueueId, SbcId, UserId
from callwright.operations.access.accounts import Wanted, make_account
from callwright.operations.actor import SYSTEM
from callwright.operations.configuration import Edit
from callwright.storage.call_records import CallRecords

CALLS = "/api/v1/call-queues/support/calls"
SHARED = {"missed": "agents", "answered": "authorised"}
VISIT = replace(
    queue_visit(random.Random(1), AT - timedelta(hours=1)),
    queue=CallQueueId("support"),
    result=QueueResult.ABANDONED,
    offers=(),
    final_action=None,
    target_type=None,
    target=None,
)
ANSWERED = replace(VISIT, result=QueueResult.TRANSFERRED_TO_AGENT, agent=UserId("alice"))
VISITS = {
    "abandoned": VISIT,
    "cut-off": replace(
        VISIT, result=QueueResult.TIMED_OUT, final_action=FinalAction.DISCONNECT_WITH_BUSY
    ),
    "answered": ANSWERED,
    "sent-on": replace(VISIT, result=QueueResult.OVERFLOWN, final_action=FinalAction.FORWARD),
    "elsewhere": replace(VISIT, queue=CallQueueId("sales")),
}


@pytest.fixture
def shared(scene: Scene) -> Scene:
    """alice is an agent of support by her group, dave leads it, bob is neither."""
    add_api(scene.app, scene.app.state.doorkeeper)
    edit = Edit(
        {
            **{("user", user): {"name": user.title()} for user in ("alice", "bob", "dave")},
            ("group", "team"): {"members": ["alice"]},
            ("call-queue", "sales"): {"agents": []},
        }
    )
    tenant = scene.tenants.first()
    tenant.administration.change(edit, by=SYSTEM)
    share(scene, SHARED)
    records = [
        replace(PLAIN, id=CallId(f"call_{name}"), visits=(visit,)) for name, visit in VISITS.items()
    ]
    CallRecords(tenant.database).add(records)
    for user in ("alice", "bob", "dave"):
        wanted = Wanted(name=user, user=user, roles=["user"], password=PASSWORD)
        make_account(scene.desk(), wanted, by=LOCAL, knows_user=lambda key: True)
    return scene


def share(scene: Scene, shared: dict[str, str] | None) -> None:
    queue = {"agents": [{"group": "team"}], "authorised": ["dave"]}
    settings = queue if shared is None else {**queue, "shared_history": shared}
    edit = Edit({("call-queue", "support"): settings})
    scene.tenants.first().administration.change(edit, by=SYSTEM)


def signed_in(scene: Scene, user: str) -> Visitor:
    visitor = scene.visitor()
    assert visitor.sign_in(user).status_code == 200
    return visitor


def seen(visitor: Visitor, query: str = "") -> set[str]:
    answer = visitor.get(CALLS + query)
    assert answer.status_code == 200, answer.text
    return {each["call"].removeprefix("call_") for each in answer.json()["items"]}


def test_agents_see_what_is_shared_with_agents_and_who_leads_them_more(shared: Scene) -> None:
    assert seen(signed_in(shared, "alice")) == {"abandoned", "cut-off"}
    lead = signed_in(shared, "dave")
    assert seen(lead) == {"abandoned", "cut-off", "answered"}
    assert seen(lead, "?kind=answered") == {"answered"}
    (first, *_) = lead.get(f"{CALLS}?kind=answered").json()["items"]
    assert first["kind"] == "answered"
    assert (first["caller"], first["call_type"]) == ("+12065550199", "External")


def test_callers_who_were_sent_on_are_a_kind_of_their_own(shared: Scene) -> None:
    share(shared, {"redirected": "agents"})
    assert seen(signed_in(shared, "alice")) == {"sent-on"}
    assert seen(signed_in(shared, "dave")) == {"sent-on"}


def test_calls_on_behalf_of_the_queue_are_shared_like_answered_ones(shared: Scene) -> None:
    out = replace(
        PLAIN,
        id=CallId("call_out"),
        started_at=AT - timedelta(hours=1),
        caller="+14255550151",
        callee="+12065550101",
        direction=Direction.OUTBOUND,
        caller_user=UserId("alice"),
        gateway=SbcId("sbc1"),
        via=on_behalf_of(CallQueueId("support")),
    )
    elsewhere = replace(out, id=CallId("call_own"), via=None)
    CallRecords(shared.tenants.first().database).add([out, elsewhere])
    answer = signed_in(shared, "dave").get(f"{CALLS}?kind=outbound")
    (made,) = answer.json()["items"]
    assert (made["call"], made["agent"], made["called"]) == ("call_out", "alice", "+12065550101")
    assert made["kind"] == "outbound"
    assert signed_in(shared, "alice").get(f"{CALLS}?kind=outbound").status_code == 403


@pytest.mark.parametrize(("user", "query"), [("bob", ""), ("alice", "?kind=redirected")])
def test_what_is_not_shared_is_refused_with_the_remedy(
    shared: Scene, user: str, query: str
) -> None:
    refused = signed_in(shared, user).get(CALLS + query)
    assert refused.status_code == 403
    assert "shared_history" in refused.json()["remedy"]


def test_nothing_is_shared_unless_the_file_says_so(shared: Scene) -> None:
    share(shared, None)
    for user in ("alice", "dave"):
        assert signed_in(shared, user).get(CALLS).status_code == 403


def test_a_queue_that_is_not_there_is_named(shared: Scene) -> None:
    visitor = signed_in(shared, "dave")
    missing = visitor.get("/api/v1/call-queues/night/calls")
    assert missing.status_code == 404
    assert "night" in missing.json()["detail"]
