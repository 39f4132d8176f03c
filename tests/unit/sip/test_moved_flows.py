"""What the registrar says of phones that register from elsewhere, and what dialogs make of it."""

import pytest

from callwright.kernel.addresses import HostPort
from callwright.sip.dialog import Dialog, current_flow
from callwright.sip.flow import Flow
from callwright.sip.message import Request, make_request
from callwright.sip.registrar import Registrar

AOR = "ann"
HERE = HostPort("192.0.2.1", 5060)
HOME = Flow("udp", HERE, HostPort("203.0.113.9", 61_000))
MOVED = Flow("udp", HERE, HostPort("203.0.113.9", 61_777))
ELSEWHERE = Flow("udp", HERE, HostPort("203.0.113.10", 61_777))
TCP1 = Flow("tcp", HERE, HostPort("192.0.2.7", 40_001), connection=1)
TCP2 = Flow("tcp", HERE, HostPort("192.0.2.7", 40_002), connection=2)
PRIVATE = "<sip:ann@192.168.1.2:5060>"
DESK = "urn:uuid:00000000-0000-1000-8000-000a95a0e128"
DEVICE = f'{PRIVATE};+sip.instance="<{DESK}>"'

Moves = list[tuple[str, str, tuple[Flow, ...]]]


class Desk:
    """A registrar, and what it said of moves."""

    def __init__(self) -> None:
        self.registrar = Registrar()
        self.moves: Moves = []
        self.registrar.on_move = lambda *move: self.moves.append(move)
        self._cseq = 0

    def register(
        self, contact: str, flow: Flow, *, call_id: str = "one", expires: int = 600
    ) -> None:
        answer = self.registrar.register(
            AOR, self._request(contact, call_id, expires), flow, now_s=0.0
        )
        assert answer.status == 200

    def _request(self, contact: str, call_id: str, expires: int) -> Request:
        self._cseq += 1
        return make_request(
            "REGISTER",
            "sip:contoso.example",
            via="SIP/2.0/UDP 192.168.1.2:5060;branch=z9hG4bK1",
            from_="<sip:ann@contoso.example>;tag=1",
            to="<sip:ann@contoso.example>",
            call_id=call_id,
            cseq=self._cseq,
            headers=(
                ("Contact", contact),
                ("Expires", str(expires)),
                ("Supported", "path, outbound"),
            ),
        )


@pytest.mark.parametrize(
    ("contact", "phone"), [(DEVICE, DESK), (PRIVATE, "one")], ids=["device", "no device"]
)
def test_a_phone_under_another_port_moved(contact: str, phone: str) -> None:
    desk = Desk()
    desk.register(contact, HOME)
    desk.moves.clear()
    desk.register(contact, HOME)
    assert desk.moves == []
    desk.register(contact, MOVED)
    assert desk.moves == [(AOR, phone, (MOVED,))]
    assert desk.registrar.phone_on(AOR, MOVED, now_s=0.0) == phone
    assert desk.registrar.phone_on(AOR, HOME, now_s=0.0) == ""


@pytest.mark.parametrize(("flow", "phone"), [(MOVED, "one"), (ELSEWHERE, "two")])
def test_a_contact_of_its_own_names_a_phone_behind_one_nat_box_only(flow: Flow, phone: str) -> None:
    desk = Desk()
    desk.register(PRIVATE, HOME, call_id="one")
    desk.register(PRIVATE, flow, call_id="two")
    assert desk.moves[-1] == (AOR, phone, (flow,))
    desk.register(PRIVATE, HOME, call_id="two")
    assert desk.moves[-1][1] == phone


@pytest.mark.parametrize("is_noticed", [True, False])
@pytest.mark.parametrize("reg_id", ["", ";reg-id=1"])
def test_a_phone_on_another_connection_moved(is_noticed: bool, reg_id: str) -> None:
    desk = Desk()
    desk.register(DEVICE + reg_id, TCP1)
    if is_noticed:
        desk.registrar.drop_flow(TCP1)
    desk.moves.clear()
    desk.register(DEVICE + reg_id, TCP2)
    assert desk.moves == [(AOR, DESK, (TCP2,))]
    desk.registrar.drop_flow(TCP1)
    assert len(desk.moves) == 1


def test_a_phone_that_lost_one_of_its_flows_has_the_other() -> None:
    desk = Desk()
    desk.register(DEVICE + ";reg-id=1", TCP1)
    desk.register(DEVICE + ";reg-id=2", TCP2)
    assert desk.moves[-1] == (AOR, DESK, (TCP2, TCP1))
    desk.registrar.drop_flow(TCP2)
    assert desk.moves[-1] == (AOR, DESK, (TCP1,))


def test_a_phone_that_leaves_does_not_move() -> None:
    desk = Desk()
    desk.register(DEVICE, HOME)
    desk.moves.clear()
    desk.register(DEVICE, MOVED, expires=0)
    desk.register(DEVICE, HOME)
    desk.moves.clear()
    desk.registrar.forget(AOR)
    assert desk.moves == []


def test_two_phones_behind_one_proxy_are_not_told_apart_by_their_flow() -> None:
    desk = Desk()
    desk.register(DEVICE, TCP1)
    desk.register("<sip:ann@192.168.1.3:5060>", TCP1, call_id="other")
    assert desk.registrar.phone_on(AOR, TCP1, now_s=0.0) == ""


@pytest.mark.parametrize(
    ("route_set", "flow", "flows", "expected"),
    [
        ((), HOME, (MOVED, HOME), HOME),
        ((), HOME, (TCP1, MOVED), TCP1),
        (("<sip:203.0.113.9;lr>",), HOME, (MOVED,), MOVED),
        (("<sip:203.0.113.9;lr>",), HOME, (ELSEWHERE,), HOME),
    ],
    ids=["still there", "the newest", "the same proxy", "another proxy"],
)
def test_where_a_dialog_goes_on(
    route_set: tuple[str, ...], flow: Flow, flows: tuple[Flow, ...], expected: Flow
) -> None:
    dialog = Dialog(
        call_id="c",
        local="<sip:a@h>;tag=1",
        local_tag="1",
        remote="<sip:b@h>;tag=2",
        remote_tag="2",
        target="sip:b@192.168.1.2",
        route_set=route_set,
        local_cseq=0,
        remote_cseq=1,
    )
    assert current_flow(dialog, flow, flows) == expected
    assert current_flow(None, flow, flows) == (flow if flow in flows else flows[0])
