"""`explain` names who has a line, which treatment applies and which number is shown, and why."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from callwright.domains.numbers.model import NumberKind, NumberRange, NumberSource
from callwright.domains.numbers.rules import Inventory
from callwright.domains.numbers.unassigned import Announcement, UnassignedTreatment
from callwright.domains.policies.model import CallerIdPolicy, Substitute
from callwright.domains.policies.shared_calling import SharedCallingPolicy
from callwright.kernel.e164 import E164
from callwright.kernel.ids import MailboxId, ResourceAccountId, UserId
from callwright.kernel.policy import PolicyKind
from callwright.kernel.prompt import Say
from callwright.routing.explain import Explanation, explain
from callwright.routing.request import LiveState
from callwright.routing.snapshot import Snapshot
from callwright.testing.builders import ALICE, contoso_snapshot, contoso_users

NOON = datetime(2026, 10, 14, 19, 0, tzinfo=UTC)
OUTSIDE, FRIEND = "+12065550123", "+12065550199"
HUNDRED = range(14255550100, 14255550200)
MAIN = ResourceAccountId("main-line")


def told(
    snapshot: Snapshot, caller: str, dialled: str, live: LiveState | None = None
) -> Explanation:
    return explain(snapshot, caller=caller, dialled=dialled, at=NOON, live=live)


def with_alice(**fields: object) -> Snapshot:
    users = contoso_users()
    users[ALICE] = replace(users[ALICE], **fields)  # type: ignore[arg-type]
    return contoso_snapshot(users=users)


def why(explanation: Explanation, what: str) -> str:
    [because] = [step.because for step in explanation.steps if what in step.what]
    return because


def test_a_private_line() -> None:
    told_it = told(with_alice(private_line=E164("+14255550111")), OUTSIDE, "+14255550111")

    assert why(told_it, "goes to alice") == "+14255550111 is the user's private line"
    assert told_it.outcome == "rings alice (5 s), then voicemail of alice"


def test_a_private_line_of_who_has_no_voicemail() -> None:
    snapshot = with_alice(private_line=E164("+14255550111"))
    mailboxes = {key: box for key, box in snapshot.mailboxes.items() if key != MailboxId("alice")}

    told_it = told(replace(snapshot, mailboxes=mailboxes), OUTSIDE, "+14255550111")

    assert told_it.outcome == "rings alice (60 s), then the caller hears busy"


def test_do_not_disturb() -> None:
    alice = contoso_users()[ALICE]

    told_it = told(
        with_alice(answering=replace(alice.answering, do_not_disturb=True)), "bob", "101"
    )

    assert "do not disturb" in why(told_it, "no phone of alice rings")
    assert told_it.outcome == "rings nobody, voicemail of alice"


def test_a_line_of_a_shared_number() -> None:
    snapshot = with_alice(number=E164("+14255550110"), number_extension="1001")

    assert told(snapshot, OUTSIDE, "+14255550110;ext=1001").outcome.startswith("rings alice")
    other = told(snapshot, OUTSIDE, "+14255550110;ext=7")
    assert why(other, "+14255550110 is tried") == "nobody has the extension 7 of it"
    assert other.outcome == "refused: number-unknown (404)"


def test_an_announcement_and_what_it_came_before() -> None:
    treatments = tuple(
        UnassignedTreatment(
            name, priority, range(14255550100, 14255550200), Announcement(Say(name))
        )
        for name, priority in (("first", 10), ("second", 20))
    )

    told_it = told(contoso_snapshot(unassigned=treatments), OUTSIDE, "+14255550118")

    assert why(told_it, "treatment first applies") == (
        "+14255550100..+14255550199 covers +14255550118, priority 10, before second (20)"
    )
    assert told_it.outcome == 'plays "first" once, then the call ends'


@pytest.mark.parametrize("with_credits", [True, False])
def test_a_calling_plans_number_without_credits_is_not_treated(with_credits: bool) -> None:
    number = E164("+14255550190")
    plan = NumberRange(number, number, NumberKind.USER, NumberSource.CALLING_PLAN)
    sorry = UnassignedTreatment("sorry", 1, range(14255550190, 14255550191), Announcement(Say("x")))
    snapshot = contoso_snapshot(unassigned=(sorry,), inventory=Inventory((plan,)))
    if not with_credits:
        snapshot = replace(snapshot, credits=None)

    told_it = told(snapshot, OUTSIDE, number)

    if with_credits:
        assert told_it.outcome.startswith("plays")
    else:
        assert "credits" in why(told_it, "treatment sorry is not applied")
        assert told_it.outcome == "refused: number-unknown (404)"


@pytest.mark.parametrize("is_licensed", [True, False])
def test_a_calling_plans_service_number_is_treated_where_an_account_is_licensed(
    is_licensed: bool,
) -> None:
    number = E164("+14255550190")
    plan = NumberRange(number, number, NumberKind.SERVICE, NumberSource.CALLING_PLAN)
    sorry = UnassignedTreatment("sorry", 1, range(14255550190, 14255550191), Announcement(Say("x")))
    snapshot = contoso_snapshot(unassigned=(sorry,), inventory=Inventory((plan,)))
    if not is_licensed:
        accounts = snapshot.resource_accounts.items()
        unlicensed = {key: replace(account, licences=frozenset()) for key, account in accounts}
        snapshot = replace(snapshot, resource_accounts=unlicensed)

    told_it = told(snapshot, OUTSIDE, number)

    if is_licensed:
        assert told_it.outcome.startswith("plays")
    else:
        assert "licensed resource account" in why(told_it, "treatment sorry is not applied")


def test_a_number_that_is_called_from_outside_by_colleagues() -> None:
    demo = contoso_snapshot()
    skipping = [replace(entry, skips_internal=True) for entry in demo.inventory.ranges]

    told_it = told(replace(demo, inventory=Inventory(skipping)), "alice", "+14255550102")

    assert why(told_it, "+14255550102 is called from outside") == "reverse_lookup: skip-internal"
    assert told_it.outcome.startswith("calls +14255550102 through sbc1")


def sharing(emergency_numbers: tuple[str, ...] = ()) -> Snapshot:
    users = contoso_users()
    dave = UserId("dave")
    users[dave] = replace(
        users[dave],
        licences=frozenset({"phone-system"}),
        policies={PolicyKind.SHARED_CALLING: "desk"},
    )
    policy = SharedCallingPolicy(MAIN, tuple(map(E164, emergency_numbers)))
    return contoso_snapshot(users=users, shared_calling_policies={"desk": policy})


def test_a_shared_number() -> None:
    told_it = told(sharing(), "dave", FRIEND)

    assert why(told_it, "+14255550150 is shown") == "dave shares it with main-line"
    assert told_it.outcome == f"calls {FRIEND} through sbc1, then sbc2, showing +14255550150"


@pytest.mark.parametrize(
    ("lent", "shown", "because"),
    [
        ({}, "+14255550115", "the first emergency number that is free"),
        ({"+14255550115": "erin"}, "+14255550116", "the first emergency number that is free"),
        ({"+14255550116": "dave"}, "+14255550116", "it leads back to dave already"),
        (
            {"+14255550115": "erin", "+14255550116": "bob"},
            "+14255550115",
            "the first emergency number again, for all of them are in use",
        ),
    ],
)
@pytest.mark.row(45)
def test_the_number_that_is_lent(lent: dict[str, str], shown: str, because: str) -> None:
    live = LiveState(emergency_callbacks={E164(n): UserId(u) for n, u in lent.items()})

    told_it = told(sharing(("+14255550115", "+14255550116")), "dave", "911", live)

    assert why(told_it, "the emergency centre sees") == because
    assert told_it.outcome.endswith(f"showing {shown}")


def test_a_caller_id_policy() -> None:
    snapshot = replace(
        with_alice(policies={PolicyKind.CALLER_ID: "support"}),
        caller_id_policies={
            "support": CallerIdPolicy(
                Substitute.RESOURCE_ACCOUNT, ResourceAccountId("support-line")
            )
        },
    )

    told_it = told(snapshot, "alice", FRIEND)

    assert why(told_it, "+14255550151 of support-line is shown") == (
        "caller ID policy support: given directly"
    )
    assert told_it.outcome.endswith("showing +14255550151")


def test_nobody_pays_for_a_number_that_nobody_has() -> None:
    accounts = {
        key: account
        for key, account in contoso_snapshot().resource_accounts.items()
        if account.number != "+18005550100"
    }

    told_it = told(contoso_snapshot(resource_accounts=accounts), OUTSIDE, "+18005550100")

    assert not [step for step in told_it.steps if "pays" in step.what]
    assert told_it.outcome == "refused: number-unknown (404)"
