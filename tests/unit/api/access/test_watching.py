"""A user to whom a queue is entrusted watches it where his policy says so (SPEC 11.3)."""

from dataclasses import replace

import pytest
from tests.unit.api.access.access_scene import LOCAL, PASSWORD, Scene, Visitor
from tests.unit.api.api_client import Boards, Running

from callwright.api.app import add_api
from callwright.domains.queues.board import board_of
from callwright.domains.queues.view import AgentCondition, AgentView, QueueView
from callwright.kernel.ids import CallQueueId, UserId
from callwright.operations.access.accounts import Wanted, make_account
from callwright.operations.actor import SYSTEM
from callwright.operations.configuration import Edit

LIVE = "/api/v1/call-queues/support/live"
SALES = CallQueueId("sales")


def watcher(scene: Scene, metrics: str) -> Visitor:
    """Signed in; support lists her, sales does not. No server runs, which the answer shows."""
    add_api(scene.app, scene.app.state.doorkeeper)
    edit = Edit(
        {
            ("user", "alice"): {"name": "Alice"},
            ("call-queue", "support"): {"agents": [{"user": "alice"}], "authorised": ["alice"]},
            ("call-queue", "sales"): {"agents": [{"user": "alice"}]},
            ("voice-applications-policy", "default"): {"real_time_metrics": metrics},
        }
    )
    scene.tenants.first().administration.change(edit, by=SYSTEM)
    wanted = Wanted(name="alice", user="alice", roles=["authorised-user"], password=PASSWORD)
    make_account(scene.desk(), wanted, by=LOCAL, knows_user=lambda key: True)
    visitor = scene.visitor()
    assert visitor.sign_in("alice").status_code == 200
    return visitor


@pytest.mark.parametrize(("metrics", "status"), [("authorised", 503), ("disabled", 403)])
def test_the_policy_decides(scene: Scene, metrics: str, status: int) -> None:
    alice = watcher(scene, metrics)
    assert alice.get(LIVE).status_code == status
    assert alice.get("/api/v1/live/call-queues").status_code == status


def test_whom_agents_talk_to_beside_his_queues_is_not_shown(scene: Scene) -> None:
    talks = [
        AgentView(
            UserId(agent), AgentCondition.IN_CALL, None, talks_with="+12065550101", in_queue=queue
        )
        for agent, queue in (("bob", CallQueueId("support")), ("carol", None), ("erin", SALES))
    ]
    board = board_of(QueueView(CallQueueId("support"), (), tuple(talks), None, 0.0))
    first = scene.tenants.first()
    scene.tenants.replace(first, replace(first, live=Running(board=Boards(board))))
    shown = watcher(scene, "authorised").get(LIVE).json()["agents"]
    assert [(each["state"], each["talks_with"]) for each in shown] == [
        ("in-call", "+12065550101"),
        ("in-call", None),
        ("in-call", None),
    ]


def test_other_queues_are_not_his(scene: Scene) -> None:
    alice = watcher(scene, "authorised")
    assert alice.get("/api/v1/call-queues/sales/live").status_code == 403


def test_he_sees_and_asks_for_supervision_for_himself_only(scene: Scene) -> None:
    alice = watcher(scene, "authorised")
    wanted = {"supervisor": "bob", "agent": "alice"}
    assert alice.post("/api/v1/supervision", json=wanted).status_code == 403
    wanted = {"supervisor": "alice", "agent": "bob"}
    assert alice.post("/api/v1/supervision", json=wanted).status_code == 503
