"""Calls from SBCs reach a number of ours or nothing, and never leave again (SPEC 2.4, 3.9)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwright.kernel.addresses import HostPort
from callwright.kernel.e164 import E164
from callwright.kernel.ids import CallQueueId, ResourceAccountId, SbcId
from callwright.kernel.reason import Reason
from callwright.routing.identify import caller_address, find_sbc
from callwright.routing.request import (
    CallRequest,
    Destination,
    FromSbc,
    FromUser,
    JoinQueue,
    LiveState,
    PlaceEmergency,
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
    DAVE,
    RECEPTION,
    SBC1,
    SBC2,
    contoso_snapshot,
    usd,
    user,
)

NOON = datetime(2026, 10, 14, 19, 0, tzinfo=UTC)
FUNDED = LiveState(available=usd("50.00"))
CONTOSO = contoso_snapshot()


def decide(
    dialled: str, *, sbc: SbcId = SBC1, snapshot: Snapshot = CONTOSO, live: LiveState = FUNDED
) -> Destination:
    request = CallRequest(FromSbc(sbc, "2065550199"), dialled)
    return route_call(snapshot, request, now=NOON, live=live).value


@pytest.mark.parametrize("dialled", ["+14255550102", "4255550102", "+1-425-555-0102"])
def test_a_users_number_rings_the_user(dialled: str) -> None:
    assert decide(dialled) == RingUser(BOB, E164("+14255550102"))


def test_ten_digits_mean_nothing_to_an_sbc_without_a_rule() -> None:
    assert decide("4255550102", sbc=SBC2) == Refuse(Reason.NUMBER_UNKNOWN)
    assert decide("+14255550102", sbc=SBC2) == RingUser(BOB, E164("+14255550102"))


def test_service_numbers_lead_to_attendants_and_queues() -> None:
    assert decide("4255550150") == StartAttendant(RECEPTION, ResourceAccountId("main-line"))
    assert decide("4255550151") == JoinQueue(
        CallQueueId("support"), ResourceAccountId("support-line")
    )


def test_an_unlicensed_user_is_not_called_from_outside() -> None:
    dave = replace(CONTOSO.users[DAVE], number=E164("+14255550104"))
    snapshot = contoso_snapshot(users={**CONTOSO.users, DAVE: dave})
    assert decide("4255550104", snapshot=snapshot) == Refuse(Reason.NO_PHONE_LICENCE)


@pytest.mark.parametrize(
    "dialled",
    ["+14255550110", "+12065550199", "+442071234567", "102", "bob", "main-line", "911", "", "+",
     "+14255550102\n", "+1٤٢٥٥٥٥٠١٠٢", "011442071234567", "+" + "1" * 4_000],
)  # fmt: skip
def test_unassigned_foreign_and_nonsense_are_unknown(dialled: str) -> None:
    assert decide(dialled) == Refuse(Reason.NUMBER_UNKNOWN)


def test_an_unknown_sbc_is_refused() -> None:
    assert decide("+14255550102", sbc=SbcId("rogue")) == Refuse(Reason.SOURCE_UNKNOWN)


class TestTollFree:
    def test_the_organisation_pays(self) -> None:
        call = decide("8005550100")
        assert isinstance(call, StartAttendant)
        assert call.rate is not None
        assert call.rate.per_minute == usd("0.03")

    @pytest.mark.parametrize("available", [usd("0"), usd("-1"), usd("0.02"), None])
    def test_too_little_money_refuses_it(self, available: object) -> None:
        live = LiveState(available=available)  # type: ignore[arg-type]
        assert decide("8005550100", live=live) == Refuse(Reason.CREDITS_EXHAUSTED)

    def test_without_credits_it_is_a_number_like_others(self) -> None:
        call = decide("8005550100", snapshot=contoso_snapshot(credits=None), live=LiveState())
        assert call == StartAttendant(RECEPTION, ResourceAccountId("free-line"))

    def test_other_numbers_need_no_money(self) -> None:
        broke = LiveState(available=usd("0"))
        assert isinstance(decide("4255550150", live=broke), StartAttendant)


@given(st.text(max_size=80) | st.from_regex(r"\+?[0-9]{0,20}", fullmatch=True))
def test_nothing_from_outside_ever_leaves_again(dialled: str) -> None:
    value = decide(dialled)
    assert not isinstance(value, PlaceOutbound | PlaceEmergency)


class TestWhoCalls:
    def test_an_sbc_is_known_by_address_and_port(self) -> None:
        assert find_sbc(CONTOSO, HostPort("127.0.0.1", 5080)) == SBC1
        assert find_sbc(CONTOSO, HostPort("127.0.0.1", 5090)) == SBC2
        assert find_sbc(CONTOSO, HostPort("127.0.0.1", 5999)) is None
        assert find_sbc(CONTOSO, HostPort("127.0.0.2", 5080)) is None

    def test_match_address_takes_any_port_but_the_exact_one_is_preferred(self) -> None:
        wide = replace(CONTOSO.sbcs[SBC1], match_any_port=True)
        snapshot = contoso_snapshot(sbcs={**CONTOSO.sbcs, SBC1: wide})
        assert find_sbc(snapshot, HostPort("127.0.0.1", 5999)) == SBC1
        assert find_sbc(snapshot, HostPort("127.0.0.1", 5090)) == SBC2
        assert find_sbc(snapshot, HostPort("127.0.0.2", 5999)) is None

    @pytest.mark.parametrize(
        ("sbc", "calling", "shown"),
        [
            (SBC1, "2065550199", "+12065550199"),
            (SBC1, "+12065550199", "+12065550199"),
            (SBC2, "2065550199", "2065550199"),
            (SBC1, "", "anonymous"),
            (SBC1, "Restricted", "Restricted"),
            (SBC1, "front.desk-2~x_y", "front.desk-2~x_y"),
            (SBC1, "evil\r\nX: y", "anonymous"),
            (SBC1, "x@203.0.113.9>,<sip:y", "anonymous"),
            (SBC1, "two words", "anonymous"),
            (SBC1, "\x1b]0;owned\x07", "anonymous"),
            (SBC1, "x" * 1_000, "anonymous"),
        ],
    )
    def test_the_caller_shows_the_number_by_the_sbcs_rules(
        self, sbc: SbcId, calling: str, shown: str
    ) -> None:
        assert caller_address(CONTOSO, FromSbc(sbc, calling)) == shown

    def test_a_user_shows_number_or_extension(self) -> None:
        snapshot = contoso_snapshot(users={**CONTOSO.users, user("zoe").id: user("zoe")})
        shown = [caller_address(snapshot, FromUser(who)) for who in (ALICE, DAVE, user("zoe").id)]
        assert shown == ["+14255550101", "104", "zoe"]
