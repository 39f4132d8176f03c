"""Codes of queues, numbers that agents may show, and groups that ring, as `explain` tells them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from callwright.domains.directory.model import Group, GroupRing, RingOrder
from callwright.kernel.ids import GroupId, MailboxId, ResourceAccountId, UserId
from callwright.kernel.target import ToGroup, ToVoicemail
from callwright.routing.explain import explain
from callwright.routing.on_behalf import lender_of
from callwright.routing.snapshot import Snapshot
from callwright.testing.builders import SUPPORT, contoso_queues, contoso_snapshot

NOON = datetime(2026, 11, 26, 20, tzinfo=UTC)
FRIEND = "+12065550199"


def lending() -> Snapshot:
    queues = contoso_queues()
    lent = (ResourceAccountId("support-line"), ResourceAccountId("sales-line"))
    support = replace(queues[SUPPORT], caller_ids=lent, call_out_code="*81")
    return contoso_snapshot(queues={**queues, SUPPORT: support})


def test_explain_says_which_number_is_shown_and_why() -> None:
    told = explain(lending(), caller="alice", dialled=f"*81{FRIEND}", at=NOON)
    assert told.outcome.endswith("showing +14255550151")
    assert any("*81 is the code of queue support" in step.because for step in told.steps)


@pytest.mark.parametrize("caller", ["carol", "erin"])
def test_who_is_no_agent_is_refused(caller: str) -> None:
    told = explain(lending(), caller=caller, dialled=f"*81{FRIEND}", at=NOON)
    assert "on-behalf-forbidden (403)" in told.outcome


def test_a_code_with_nothing_behind_it_is_no_call_on_behalf() -> None:
    told = explain(lending(), caller="alice", dialled="*81", at=NOON)
    assert "address-unknown" in told.outcome


def test_agents_may_show_what_their_queues_lend() -> None:
    for account in ("support-line", "sales-line"):
        assert lender_of(lending(), UserId("alice"), ResourceAccountId(account)) == "support"
    assert lender_of(lending(), UserId("erin"), ResourceAccountId("support-line")) is None
    assert lender_of(lending(), UserId("alice"), ResourceAccountId("main-line")) is None


def test_explain_follows_a_group_and_what_comes_after_it() -> None:
    snapshot = contoso_snapshot()
    then = ToVoicemail(MailboxId("support"))
    team = Group(
        GroupId("team"),
        (UserId("alice"), UserId("bob")),
        ring=GroupRing(RingOrder.IN_ORDER, 10, then),
    )
    forwarding = snapshot.users[UserId("carol")]
    carol = replace(
        forwarding, answering=replace(forwarding.answering, forward_to=ToGroup(GroupId("team")))
    )
    changed = replace(
        snapshot,
        groups={**snapshot.groups, team.id: team},
        users={**snapshot.users, carol.id: carol},
    )
    told = explain(changed, caller="bob", dialled="103", at=NOON)
    assert told.outcome.startswith("rings group team (in-order, 10 s)")
    assert "voicemail of support" in told.outcome
