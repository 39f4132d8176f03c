"""Agents of queues over HTTP, where no server runs: what they chose, who may, what is refused."""

from typing import Any

import pytest
from tests.unit.api.api_client import Api

from callwright.domains.queues.absence import Absence
from callwright.kernel.ids import CallQueueId, UserId
from callwright.storage.queue_agents import StoredAbsences


def test_agents_are_listed_with_their_queues(api: Api) -> None:
    agents = {each["agent"]: each for each in api.get("/agents")["items"]}
    assert agents["alice"]["condition"] == "offline"
    memberships = agents["alice"]["queues"]
    assert {"queue": "support", "opted_in": True, "may_opt_out": True} in memberships
    of_support = [each["agent"] for each in api.get("/call-queues/support/agents")["items"]]
    assert "alice" in of_support
    assert api.ask("GET", "/call-queues/none/agents").status_code == 404
    assert api.ask("GET", "/agents/zoe").status_code == 404


def test_opting_out_of_one_queue_is_stored(api: Api) -> None:
    answer = api.ask("POST", "/agents/alice/opt-out", {"queues": ["support"]})
    assert answer.status_code == 200, answer.text
    [absence] = StoredAbsences(api.database).all()
    assert absence == Absence(UserId("alice"), CallQueueId("support"), api.watch.now)
    support = next(q for q in answer.json()["queues"] if q["queue"] == "support")
    assert support["opted_in"] is False
    assert api.ask("POST", "/agents/alice/opt-in", {}).status_code == 200
    assert StoredAbsences(api.database).all() == []


def test_a_queue_may_leave_no_choice(api: Api) -> None:
    changed = api.ask(
        "PATCH",
        "/call-queues/support",
        {"opt_out": False},
        headers={"Content-Type": "application/merge-patch+json"},
    )
    assert changed.status_code == 200, changed.text
    refused = api.ask("POST", "/agents/alice/opt-out", {"queues": ["support"]})
    assert refused.status_code == 409
    assert refused.json()["code"] == "no-opt-out"
    assert StoredAbsences(api.database).all() == []


def test_a_pause_keeps_its_beginning_and_takes_another_reason(api: Api) -> None:
    began = api.watch.now
    paused = api.ask("POST", "/agents/bob/pause", {"reason": "Lunch"})
    assert paused.status_code == 200
    told = paused.json()
    assert (told["condition"], told["paused"], told["reason"]) == ("offline", True, "Lunch")
    api.watch.pass_by(60)
    assert api.ask("POST", "/agents/bob/pause", {"reason": "Training"}).status_code == 200
    assert StoredAbsences(api.database).all() == [Absence(UserId("bob"), None, began, "Training")]
    assert api.ask("POST", "/agents/bob/resume").status_code == 200
    assert StoredAbsences(api.database).all() == []


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/agents/zoe/pause", {}, 404),
        ("/agents/zoe/opt-out", {}, 404),
        ("/agents/alice/opt-out", {"queues": ["nothing"]}, 404),
        ("/agents/alice/pause", {"reason": "x" * 65}, 422),
        ("/agents/alice/pause", {"reason": "a\nb"}, 422),
        ("/agents/alice/wrap-up", {"extend_s": 60}, 409),
        ("/agents/alice/wrap-up", {"extend_s": 0}, 422),
    ],
)
def test_what_cannot_be_done_says_why(api: Api, path: str, body: Any, status: int) -> None:
    answer = api.ask("POST", path, body)
    assert answer.status_code == status, answer.text
    assert StoredAbsences(api.database).all() == []


def test_who_may_only_read_changes_nothing(api: Api) -> None:
    assert api.ask("GET", "/agents", may="services:read").status_code == 200
    assert api.ask("POST", "/agents/alice/pause", {}, may="services:read").status_code == 403
    assert api.ask("GET", "/agents", may="calls:read").status_code == 403
