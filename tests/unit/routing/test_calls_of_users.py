"""What users dial: inside, dial plan, licence, money, route (SPEC 1.3, 2.6, 2.7, 3.9, 7)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from callwright.domains.pstn.model import DialPlan, RoutingPolicy
from callwright.kernel.decision import Decision
from callwright.kernel.e164 import E164
from callwright.kernel.ids import CallQueueId, ResourceAccountId, UserId
from callwright.kernel.reason import Reason
from callwright.routing.request import (
    CallRequest,
    Destination,
    FromUser,
    JoinQueue,
    LiveState,
    PlaceOutbound,
    Refuse,
    RingUser,
    StartAttendant,
)
from callwright.routing.route import route_call
from callwright.routing.snapshot import Snapshot
from callwright.testing.builders import (
    ALICE,
    BOB,
    CAROL,
    DAVE,
    ERIN,
    RECEPTION,
    SBC1,
    SBC2,
    contoso_snapshot,
    translation,
    usd,
    user,
)

NOON = datetime(2026, 10, 14, 19, 0, tzinfo=UTC)
FUNDED = LiveState(available=usd("50.00"))
CONTOSO = contoso_snapshot()


def decide(
    caller: UserId, dialled: str, *, snapshot: Snapshot = CONTOSO, live: LiveState = FUNDED
) -> Decision[Destination]:
    return route_call(snapshot, CallRequest(FromUser(caller), dialled), now=NOON, live=live)


def outbound(
    caller: UserId, dialled: str, *, snapshot: Snapshot = CONTOSO, live: LiveState = FUNDED
) -> PlaceOutbound:
    value = decide(caller, dialled, snapshot=snapshot, live=live).value
    assert isinstance(value, PlaceOutbound)
    return value


def refusal(
    caller: UserId, dialled: str, *, snapshot: Snapshot = CONTOSO, live: LiveState = FUNDED
) -> Reason:
    decision = decide(caller, dialled, snapshot=snapshot, live=live)
    assert isinstance(decision.value, Refuse)
    assert decision.value.reason.code in decision.steps[-1].what
    return decision.value.reason


def with_plan(*rules: tuple[str, str, str], country: str = "US") -> Snapshot:
    plan = DialPlan("default", tuple(translation(p, to, name) for p, to, name in rules))
    return contoso_snapshot(dial_plans={"default": plan}, country=country)


class TestInside:
    @pytest.mark.parametrize("dialled", ["102", "bob"])
    def test_extension_and_name_ring_the_user(self, dialled: str) -> None:
        assert decide(ALICE, dialled).value == RingUser(BOB, None)

    def test_the_unlicensed_call_and_are_called_inside(self) -> None:
        assert decide(DAVE, "101").value == RingUser(ALICE, None)
        assert decide(ALICE, "104").value == RingUser(DAVE, None)

    def test_a_resource_account_is_called_by_its_name(self) -> None:
        attendant = StartAttendant(RECEPTION, ResourceAccountId("main-line"))
        queue = JoinQueue(CallQueueId("support"), ResourceAccountId("support-line"))
        assert decide(DAVE, "main-line").value == attendant
        assert decide(DAVE, "support-line").value == queue

    @pytest.mark.parametrize(
        "dialled", ["+14255550102", "4255550102", "5550102", "14255550102", "(425) 555-0102"]
    )
    def test_a_colleagues_number_stays_inside_however_written(self, dialled: str) -> None:
        assert decide(ALICE, dialled).value == RingUser(BOB, E164("+14255550102"))
        assert decide(DAVE, dialled).value == RingUser(BOB, E164("+14255550102"))

    def test_own_toll_free_numbers_cost_nothing_from_inside(self) -> None:
        attendant = StartAttendant(RECEPTION, ResourceAccountId("free-line"), rate=None)
        assert decide(DAVE, "+18005550100").value == attendant

    def test_an_own_number_of_nobody_is_not_sent_out(self) -> None:
        assert refusal(ALICE, "+14255550110") is Reason.NUMBER_UNKNOWN

    @pytest.mark.parametrize("dialled", ["zed", "Bob", "", "+", "bob\r\nX: y", "١٠٢", "b" * 5_000])
    def test_nonsense_is_nobodys_address(self, dialled: str) -> None:
        assert refusal(ALICE, dialled) is Reason.ADDRESS_UNKNOWN

    def test_a_user_who_is_no_longer_there_is_refused(self) -> None:
        assert refusal(UserId("mallory"), "102") is Reason.SOURCE_UNKNOWN


class TestDialPlan:
    @pytest.mark.parametrize(
        ("dialled", "number"),
        [
            ("2065550199", "+12065550199"),
            ("5550199", "+14255550199"),
            ("+1 206-555-0199", "+12065550199"),
            ("tel:+1-206-555-0199;phone-context=x", "+12065550199"),
        ],
    )
    def test_contosos_rules(self, dialled: str, number: str) -> None:
        assert outbound(ALICE, dialled).number == number

    @pytest.mark.row(94)
    def test_of_two_matching_rules_the_first_is_used(self) -> None:
        plan = with_plan(
            (r"^(\d{7})$", "+1206$1", "seattle"), (r"^(\d{7})$", "+1425$1", "bellevue")
        )
        decision = decide(ALICE, "5550199", snapshot=plan)
        assert isinstance(decision.value, PlaceOutbound)
        assert decision.value.number == "+12065550199"
        assert decision.steps[0].because == "dial plan rule seattle"

    @pytest.mark.row(95)
    @pytest.mark.parametrize(
        ("country", "dialled", "number"),
        [
            ("US", "12065550199", "+12065550199"),
            ("US", "011442071234567", "+442071234567"),
            ("GB", "02071234567", "+442071234567"),
            ("GB", "0012065550199", "+12065550199"),
            ("FR", "0142685300", "+33142685300"),
            ("IT", "0669812345", "+390669812345"),
        ],
    )
    def test_what_the_plan_leaves_out_follows_the_country(
        self, country: str, dialled: str, number: str
    ) -> None:
        snapshot = with_plan((r"^7$", "+14255550199", "seven"), country=country)
        assert outbound(ALICE, dialled, snapshot=snapshot).number == number

    @pytest.mark.row(96)
    def test_unmatched_digits_get_the_country_code(self) -> None:
        decision = decide(ALICE, "5551")
        assert decision.steps[0].what == "5551 becomes +15551"

    @pytest.mark.row(98)
    def test_an_access_prefix_is_stripped(self) -> None:
        plan = with_plan((r"^9(?=\d{7,})", "", "access-9"))
        assert outbound(ALICE, "92065550199", snapshot=plan).number == "+12065550199"

    def test_a_rule_without_a_plus_goes_through_the_plan_again(self) -> None:
        plan = with_plan((r"^9(\d{10})$", "$1", "access"), (r"^(\d{10})$", "+1$1", "national"))
        assert outbound(ALICE, "92065550199", snapshot=plan).number == "+12065550199"

    def test_a_rule_may_lead_to_an_extension(self) -> None:
        plan = with_plan((r"^0$", "101", "operator"))
        assert decide(BOB, "0", snapshot=plan).value == RingUser(ALICE, None)

    def test_a_plus_is_not_normalised(self) -> None:
        plan = with_plan((r"206", "425", "swap"))
        assert outbound(ALICE, "+12065550199", snapshot=plan).number == "+12065550199"


class TestLicenceAndMoney:
    def test_without_a_phone_system_licence_nothing_leaves(self) -> None:
        assert refusal(DAVE, "2065550199") is Reason.NO_PHONE_LICENCE

    @pytest.mark.parametrize("caller", [CAROL, ERIN])
    def test_a_priced_destination_needs_the_credits_licence(self, caller: UserId) -> None:
        assert refusal(caller, "+442071234567") is Reason.NO_CREDITS_LICENCE

    def test_a_free_destination_needs_neither_licence_nor_balance(self) -> None:
        broke = LiveState(available=usd("0"))
        call = outbound(CAROL, "2065550199", live=broke)
        assert call.rate is not None
        assert call.rate.is_free

    def test_the_balance_must_cover_connection_and_first_minute(self) -> None:
        enough, short = LiveState(available=usd("0.03")), LiveState(available=usd("0.029999"))
        assert outbound(ALICE, "+442071234567", live=enough).rate is not None
        assert refusal(ALICE, "+442071234567", live=short) is Reason.CREDITS_EXHAUSTED

    def test_an_unknown_balance_buys_nothing(self) -> None:
        assert refusal(ALICE, "+442071234567", live=LiveState()) is Reason.CREDITS_EXHAUSTED

    def test_the_longest_prefix_prices_the_call(self) -> None:
        rate = outbound(ALICE, "+447911123456").rate
        assert rate is not None
        assert rate.prefix == "+4479"

    def test_a_destination_without_a_price_is_refused(self) -> None:
        assert CONTOSO.credits is not None
        only_us = replace(CONTOSO.credits, rates=CONTOSO.credits.rates[:1])
        snapshot = contoso_snapshot(credits=only_us)
        assert refusal(ALICE, "+442071234567", snapshot=snapshot) is Reason.NO_RATE

    def test_without_credits_nothing_is_priced(self) -> None:
        snapshot = contoso_snapshot(credits=None)
        assert outbound(CAROL, "+442071234567", snapshot=snapshot).rate is None


class TestRoute:
    def test_gateways_by_priority_with_their_own_failover(self) -> None:
        first, second = outbound(ALICE, "2065550199").gateways
        assert (first.sbc, first.failover_after_s) == (SBC1, 3)
        assert (second.sbc, second.failover_after_s) == (SBC2, 10)
        assert first.failover_codes == {408, 503, 504}

    def test_the_users_number_is_shown_and_nothing_asserted(self) -> None:
        call = outbound(ALICE, "2065550199")
        assert call.calling == "+14255550101"
        assert {(g.calling, g.asserted) for g in call.gateways} == {("+14255550101", None)}

    def test_an_unhealthy_sbc_is_tried_last(self) -> None:
        live = replace(FUNDED, unhealthy_sbcs=frozenset({SBC1}))
        assert [g.sbc for g in outbound(ALICE, "2065550199", live=live).gateways] == [SBC2, SBC1]

    def test_no_matching_route_is_refused(self) -> None:
        policy = RoutingPolicy("default", ("national",))
        snapshot = contoso_snapshot(routing_policies={"default": policy})
        assert refusal(ALICE, "+442071234567", snapshot=snapshot) is Reason.NO_ROUTE

    def test_without_a_policy_nothing_leaves(self) -> None:
        assert refusal(ALICE, "2065550199", snapshot=contoso_snapshot(routing_policies={})) is (
            Reason.NO_ROUTE
        )

    def test_when_every_sbc_drains_there_is_no_route(self) -> None:
        drained = {key: replace(sbc, enabled=False) for key, sbc in CONTOSO.sbcs.items()}
        assert refusal(ALICE, "2065550199", snapshot=contoso_snapshot(sbcs=drained)) is (
            Reason.NO_ROUTE
        )

    def test_each_sbc_gets_the_numbers_as_it_wants_them(self) -> None:
        strip = (translation(r"^\+1(\d{10})$", "$1"),)
        sbc1 = replace(CONTOSO.sbcs[SBC1], outbound_called=strip, outbound_calling=strip)
        snapshot = contoso_snapshot(sbcs={**CONTOSO.sbcs, SBC1: sbc1})
        first, second = outbound(ALICE, "2065550199", snapshot=snapshot).gateways
        assert (first.called, first.calling) == ("2065550199", "4255550101")
        assert (second.called, second.calling) == ("+12065550199", "+14255550101")

    def test_forward_pai_asserts_the_users_number(self) -> None:
        sbc1 = replace(CONTOSO.sbcs[SBC1], forward_pai=True)
        snapshot = contoso_snapshot(sbcs={**CONTOSO.sbcs, SBC1: sbc1})
        first, second = outbound(ALICE, "2065550199", snapshot=snapshot).gateways
        assert (first.asserted, second.asserted) == ("+14255550101", None)

    def test_a_user_without_a_number_shows_the_main_one(self) -> None:
        frank = user("frank", licences=frozenset({"phone-system"}))
        snapshot = contoso_snapshot(users={**CONTOSO.users, frank.id: frank})
        assert outbound(frank.id, "2065550199", snapshot=snapshot).calling == "+14255550150"
        alone = contoso_snapshot(users={frank.id: frank}, resource_accounts={})
        assert outbound(frank.id, "2065550199", snapshot=alone).calling == "anonymous"


def test_every_step_says_why() -> None:
    steps = decide(ALICE, "011442071234567").steps
    assert [(step.what, step.because) for step in steps] == [
        ("011442071234567 becomes +442071234567", "the way numbers are dialled in US"),
        ("+442071234567 costs 0.02 USD per minute and 0.01 USD to connect", "rate +44"),
        ("+442071234567 leaves through sbc1", "usage international: route world"),
    ]
