"""Agents act for themselves over the API, and whoever leads a queue for its agents."""

import pytest
from tests.unit.api.access.access_scene import LOCAL, PASSWORD, Scene, Visitor

from callwright.api.app import add_api
from callwright.operations.access.accounts import Wanted, make_account
from callwright.operations.actor import SYSTEM
from callwright.operations.configuration import Edit

LICENSED = {"licences": ["phone-system"]}


@pytest.fixture
def scene_with_queue(scene: Scene) -> Scene:
    """Alice leads the support queue, whose agent is Bob; Carol is nobody there."""
    add_api(scene.app, scene.app.state.doorkeeper)
    allowed = {"allow": ["queue_agent_opt"]}
    edit = Edit(
        {
            ("licences", "licences"): {"phone-system": {"seats": 10}},
            ("user", "alice"): {"name": "Alice", "policies": {"voice_applications": "leads"}},
            ("user", "bob"): {"name": "Bob", **LICENSED},
            ("user", "carol"): {"name": "Carol", "policies": {"voice_applications": "leads"}},
            ("call-queue", "support"): {"agents": [{"user": "bob"}], "authorised": ["alice"]},
            ("call-queue", "sales"): {"agents": [{"user": "bob"}]},
            ("voice-applications-policy", "leads"): allowed,
        }
    )
    scene.tenants.first().administration.change(edit, by=SYSTEM)
    for name in ("alice", "bob", "carol"):
        wanted = Wanted(name=name, user=name, roles=["authorised-user"], password=PASSWORD)
        make_account(scene.desk(), wanted, by=LOCAL, knows_user=lambda key: True)
    return scene


def signed_in(scene: Scene, name: str) -> Visitor:
    visitor = scene.visitor()
    assert visitor.sign_in(name).status_code == 200
    return visitor


def opt_out(visitor: Visitor, *queues: str) -> int:
    body = {"queues": list(queues)} if queues else {}
    return visitor.post("/api/v1/agents/bob/opt-out", json=body).status_code


def test_an_agent_opts_pauses_and_looks_for_himself(scene_with_queue: Scene) -> None:
    bob = signed_in(scene_with_queue, "bob")
    assert opt_out(bob, "sales") == 200
    assert bob.post("/api/v1/agents/bob/pause", json={"reason": "Lunch"}).status_code == 200
    own = bob.get("/api/v1/agents/bob").json()
    assert [queue["opted_in"] for queue in own["queues"]] == [True, False]
    assert [each["agent"] for each in bob.get("/api/v1/agents").json()["items"]] == ["bob"]
    assert bob.get("/api/v1/call-queues/support/agents").status_code == 200


def test_who_leads_a_queue_opts_its_agents_in_and_out_there_and_nowhere_else(
    scene_with_queue: Scene,
) -> None:
    alice = signed_in(scene_with_queue, "alice")
    assert opt_out(alice, "support") == 200
    assert opt_out(alice, "sales") == 403
    assert opt_out(alice) == 403
    assert alice.post("/api/v1/agents/bob/pause", json={}).status_code == 403
    assert alice.get("/api/v1/call-queues/support/agents").status_code == 200


def test_the_flag_alone_allows_nothing(scene_with_queue: Scene) -> None:
    carol = signed_in(scene_with_queue, "carol")
    assert opt_out(carol, "support") == 403
    assert carol.get("/api/v1/agents/bob").status_code == 403
    assert carol.get("/api/v1/call-queues/support/agents").status_code == 403
