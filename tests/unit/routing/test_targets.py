"""Forwards and menu keys go on somebody's account (SPEC 4.3, 6.8, 8.2)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from callwright.domains.directory.model import Answering
from callwright.kernel.e164 import E164
from callwright.kernel.ids import (
    AutoAttendantId,
    CallQueueId,
    MailboxId,
    ResourceAccountId,
    UserId,
)
from callwright.kernel.limits.calls import FORWARDS_MAX
from callwright.kernel.reason import Reason
from callwright.kernel.target import (
    Disconnect,
    Target,
    ToAttendant,
    ToExternal,
    ToQueue,
    ToUser,
    ToVoicemail,
)
from callwright.routing.answering import Forward, Ring, decide_answering
from callwright.routing.request import (
    CallRequest,
    Destination,
    JoinQueue,
    LeaveVoicemail,
    LiveState,
    OnBehalf,
    PlaceOutbound,
    Refuse,
    RingUser,
    StartAttendant,
)
from callwright.routing.route import route_call, route_target
from callwright.routing.snapshot import Snapshot
from callwright.testing.builders import (
    ALICE,
    BOB,
    CAROL,
    DAVE,
    RECEPTION,
    SBC1,
    SUPPORT,
    contoso_snapshot,
    usd,
    user,
)

NOON = datetime(2026, 10, 14, 19, 0, tzinfo=UTC)
FUNDED = LiveState(available=usd("50.00"))
CONTOSO = contoso_snapshot()
MAIN_LINE = ResourceAccountId("main-line")
CALLER = "+12065550100"
LONDON, SEATTLE = E164("+442071234567"), E164("+12065550199")


def by_user(forwarder: UserId, *, calling: str = CALLER) -> OnBehalf:
    return OnBehalf(forwarder, None, calling)


BY_ATTENDANT = OnBehalf(None, MAIN_LINE, CALLER)
BY_NOBODY = OnBehalf(None, None, CALLER)


def decide(
    target: Target, origin: OnBehalf, *, snapshot: Snapshot = CONTOSO, live: LiveState = FUNDED
) -> Destination:
    return route_target(snapshot, target, origin, now=NOON, live=live).value


def outbound(target: Target, origin: OnBehalf, *, snapshot: Snapshot = CONTOSO) -> PlaceOutbound:
    value = decide(target, origin, snapshot=snapshot)
    assert isinstance(value, PlaceOutbound)
    return value


@pytest.mark.parametrize(
    ("target", "destination"),
    [
        (ToUser(DAVE), RingUser(DAVE, None)),
        (ToQueue(SUPPORT), JoinQueue(SUPPORT, None)),
        (ToAttendant(RECEPTION), StartAttendant(RECEPTION, None)),
        (ToVoicemail(MailboxId("support")), LeaveVoicemail(MailboxId("support"))),
        (ToExternal(E164("+14255550102")), RingUser(BOB, E164("+14255550102"))),
        (Disconnect(), Refuse(Reason.CALLEE_DECLINED)),
        (ToUser(UserId("gone")), Refuse(Reason.ADDRESS_UNKNOWN)),
        (ToQueue(CallQueueId("gone")), Refuse(Reason.ADDRESS_UNKNOWN)),
        (ToAttendant(AutoAttendantId("gone")), Refuse(Reason.ADDRESS_UNKNOWN)),
        (ToVoicemail(MailboxId("gone")), Refuse(Reason.ADDRESS_UNKNOWN)),
    ],
)
def test_inside_targets_need_no_account(target: Target, destination: Destination) -> None:
    assert decide(target, BY_NOBODY) == destination


class TestExternal:
    def test_the_original_caller_is_shown(self) -> None:
        assert outbound(ToExternal(SEATTLE), by_user(BOB)).calling == CALLER
        assert outbound(ToExternal(SEATTLE), BY_ATTENDANT).calling == CALLER
        anonymous = by_user(BOB, calling="anonymous")
        assert outbound(ToExternal(SEATTLE), anonymous).calling == "anonymous"

    def test_a_caller_known_by_extension_shows_who_sends_the_call_on(self) -> None:
        inside = by_user(BOB, calling="104")
        assert outbound(ToExternal(SEATTLE), inside).calling == "+14255550102"

    def test_with_forward_pai_the_resource_accounts_number_is_shown(self) -> None:
        sbc1 = replace(CONTOSO.sbcs[SBC1], forward_pai=True)
        snapshot = contoso_snapshot(sbcs={**CONTOSO.sbcs, SBC1: sbc1})
        first, second = outbound(ToExternal(SEATTLE), BY_ATTENDANT, snapshot=snapshot).gateways
        assert (first.calling, first.asserted) == ("+14255550150", "+14255550150")
        assert (second.calling, second.asserted) == (CALLER, None)

    def test_a_forward_needs_the_forwarders_licences(self) -> None:
        target = ToExternal(LONDON)
        assert isinstance(decide(target, by_user(BOB)), PlaceOutbound)
        assert decide(target, by_user(CAROL)) == Refuse(Reason.NO_CREDITS_LICENCE, LONDON)
        assert decide(target, by_user(DAVE)) == Refuse(Reason.NO_PHONE_LICENCE, LONDON)

    def test_an_attendants_key_needs_route_and_credits(self) -> None:
        broke = LiveState(available=usd("0"))
        assert isinstance(decide(ToExternal(LONDON), BY_ATTENDANT), PlaceOutbound)
        assert decide(ToExternal(LONDON), BY_ATTENDANT, live=broke) == Refuse(
            Reason.CREDITS_EXHAUSTED, LONDON
        )
        assert isinstance(decide(ToExternal(SEATTLE), BY_ATTENDANT, live=broke), PlaceOutbound)

    @pytest.mark.parametrize("origin", [BY_NOBODY, OnBehalf(None, ResourceAccountId("x"), CALLER)])
    def test_nobodys_account_pays_for_nothing(self, origin: OnBehalf) -> None:
        assert decide(ToExternal(SEATTLE), origin) == Refuse(Reason.NO_PHONE_LICENCE, SEATTLE)


class TestTransferByAStranger:
    """The far end of a trunk call asks for a transfer (REFER)."""

    def dial(self, dialled: str) -> Destination:
        return route_call(CONTOSO, CallRequest(BY_ATTENDANT, dialled), now=NOON, live=FUNDED).value

    def test_it_reaches_what_is_inside(self) -> None:
        assert self.dial("102") == RingUser(BOB, None)
        assert self.dial("4255550102") == RingUser(BOB, E164("+14255550102"))

    @pytest.mark.parametrize("dialled", ["2065550199", "+442071234567", "911"])
    def test_it_never_reaches_the_public_network(self, dialled: str) -> None:
        assert isinstance(self.dial(dialled), Refuse)


class TestAnswering:
    def answering(self, **rules: Answering) -> Snapshot:
        users = {UserId(key): user(key, answering=rule) for key, rule in rules.items()}
        return contoso_snapshot(users=users)

    def test_a_user_rings_and_then_takes_a_message(self) -> None:
        plan = decide_answering(CONTOSO, ALICE).value
        assert plan == Ring(ALICE, 5.0, ToVoicemail(MailboxId("alice")))

    def test_an_immediate_forward_to_a_user_is_followed(self) -> None:
        decision = decide_answering(CONTOSO, CAROL)
        assert decision.value == Ring(BOB, 20.0, ToVoicemail(MailboxId("bob")), (CAROL,))
        assert decision.steps[0].what == "carol forwards to bob"

    def test_a_forward_to_elsewhere_names_who_forwards(self) -> None:
        snapshot = self.answering(
            a=Answering(forward_to=ToUser(UserId("b"))), b=Answering(forward_to=ToQueue(SUPPORT))
        )
        plan = decide_answering(snapshot, UserId("a")).value
        assert plan == Forward(ToQueue(SUPPORT), UserId("b"), (UserId("a"), UserId("b")))

    def test_without_a_rule_the_call_ends_unanswered(self) -> None:
        snapshot = self.answering(a=Answering(unanswered_after_s=10))
        assert decide_answering(snapshot, UserId("a")).value == Ring(
            UserId("a"), 10.0, Disconnect()
        )

    def test_a_circle_of_forwards_is_a_loop(self) -> None:
        snapshot = self.answering(
            a=Answering(forward_to=ToUser(UserId("b"))), b=Answering(forward_to=ToUser(UserId("a")))
        )
        decision = decide_answering(snapshot, UserId("a"))
        assert decision.value == Refuse(Reason.LOOP)
        assert decision.steps[-1].because == "it is forwarded a to b to a"

    def test_a_circle_through_own_numbers_is_a_loop_too(self) -> None:
        to_number = Answering(forward_to=ToExternal(E164("+14255550101")))
        users = {ALICE: user("alice", number=E164("+14255550101"), answering=to_number)}
        plan = decide_answering(contoso_snapshot(users=users), ALICE).value
        assert plan == Refuse(Reason.LOOP)

    def test_who_forwarded_before_counts(self) -> None:
        assert decide_answering(CONTOSO, CAROL, visited=(BOB,)).value == Refuse(Reason.LOOP)

    def test_a_chain_has_a_limit(self) -> None:
        rules = {
            f"u{n}": Answering(forward_to=ToUser(UserId(f"u{n + 1}")))
            for n in range(FORWARDS_MAX + 1)
        }
        snapshot = self.answering(**rules, **{f"u{FORWARDS_MAX + 1}": Answering()})
        assert decide_answering(snapshot, UserId("u0")).value == Refuse(Reason.LOOP)
        assert isinstance(decide_answering(snapshot, UserId("u1")).value, Ring)
