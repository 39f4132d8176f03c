"""`explain` names licence, voice flag, account and policy, as calls do (rows 8, 277)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from callwright.domains.attendants.model import CallFlow
from callwright.domains.directory.model import Group
from callwright.domains.policies.model import CallingPolicy, OutboundCalls, VoicemailUse
from callwright.domains.pstn.model import DialPlan, RoutingPolicy
from callwright.kernel.ids import GroupId, ResourceAccountId
from callwright.kernel.policy import PolicyKind, RankedPolicy
from callwright.kernel.prompt import Say
from callwright.kernel.target import ToUser
from callwright.routing.explain import Explanation, explain
from callwright.routing.snapshot import Snapshot
from callwright.testing.builders import (
    ALICE,
    BOB,
    DAVE,
    RECEPTION,
    SALES,
    contoso_queues,
    contoso_resource_accounts,
    contoso_snapshot,
    contoso_users,
    reception,
    reception_menu,
    translation,
)

NOON = datetime(2026, 10, 14, 19, 0, tzinfo=UTC)
FRIEND, LONDON, MAIN = "+12065550199", "+442079460123", "+14255550150"
IN_SALES = Group(
    GroupId("sales"), (ALICE,), policies={PolicyKind.CALLING: RankedPolicy("domestic", 1)}
)


def with_user(user: object, **changes: object) -> Snapshot:
    users = contoso_users()
    known = next(key for key in users if key == user)
    users[known] = replace(users[known], **changes)  # type: ignore[arg-type]
    return contoso_snapshot(users=users)


def told(snapshot: Snapshot, caller: str, dialled: str) -> Explanation:
    return explain(snapshot, caller=caller, dialled=dialled, at=NOON)


def why(explanation: Explanation) -> str:
    return "\n".join(f"{step.what} because {step.because}" for step in explanation.steps)


@pytest.mark.row(8)
def test_an_account_without_licence() -> None:
    accounts = contoso_resource_accounts()
    main = ResourceAccountId("main-line")
    accounts[main] = replace(accounts[main], licences=frozenset())
    found = told(contoso_snapshot(resource_accounts=accounts), FRIEND, "+14255550150")
    assert found.outcome == "refused: licence-resource-account-missing (403)"
    assert "resource account main-line holds no resource-account licence" in why(found)


def test_a_voice_flag_that_is_off() -> None:
    found = told(with_user(ALICE, has_voice=False), "alice", FRIEND)
    assert found.outcome == "refused: voice-disabled (403)"
    assert "alice has voice: false" in why(found)


def test_a_disabled_callee() -> None:
    found = told(with_user(BOB, is_enabled=False), "alice", "102")
    assert found.outcome == "rings nobody, voicemail of bob"
    assert "no phone of bob rings because the account is disabled" in why(found)


@pytest.mark.row(277)
def test_a_policy_with_the_group_that_gives_it() -> None:
    snapshot = contoso_snapshot(
        groups={IN_SALES.id: IN_SALES},
        calling_policies={"domestic": CallingPolicy(outbound=OutboundCalls.DOMESTIC)},
    )
    found = told(snapshot, "alice", LONDON)
    assert found.outcome == "refused: international-forbidden (403)"
    assert "calling policy domestic (group sales, rank 1)" in why(found)
    assert told(snapshot, "bob", LONDON).outcome.startswith("calls +442079460123")


def test_voicemail_that_the_policy_forbids() -> None:
    never = {"default": CallingPolicy(voicemail=VoicemailUse.NEVER)}
    found = told(contoso_snapshot(calling_policies=never), "alice", "102")
    assert found.outcome == "rings bob (20 s), then the call ends"
    assert "no call goes on to voicemail of bob because the calling policy forbids it" in why(found)


def test_an_agent_who_may_not_take_calls() -> None:
    queues = contoso_queues()
    queues[SALES] = replace(queues[SALES], agents=(DAVE, BOB))
    found = told(contoso_snapshot(queues=queues), FRIEND, "+14255550152")
    assert "dave is no agent now because dave holds no phone-system licence" in why(found)
    assert "waits in queue sales for bob" in found.outcome


def test_routes_and_dial_plan_of_ones_own() -> None:
    snapshot = replace(
        with_user(BOB, policies={PolicyKind.ROUTING: "world", PolicyKind.DIAL_PLAN: "seattle"}),
        routing_policies={"world": RoutingPolicy("world", ("international",))},
        dial_plans={
            "seattle": DialPlan("seattle", (translation(r"^(\d{7})$", "+1206$1", "near"),))
        },
    )
    found = told(snapshot, "bob", "5550199")
    assert "5550199 becomes +12065550199 because rule near of dial plan seattle" in why(found)
    assert "route world, policy world (given directly)" in why(found)
    refused = told(snapshot, "alice", FRIEND)
    assert refused.outcome == "refused: no-route (403)"
    assert "no route of policy default matches +12065550199" in why(refused)


def test_a_menu_key_that_leads_to_who_may_not_have_it() -> None:
    menu = replace(reception_menu(), keys={"1": ToUser(DAVE), "2": ToUser(BOB)})
    flow = CallFlow(Say("Welcome to Contoso."), menu)
    found = told(contoso_snapshot(attendants={RECEPTION: reception(open=flow)}), FRIEND, MAIN)
    assert "key 1 leads to the operator because dave holds no phone-system licence" in why(found)
    assert "key 2: bob" in why(found)
    assert "key 1: the operator, alice" in why(found)
