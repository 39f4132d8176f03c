"""Agents of queues over HTTP, where no server runs: what they chose, who may, what is refused."""

from collections.abc import Container
from dataclasses import dataclass, replace
from typing import Any

import pytest
from tests.unit.api.api_client import AT, Api, Running, make_demo_app

from callwright.api.stored_agents import stored_agents
from callwright.apps.call_queue.agent_acts import AgentActs
from callwright.apps.call_queue.floor import Floor
from callwright.apps.call_queue.roster import Engagement
from callwright.domains.queues.absence import Absence
from callwright.kernel.ids import CallQueueId, UserId
from callwright.operations.organisation_file import build_snapshot
from callwright.storage.queue_agents import StoredAbsences

CUSTOMER = "+12065550101"


def test_agents_are_listed_with_their_queues(api: Api) -> None:
    agents = {each["agent"]: each for each in api.get("/agents")["items"]}
    assert agents["alice"]["condition"] == "offline"
    memberships = agents["alice"]["queues"]
    assert {"queue": "support", "opted_in": True, "may_opt_out": True} in memberships
    of_support = [each["agent"] for each in api.get("/call-queues/support/agents")["items"]]
    assert "alice" in of_support
    assert api.ask("GET", "/call-queues/none/agents").status_code == 404
    assert api.ask("GET", "/agents/zoe").status_code == 404


def test_agents_come_in_pages_and_may_be_looked_for(api: Api) -> None:
    def keys(query: str) -> list[str]:
        return [each["agent"] for each in api.get(f"/agents?{query}")["items"]]

    everybody = keys("")
    assert everybody == sorted(everybody)
    first = api.get("/agents?limit=1")
    assert (first["items"][0]["agent"], first["total"]) == (everybody[0], len(everybody))
    seen, cursor = [everybody[0]], first["next"]
    while cursor is not None:
        page = api.get(f"/agents?limit=1&cursor={cursor}")
        seen.append(page["items"][0]["agent"])
        cursor = page["next"]
    assert seen == everybody
    assert keys("q=ALI") == ["alice"]
    of_support = {each["agent"] for each in api.get("/call-queues/support/agents")["items"]}
    assert set(keys("queue=support")) == of_support
    assert keys("queue=none") == []
    api.ask("POST", "/agents/bob/pause", {})
    assert keys("condition=available") == []
    offline = api.get("/agents?condition=offline")
    assert (len(offline["items"]), offline["total"]) == (len(everybody), None)


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
    no_opt_out(api, "support")
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


class Talking:
    """Everybody has a phone, and alice talks to a customer (``Roster``)."""

    def has_phone(self, user: UserId) -> bool:
        return True

    def is_engaged(self, user: UserId) -> bool:
        return user in self.engaged()

    def engaged(self) -> Container[UserId]:
        return {"alice"}

    def idle_since(self, user: UserId) -> float:
        return 0.0

    def engagement(self, user: UserId) -> Engagement | None:
        return Engagement(AT, CUSTOMER) if self.is_engaged(user) else None


class NothingKept:
    """``AbsenceStore``."""

    async def begin(self, absence: Absence) -> None:
        """Not asked here."""

    async def end(self, user: UserId, queue: CallQueueId | None) -> None:
        """Not asked here."""


@dataclass
class Serving(Running):
    agents: AgentActs | None = None


@pytest.mark.parametrize(
    ("may", "seen"), [("services:read", None), ("services:read calls:read", CUSTOMER)]
)
def test_whom_an_agent_talks_to_is_told_to_who_may_read_calls(
    api: Api, may: str, seen: str | None
) -> None:
    """A reader of reports learns no customer's number, and no friend's of an agent."""
    stored = stored_agents(api.tenant)
    organisation = api.administration.current().organisation
    assert stored is not None
    assert organisation is not None
    snapshot = build_snapshot(organisation, revision=1, base=None)
    floor = Floor(Talking(), stored.floor.clock, lambda queue: (queue, ()))
    floor.follow(snapshot.queues)
    live = Serving(snapshot=snapshot, agents=AgentActs(floor, NothingKept(), tuple))
    api.app = make_demo_app(replace(api.tenant, live=live))
    for path in ("/agents", "/call-queues/support/agents"):
        shown = {each["agent"]: each for each in api.get(path, may=may)["items"]}
        assert shown["alice"]["condition"] == "in-call"
        assert shown["alice"]["talks_with"] == seen
    assert api.get("/agents/alice", may=may)["talks_with"] == seen


def no_opt_out(api: Api, queue: str) -> None:
    changed = api.ask(
        "PATCH",
        f"/call-queues/{queue}",
        {"opt_out": False},
        headers={"Content-Type": "application/merge-patch+json"},
    )
    assert changed.status_code == 200, changed.text


def test_opting_out_of_several_queues_happens_whole_or_not_at_all(api: Api) -> None:
    no_opt_out(api, "sales")
    refused = api.ask("POST", "/agents/alice/opt-out", {"queues": ["support", "sales"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "no-opt-out")
    assert StoredAbsences(api.database).all() == []


def test_opting_out_of_all_leaves_those_that_do_not_let_their_agents(api: Api) -> None:
    """As the code does that agents dial."""
    no_opt_out(api, "sales")
    answer = api.ask("POST", "/agents/alice/opt-out", {})
    assert answer.status_code == 200, answer.text
    opted_in = {each["queue"]: each["opted_in"] for each in answer.json()["queues"]}
    assert opted_in == {"support": False, "sales": True}
    assert api.ask("POST", "/agents/alice/opt-in", {}).status_code == 200
    no_opt_out(api, "support")
    assert api.ask("POST", "/agents/alice/opt-out", {}).status_code == 409


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
