"""Who is let in when there is little room, and who is answered without being remembered."""

from dataclasses import replace

import pytest

from callwright.kernel.addresses import HostPort
from callwright.kernel.ids import ResourceAccountId
from callwright.kernel.limits.signalling import TRANSACTIONS_CROWDED_SHARE
from callwright.routing.request import FromSbc, FromUser
from callwright.routing.snapshot import Snapshot
from callwright.runtime.callers import Callers, Stranger
from callwright.runtime.front_door import FrontDoor
from callwright.runtime.trunk_limits import TrunkLimits
from callwright.sip.digest import authorization_for
from callwright.sip.flow import Flow
from callwright.sip.message import Request
from callwright.sip.parser import parse
from callwright.sip.registrar import Registrar
from callwright.sip.screening import Refusal
from callwright.testing.builders import ALICE, contoso_snapshot

CONTOSO = contoso_snapshot()
NODE = HostPort("192.0.2.1", 5060)
PHONE = Flow("udp", NODE, HostPort("10.0.0.1", 5060))
OTHER = Flow("udp", NODE, HostPort("10.0.0.2", 5060))
TRUNK = Flow("udp", NODE, CONTOSO.sbcs[next(iter(CONTOSO.sbcs))].address)
PAGE = "https://www.contoso.com"
VISITOR = Flow("wss", NODE, HostPort("10.0.0.3", 40_000), 1, page=PAGE)
ROOM, CROWDED, FULL = 0.1, TRANSACTIONS_CROWDED_SHARE, 1.0


class StillClock:
    def monotonic(self) -> float:
        return 100.0

    def utc(self) -> None:  # pragma: no cover - nobody asks
        raise NotImplementedError

    def call_later(self, delay_s: float, callback: object) -> None:  # pragma: no cover
        raise NotImplementedError


class Rig:
    """A door with Alice registered at PHONE."""

    def __init__(self, snapshot: Snapshot | None = CONTOSO) -> None:
        self.is_full = False
        clock = StillClock()
        registrar = Registrar(default_s=3_600, min_s=60, max_s=86_400, bindings_max=20)
        registrar.register(ALICE, request("REGISTER"), PHONE, now_s=clock.monotonic())
        self.door = FrontDoor(
            clock,  # type: ignore[arg-type]
            Callers(clock, registrar, b"secret"),  # type: ignore[arg-type]
            registrar,
            snapshot=lambda: snapshot,
            is_full=lambda: self.is_full,
            limits=TrunkLimits(clock, live_calls=lambda sbc: 0),  # type: ignore[arg-type]
        )

    def meet(
        self, method: str, flow: Flow, *, dialled: str = "102", load: float = ROOM, **proof: str
    ) -> Refusal | None:
        """``password``: after a challenge, with a proof of it."""
        first = request(method, dialled)
        if not proof:
            return self.door.meet(first, flow, load=load)
        challenge = self.door.meet(first, flow, load=ROOM)
        assert challenge is not None
        assert challenge.status == 401
        value = authorization_for(
            challenge.headers[0][1],
            method=method,
            uri=first.uri,
            username="alice",
            password=proof["password"],
            cnonce="c",
        )
        self.asked = request(method, dialled, Authorization=value)
        return self.door.meet(self.asked, flow, load=load)


def request(method: str, dialled: str = "102", **headers: str) -> Request:
    lines = [
        f"{method} sip:{dialled}@contoso.test SIP/2.0",
        "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1",
        "From: <sip:alice@contoso.test>;tag=1",
        "To: <sip:alice@contoso.test>",
        "Call-ID: 1",
        f"CSeq: 1 {method}",
        "Contact: <sip:alice@10.0.0.1>",
        f"Event: {'presence' if method == 'PUBLISH' else 'message-summary'}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    parsed = parse("\r\n".join([*lines, "", ""]).encode())
    assert isinstance(parsed, Request)
    return parsed


def status(refusal: Refusal | None) -> int | None:
    return None if refusal is None else refusal.status


PASSWORD = CONTOSO.users[ALICE].sip_password or ""


@pytest.mark.parametrize("method", ["INVITE", "REGISTER", "SUBSCRIBE", "PUBLISH"])
def test_a_user_is_let_in_and_known_from_then_on(method: str) -> None:
    rig = Rig()
    assert rig.meet(method, OTHER, password=PASSWORD) is None
    guest = rig.door.guest(rig.asked)
    assert (guest.who, guest.snapshot) == (FromUser(ALICE), CONTOSO)
    with pytest.raises(LookupError):
        rig.door.guest(rig.asked)


def test_a_guest_is_known_by_the_request_he_came_with() -> None:
    rig = Rig()
    assert rig.meet("INVITE", TRUNK) is None
    with pytest.raises(LookupError):
        rig.door.guest(request("INVITE"))


@pytest.mark.parametrize(
    ("method", "told"),
    [("OPTIONS", 200), ("MESSAGE", 401), ("REFER", 405), ("NOTIFY", 481), ("INVITE", 401)],
)
def test_what_needs_no_memory_is_answered_at_the_door(method: str, told: int) -> None:
    assert status(Rig().meet(method, OTHER)) == told


def test_a_trunk_sends_no_texts() -> None:
    assert status(Rig().meet("MESSAGE", TRUNK)) == 405


@pytest.mark.parametrize(
    ("method", "event", "known"),
    [
        ("SUBSCRIBE", "weather", "dialog, message-summary, presence, reg"),
        ("SUBSCRIBE", "", "dialog, message-summary, presence, reg"),
        ("PUBLISH", "dialog", "presence"),
    ],
)
def test_an_event_that_nobody_tells_of_is_refused_before_any_challenge(
    method: str, event: str, known: str
) -> None:
    asked = request(method)
    asked.set_header("Event", event)
    refusal = Rig().door.meet(asked, PHONE, load=ROOM)
    assert refusal is not None
    assert refusal.status == 489
    assert refusal.headers == (("Allow-Events", known),)


@pytest.mark.parametrize("method", ["REGISTER", "SUBSCRIBE"])
def test_a_wrong_password_is_challenged_again(method: str) -> None:
    assert status(Rig().meet(method, PHONE, password="guess")) == 401


def test_a_caller_with_a_wrong_password_is_let_in_to_leave_a_record() -> None:
    rig = Rig()
    assert rig.meet("INVITE", OTHER, password="guess") is None
    assert rig.door.guest(rig.asked).who == Stranger()


@pytest.mark.parametrize(
    ("flow", "password", "dialled", "load", "told"),
    [
        (PHONE, PASSWORD, "102", CROWDED, None),
        (OTHER, PASSWORD, "102", CROWDED, 503),
        (OTHER, PASSWORD, "911", CROWDED, None),
        (OTHER, "guess", "102", CROWDED, 403),
        (OTHER, "guess", "911", CROWDED, 403),
        (PHONE, PASSWORD, "102", FULL, 503),
        (PHONE, PASSWORD, "911", FULL, None),
        (OTHER, PASSWORD, "911", FULL, None),
        (OTHER, "guess", "911", FULL, 403),
    ],
)
def test_who_comes_first_when_there_is_little_room(
    flow: Flow, password: str, dialled: str, load: float, told: int | None
) -> None:
    rig = Rig()
    assert status(rig.meet("INVITE", flow, dialled=dialled, load=load, password=password)) == told


@pytest.mark.parametrize(
    ("load", "dialled", "told"),
    [(CROWDED, "+14255550101", None), (FULL, "+14255550101", 503), (FULL, "911", 503)],
)
def test_a_trunk_keeps_its_place_until_the_table_is_full(
    load: float, dialled: str, told: int | None
) -> None:
    rig = Rig()
    assert status(rig.meet("INVITE", TRUNK, dialled=dialled, load=load)) == told


def test_a_trunk_is_known_without_a_proof() -> None:
    rig = Rig()
    asked = request("INVITE", "+14255550101")
    assert rig.door.meet(asked, TRUNK, load=ROOM) is None
    assert isinstance(rig.door.guest(asked).who, FromSbc)


@pytest.mark.parametrize("method", ["REGISTER", "SUBSCRIBE"])
def test_phones_register_in_a_crowd_but_not_in_a_full_house(method: str) -> None:
    assert Rig().meet(method, OTHER, load=CROWDED, password=PASSWORD) is None
    assert status(Rig().meet(method, OTHER, load=FULL, password=PASSWORD)) == 503


@pytest.mark.parametrize("method", ["INVITE", "REGISTER", "OPTIONS"])
def test_without_an_organisation_nobody_is_served(method: str) -> None:
    assert status(Rig(None).meet(method, PHONE)) == 503


@pytest.mark.parametrize(("load", "status"), [(ROOM, None), (CROWDED, 503)])
def test_visitors_of_a_web_page_come_last(load: float, status: int | None) -> None:
    account = ResourceAccountId("main-line")
    line = replace(CONTOSO.resource_accounts[account], web_pages=frozenset({PAGE}))
    accounts = {**CONTOSO.resource_accounts, account: line}
    rig = Rig(replace(CONTOSO, resource_accounts=accounts))
    refusal = rig.meet("INVITE", VISITOR, dialled=account, load=load)
    assert (refusal and refusal.status) == status
