"""Who leads a queue sees its history, as far as the policy says; other people's he does not."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.contract.storage.made_visits import PLAIN, queue_visit
from tests.unit.api.access.access_scene import AT, LOCAL, PASSWORD, Scene, Visitor

from callwright.api.app import add_api
from callwright.kernel.ids import CallId, CallQueueId
from callwright.operations.access.accounts import Wanted, make_account
from callwright.operations.actor import SYSTEM
from callwright.operations.configuration import Edit
from callwright.storage.call_records import CallRecords

REPORT = "/api/v1/reports/queues"
BEFORE = AT - timedelta(hours=1)
LEADS = ("voice-applications-policy", "leads")


@pytest.fixture
def alice(scene: Scene) -> Visitor:
    """She leads support; each of two queues had a caller an hour ago."""
    add_api(scene.app, scene.app.state.doorkeeper)
    edit = Edit(
        {
            ("user", "alice"): {"name": "Alice", "policies": {"voice_applications": "leads"}},
            ("call-queue", "support"): {"agents": [], "authorised": ["alice"]},
            ("call-queue", "sales"): {"agents": []},
            LEADS: {"historical_metrics": "authorised"},
        }
    )
    tenant = scene.tenants.first()
    tenant.administration.change(edit, by=SYSTEM)
    visit = replace(queue_visit(random.Random(1), BEFORE), offers=())
    records = [
        replace(PLAIN, id=CallId(f"call_{name}"), visits=(replace(visit, queue=CallQueueId(name)),))
        for name in ("support", "sales")
    ]
    CallRecords(tenant.database).add(records)
    wanted = Wanted(name="alice", user="alice", roles=["authorised-user"], password=PASSWORD)
    make_account(scene.desk(), wanted, by=LOCAL, knows_user=lambda key: True)
    visitor = scene.visitor()
    assert visitor.sign_in("alice").status_code == 200
    return visitor


def seen(visitor: Visitor, path: str = REPORT) -> list[str]:
    answer = visitor.get(path)
    assert answer.status_code == 200, answer.text
    return [each["queue"] for each in answer.json()["items"]]


def test_she_sees_the_queue_that_lists_her_and_no_other(alice: Visitor) -> None:
    assert seen(alice) == ["support"]
    assert seen(alice, f"{REPORT}?queue=sales") == []
    assert seen(alice, f"{REPORT}/callers") == ["support"]
    assert seen(alice, f"{REPORT}/callers?queue=sales") == []
    assert alice.get(REPORT).json()["identified"] is True
    volume = alice.get(f"{REPORT}/volume?by=day").json()["items"]
    assert sum(day["offered"] for day in volume) == 1
    for path in ("/api/v1/reports/pstn", "/api/v1/reports/trunks", "/api/v1/reports/pstn/archive"):
        assert alice.get(path).status_code == 403


@pytest.mark.parametrize(("metrics", "queues"), [("all", ["sales", "support"]), ("disabled", None)])
def test_the_policy_opens_all_or_nothing(
    scene: Scene, alice: Visitor, metrics: str, queues: list[str] | None
) -> None:
    changed = Edit({LEADS: {"historical_metrics": metrics}})
    scene.tenants.first().administration.change(changed, by=SYSTEM)
    if queues is None:
        refused = alice.get(REPORT)
        assert refused.status_code == 403
        assert "historical_metrics" in refused.json()["remedy"]
    else:
        assert seen(alice) == queues
