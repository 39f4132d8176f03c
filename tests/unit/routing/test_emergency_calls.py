"""An emergency call is never refused for licence, money, policy or health (SPEC 9)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwright.domains.emergency.model import Location
from callwright.domains.pstn.model import DialPlan
from callwright.kernel.e164 import E164
from callwright.kernel.ids import LocationId, SbcId, UserId
from callwright.kernel.reason import Reason
from callwright.routing.emergency import is_emergency_call
from callwright.routing.request import (
    CallRequest,
    Destination,
    FromSbc,
    FromUser,
    LiveState,
    PlaceEmergency,
    Refuse,
    RingUser,
)
from callwright.routing.route import route_call
from callwright.routing.snapshot import Snapshot
from callwright.testing.builders import (
    ALICE,
    DAVE,
    SBC1,
    SBC2,
    contoso_emergency,
    contoso_snapshot,
    translation,
    usd,
    user,
)

NOON = datetime(2026, 10, 14, 19, 0, tzinfo=UTC)
CONTOSO = contoso_snapshot()
ELIN = E164("+14255550119")
BROKE = LiveState(available=usd("0"))


def decide(
    caller: UserId, dialled: str, *, snapshot: Snapshot = CONTOSO, live: LiveState = BROKE
) -> Destination:
    request = CallRequest(FromUser(caller), dialled)
    return route_call(snapshot, request, now=NOON, live=live).value


def placed(
    caller: UserId, dialled: str, *, snapshot: Snapshot = CONTOSO, live: LiveState = BROKE
) -> PlaceEmergency:
    value = decide(caller, dialled, snapshot=snapshot, live=live)
    assert isinstance(value, PlaceEmergency)
    return value


@pytest.mark.parametrize("dialled", ["911", "9-1-1", "9 1 1", "tel:911", "911;phone-context=+1"])
def test_separators_do_not_hide_an_emergency(dialled: str) -> None:
    call = placed(ALICE, dialled)
    assert call.dial_string == "911"
    assert [gateway.called for gateway in call.gateways] == ["911", "911"]


@pytest.mark.parametrize("dialled", ["+911", "9110", "91", "1911", "9 11 0"])
def test_what_only_looks_like_one_is_none(dialled: str) -> None:
    assert not isinstance(decide(ALICE, dialled), PlaceEmergency)


def test_the_centre_sees_the_elin_and_the_asserted_own_number() -> None:
    call = placed(ALICE, "911")
    assert {(g.calling, g.asserted) for g in call.gateways} == {(ELIN, "+14255550101")}
    assert (call.callback, call.caller, call.notify) == (ELIN, ALICE, (ALICE,))
    assert call.location is not None
    assert call.location.address == "1 Contoso Way, Redmond, WA 98052, US"


def test_without_an_elin_the_centre_sees_the_own_number() -> None:
    hq = Location(LocationId("hq"), "1 Contoso Way", elin=None)
    snapshot = contoso_snapshot(emergency=replace(contoso_emergency(), locations=(hq,)))
    call = placed(ALICE, "911", snapshot=snapshot)
    assert (call.gateways[0].calling, call.callback) == ("+14255550101", None)
    assert placed(DAVE, "911", snapshot=snapshot).gateways[0].calling == "+14255550150"


def test_the_users_own_location_counts() -> None:
    branch = Location(LocationId("branch"), "2 Branch St", elin=E164("+14255550118"))
    emergency = contoso_emergency()
    emergency = replace(emergency, locations=(*emergency.locations, branch))
    zoe = user("zoe", location="branch")
    users = {**CONTOSO.users, zoe.id: zoe}
    call = placed(zoe.id, "911", snapshot=contoso_snapshot(emergency=emergency, users=users))
    assert (call.location, call.callback) == (branch, "+14255550118")


def test_an_emergency_number_beats_an_extension_and_a_dial_rule() -> None:
    zoe = user("zoe", extension="911")
    snapshot = contoso_snapshot(users={**CONTOSO.users, zoe.id: zoe})
    assert placed(ALICE, "911", snapshot=snapshot).dial_string == "911"


def test_a_dial_rule_may_lead_to_an_emergency_number() -> None:
    plan = replace(CONTOSO.dial_plans["default"], rules=(translation("^9(911)$", "$1"),))
    snapshot = contoso_snapshot(dial_plans={"default": plan})
    assert placed(ALICE, "9911", snapshot=snapshot).dial_string == "911"


def test_every_gateway_is_tried_after_any_failure() -> None:
    for gateway in placed(ALICE, "911").gateways:
        assert {400, 403, 404, 486, 500, 603, 699} <= gateway.failover_codes


@pytest.mark.parametrize(
    ("unhealthy", "drained", "order"),
    [
        ((), (), [SBC1, SBC2]),
        ((SBC1,), (), [SBC2, SBC1]),
        ((), (SBC1,), [SBC2, SBC1]),
        ((SBC2,), (SBC1,), [SBC2, SBC1]),
        ((SBC1, SBC2), (SBC1, SBC2), [SBC1, SBC2]),
    ],
)
def test_sick_gateways_come_later_and_draining_ones_last(
    unhealthy: tuple[SbcId, ...], drained: tuple[SbcId, ...], order: list[SbcId]
) -> None:
    sbcs = {key: replace(sbc, enabled=key not in drained) for key, sbc in CONTOSO.sbcs.items()}
    live = replace(BROKE, unhealthy_sbcs=frozenset(unhealthy))
    call = placed(ALICE, "911", snapshot=contoso_snapshot(sbcs=sbcs), live=live)
    assert [gateway.sbc for gateway in call.gateways] == order


def test_without_a_route_of_its_own_every_sbc_is_tried() -> None:
    snapshot = contoso_snapshot(emergency=replace(contoso_emergency(), sbcs=()))
    assert [gateway.sbc for gateway in placed(ALICE, "911", snapshot=snapshot).gateways] == [
        SBC1,
        SBC2,
    ]


def test_only_without_any_sbc_it_cannot_be_placed() -> None:
    snapshot = contoso_snapshot(sbcs={})
    assert decide(ALICE, "911", snapshot=snapshot) == Refuse(Reason.EMERGENCY_NO_ROUTE)


def test_an_sbc_wants_the_callers_number_its_way_but_the_dial_string_as_it_is() -> None:
    everything = (translation(r"^\+?1?(\d+)$", "00$1"),)
    sbc1 = replace(CONTOSO.sbcs[SBC1], outbound_called=everything, outbound_calling=everything)
    snapshot = contoso_snapshot(sbcs={**CONTOSO.sbcs, SBC1: sbc1})
    first = placed(ALICE, "911", snapshot=snapshot).gateways[0]
    assert (first.called, first.calling) == ("911", "004255550119")


def test_an_sbc_cannot_place_one() -> None:
    request = CallRequest(FromSbc(SBC1, "2065550199"), "911")
    value = route_call(CONTOSO, request, now=NOON, live=BROKE).value
    assert value == Refuse(Reason.NUMBER_UNKNOWN)


def test_the_elin_leads_back_to_the_caller_while_the_call_is_fresh() -> None:
    request = CallRequest(FromSbc(SBC1, "911"), "4255550119")
    fresh = LiveState(emergency_callbacks={ELIN: DAVE})
    back = RingUser(DAVE, ELIN, is_emergency_callback=True)
    assert route_call(CONTOSO, request, now=NOON, live=fresh).value == back
    later = route_call(CONTOSO, request, now=NOON, live=LiveState()).value
    assert later == Refuse(Reason.NUMBER_UNKNOWN)


@given(
    licences=st.frozensets(st.sampled_from(["phone-system", "communications-credits"])),
    unhealthy=st.frozensets(st.sampled_from([SBC1, SBC2])),
    has_credits=st.booleans(),
    has_policy=st.booleans(),
    seed=st.integers(0, 1 << 40),
)
def test_no_state_of_the_system_refuses_an_emergency_call(
    licences: frozenset[str],
    unhealthy: frozenset[SbcId],
    has_credits: bool,
    has_policy: bool,
    seed: int,
) -> None:
    zoe = user("zoe", licences=licences)
    snapshot = contoso_snapshot(
        users={zoe.id: zoe},
        credits=CONTOSO.credits if has_credits else None,
        routing_policies=CONTOSO.routing_policies if has_policy else {},
    )
    live = LiveState(unhealthy_sbcs=unhealthy, available=None, shuffle_seed=seed)
    call = placed(zoe.id, "911", snapshot=snapshot, live=live)
    assert {gateway.sbc for gateway in call.gateways} == {SBC1, SBC2}


class TestToKnowBeforeRouting:
    """`is_emergency_call` says what `route_call` will decide, without its work."""

    PLAN = (
        translation(r"^0(911)$", "$1", "zero"),
        translation(r"^5(\d+)$", "$1", "five"),
        translation(r"^(\d{10})$", "+1$1", "national"),
    )
    DIALLED = (
        "911", "9-1-1", "tel:911", "911;phone-context=x", "0911", "5911", "50911", "101", "5101",
        "+911", "9110", "", "alice", "911" * 40, "911@911", "urn:service:sos", "2065550199",
    )  # fmt: skip

    def snapshot(self, **fields: object) -> Snapshot:
        return contoso_snapshot(
            dial_plans={"default": DialPlan("default", self.PLAN)},
            **fields,
        )

    @pytest.mark.parametrize("dialled", DIALLED)
    def test_it_agrees_with_the_route(self, dialled: str) -> None:
        snapshot = self.snapshot()
        decision = route_call(
            snapshot, CallRequest(FromUser(DAVE), dialled), now=NOON, live=LiveState()
        )
        is_placed = isinstance(decision.value, PlaceEmergency)
        assert is_emergency_call(snapshot, dialled) is is_placed

    def test_an_extension_that_the_plan_would_turn_into_help_is_an_extension(self) -> None:
        users = {**CONTOSO.users, user("eve").id: replace(user("eve"), extension="0911")}
        snapshot = self.snapshot(users=users)
        assert not is_emergency_call(snapshot, "0911")
        assert is_emergency_call(snapshot, "5911")

    def test_without_emergency_settings_there_are_no_such_calls(self) -> None:
        assert not is_emergency_call(self.snapshot(emergency=None), "911")
