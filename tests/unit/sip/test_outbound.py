"""Several flows of one phone at the registrar (RFC 5626), and phones behind NAT."""

import pytest

from callwright.kernel.addresses import HostPort
from callwright.sip.flow import Flow
from callwright.sip.message import make_request
from callwright.sip.registrar import RegisterAnswer, Registrar

AOR = "ann"
HERE = HostPort("192.0.2.1", 5060)
TCP1 = Flow("tcp", HERE, HostPort("192.0.2.7", 40_001), connection=1)
TCP2 = Flow("tcp", HERE, HostPort("192.0.2.7", 40_002), connection=2)
UDP = Flow("udp", HERE, HostPort("192.0.2.7", 5060))
NATTED = Flow("udp", HERE, HostPort("203.0.113.9", 61_000))
MOVED = Flow("udp", HERE, HostPort("203.0.113.9", 61_777))
DESK, MOBILE = "urn:uuid:00000000-0000-1000-8000-000a95a0e128", "urn:uuid:mobile"
CONTACT = "<sip:ann@192.0.2.7:5060>"
OUTBOUND = (("Supported", "path, outbound"),)
VIA = "SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK1"


class Phone:
    """Sends REGISTERs with a rising CSeq."""

    def __init__(self, registrar: Registrar, call_id: str = "phone-1") -> None:
        self._registrar = registrar
        self._call_id = call_id
        self._cseq = 0

    def register(
        self,
        *contacts: str,
        flow: Flow = UDP,
        expires: int = 3_600,
        headers: tuple[tuple[str, str], ...] = (),
        via: str = VIA,
        now_s: float = 0.0,
    ) -> RegisterAnswer:
        self._cseq += 1
        request = make_request(
            "REGISTER",
            "sip:contoso.example",
            via=via,
            from_="<sip:ann@contoso.example>;tag=1",
            to="<sip:ann@contoso.example>",
            call_id=self._call_id,
            cseq=self._cseq,
            headers=(
                *(("Contact", contact) for contact in contacts),
                ("Expires", str(expires)),
                *headers,
            ),
        )
        return self._registrar.register(AOR, request, flow, now_s=now_s)


def flow_of(instance: str, reg_id: int | str, uri: str = CONTACT) -> str:
    return f'{uri};+sip.instance="<{instance}>";reg-id={reg_id}'


def reached(registrar: Registrar) -> list[list[Flow]]:
    return [[b.flow for b in flows] for flows in registrar.phones(AOR, now_s=1.0)]


def headers_of(answer: RegisterAnswer, name: str) -> list[str]:
    return [value for found, value in answer.headers if found == name]


def test_two_flows_of_a_phone_are_kept_though_their_contact_is_one() -> None:
    registrar = Registrar()
    phone = Phone(registrar)
    first = phone.register(flow_of(DESK, 1), flow=TCP1, headers=OUTBOUND)
    second = phone.register(flow_of(DESK, 2), flow=TCP2, headers=OUTBOUND)
    assert reached(registrar) == [[TCP2, TCP1]]
    for answer in (first, second):
        assert (answer.status, headers_of(answer, "Require")) == (200, ["outbound"])
        assert headers_of(answer, "Flow-Timer") == ["120"]
    assert headers_of(second, "Contact") == [
        f'<sip:ann@192.0.2.7:5060>;expires=3600;+sip.instance="<{DESK}>";reg-id={number}'
        for number in (1, 2)
    ]


def test_a_flow_that_comes_back_replaces_its_former_self() -> None:
    registrar = Registrar()
    Phone(registrar).register(flow_of(DESK, 1), flow=TCP1, headers=OUTBOUND)
    restarted = Phone(registrar, "phone-2")
    restarted.register(flow_of(DESK, 1, "<sip:ann@192.0.2.9>"), flow=TCP2, headers=OUTBOUND)
    assert reached(registrar) == [[TCP2]]
    assert not registrar.bindings(AOR, now_s=4_000.0)


def test_each_phone_has_flows_of_its_own() -> None:
    registrar = Registrar()
    Phone(registrar, "desk").register(flow_of(DESK, 1), flow=TCP1, headers=OUTBOUND)
    Phone(registrar, "mobile").register(flow_of(MOBILE, 1), flow=TCP2, headers=OUTBOUND)
    assert reached(registrar) == [[TCP2], [TCP1]]


def test_one_flow_is_removed_and_the_other_stays() -> None:
    registrar = Registrar()
    phone = Phone(registrar)
    phone.register(flow_of(DESK, 1), flow=TCP1, headers=OUTBOUND)
    phone.register(flow_of(DESK, 2), flow=TCP2, headers=OUTBOUND)
    phone.register(flow_of(DESK, 2), flow=TCP2, headers=OUTBOUND, expires=0)
    assert reached(registrar) == [[TCP1]]
    registrar.drop_flow(TCP1)
    assert reached(registrar) == []


@pytest.mark.parametrize(
    "contact",
    [
        f'{CONTACT};+sip.instance="<{DESK}>"',
        f"{CONTACT};reg-id=1",
        flow_of(DESK, 0),
        flow_of(DESK, "one"),
        flow_of(DESK, 2**31),
        f'{CONTACT};+sip.instance="{DESK}";reg-id=1',
    ],
)
def test_without_all_it_takes_the_phone_has_one_binding(contact: str) -> None:
    registrar = Registrar()
    phone = Phone(registrar)
    answer = phone.register(contact, flow=TCP1, headers=OUTBOUND)
    phone.register(contact, flow=TCP2, headers=OUTBOUND)
    assert answer.status == 200
    assert not headers_of(answer, "Require")
    assert reached(registrar) == [[TCP2]]


def test_a_phone_that_does_not_say_outbound_is_taken_as_ever() -> None:
    registrar = Registrar()
    answer = Phone(registrar).register(flow_of(DESK, 1), flow=TCP1)
    assert answer.status == 200
    assert not headers_of(answer, "Require")


def test_a_flow_has_one_contact() -> None:
    registrar = Registrar()
    answer = Phone(registrar).register(
        flow_of(DESK, 1), flow_of(DESK, 2, "<sip:ann@192.0.2.8>"), headers=OUTBOUND
    )
    assert answer.status == 400
    assert reached(registrar) == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (None, 439),
        ("<sip:edge.example;lr>", 439),
        ("<sip:edge.example;lr;ob>, <sip:first.example;lr>", 439),
        ("<sip:inner.example;lr>, <sip:edge.example;lr;ob>", 200),
        ("<sip:edge.example;lr;ob>", 200),
    ],
)
def test_a_first_hop_that_lacks_outbound_is_told(path: str | None, status: int) -> None:
    registrar = Registrar()
    headers = (*OUTBOUND, *(() if path is None else (("Path", path),)))
    answer = Phone(registrar).register(
        flow_of(DESK, 1), headers=headers, via=f"SIP/2.0/UDP 192.0.2.3;branch=z9hG4bK2, {VIA}"
    )
    assert answer.status == status
    assert bool(reached(registrar)) is (status == 200)


def test_a_flow_that_a_proxy_calls_dead_is_dropped_unless_it_was_renewed() -> None:
    registrar = Registrar()
    phone = Phone(registrar)
    phone.register(flow_of(DESK, 1), flow=TCP1, headers=OUTBOUND)
    [former] = registrar.bindings(AOR, now_s=0.0)
    phone.register(flow_of(DESK, 1), flow=TCP2, headers=OUTBOUND)
    assert not registrar.drop(AOR, former)
    [present] = registrar.bindings(AOR, now_s=0.0)
    assert registrar.drop(AOR, present)
    assert reached(registrar) == []


def test_a_device_without_flows_is_in_one_place() -> None:
    registrar = Registrar()
    Phone(registrar, "before").register(f'<sip:ann@192.0.2.7>;+sip.instance="<{DESK}>"', flow=UDP)
    Phone(registrar, "after").register(f'<sip:ann@192.0.2.8>;+sip.instance="<{DESK}>"', flow=TCP1)
    assert reached(registrar) == [[TCP1]]


def test_two_contacts_of_a_device_in_one_request_are_both_kept() -> None:
    registrar = Registrar()
    names = [f'<sip:ann@192.0.2.7:{port}>;+sip.instance="<{DESK}>"' for port in (5060, 5062)]
    Phone(registrar).register(*names)
    assert len(registrar.bindings(AOR, now_s=0.0)) == 2


def test_leaving_a_former_address_keeps_the_present_one() -> None:
    """Some phones register what they learned of their address, then remove what they said first."""
    registrar = Registrar()
    phone = Phone(registrar)
    phone.register(f'<sip:ann@203.0.113.9:61000>;+sip.instance="<{DESK}>"', flow=NATTED)
    phone.register(f'<sip:ann@10.0.0.9>;+sip.instance="<{DESK}>"', flow=NATTED, expires=0)
    assert reached(registrar) == [[NATTED]]


# -- behind NAT --------------------------------------------------------------------------------

HIDDEN_VIA = "SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bK1;rport"


@pytest.mark.parametrize(
    ("contact", "via", "flow", "is_hidden"),
    [
        ("<sip:ann@10.0.0.9>", HIDDEN_VIA, NATTED, True),
        ("<sip:ann@203.0.113.9:61000>", HIDDEN_VIA, NATTED, True),
        ("<sip:ann@10.0.0.9>", VIA, UDP, True),
        ("<sip:ann@192.0.2.7>", VIA, UDP, False),
        ("<sip:ann@desk.contoso.example>", VIA, UDP, False),
        ("<sip:ann@10.0.0.9>", HIDDEN_VIA, TCP1, False),
        ("<sip:ann@df7jal23ls0d.invalid;transport=ws>", VIA, TCP1, False),
        ("<sip:ann@[2001:db8::9]>", VIA, NATTED, True),
    ],
)
def test_who_is_behind_nat(contact: str, via: str, flow: Flow, is_hidden: bool) -> None:
    registrar = Registrar(nat_max_s=600)
    answer = Phone(registrar).register(contact, via=via, flow=flow)
    [granted] = headers_of(answer, "Contact")
    assert f"expires={600 if is_hidden else 3600}" in granted
    assert (flow in registrar.pinholes) is is_hidden
    assert len(registrar.pinholes) == is_hidden


def test_who_registers_through_a_proxy_is_the_proxys_to_keep_alive() -> None:
    registrar = Registrar()
    path = (("Path", "<sip:edge.example;lr>"),)
    Phone(registrar).register("<sip:ann@10.0.0.9>", via=HIDDEN_VIA, flow=NATTED, headers=path)
    assert len(registrar.pinholes) == 0


def test_a_phone_with_flows_of_its_own_is_granted_what_it_asks_for() -> None:
    registrar = Registrar(nat_max_s=600)
    contact = flow_of(DESK, 1, "<sip:ann@10.0.0.9>")
    answer = Phone(registrar).register(contact, via=HIDDEN_VIA, flow=NATTED, headers=OUTBOUND)
    assert "expires=3600" in headers_of(answer, "Contact")[0]
    assert headers_of(answer, "Flow-Timer") == ["29"]


def test_a_nat_that_moved_leaves_no_ghost() -> None:
    """Once with the private Contact that stays the same, once with the NAT's own address in it."""
    for before, after in (
        ("<sip:ann@10.0.0.9>", "<sip:ann@10.0.0.9>"),
        ("<sip:ann@203.0.113.9:61000>", "<sip:ann@203.0.113.9:61777>"),
    ):
        registrar = Registrar()
        phone = Phone(registrar)
        phone.register(before, via=HIDDEN_VIA, flow=NATTED)
        phone.register(after, via=HIDDEN_VIA, flow=MOVED)
        assert reached(registrar) == [[MOVED]]
        assert NATTED not in registrar.pinholes
        assert not registrar.knows_remote(NATTED.remote)


def test_two_phones_behind_one_nat_do_not_replace_each_other() -> None:
    registrar = Registrar()
    Phone(registrar, "one").register("<sip:ann@203.0.113.9:61000>", via=HIDDEN_VIA, flow=NATTED)
    Phone(registrar, "other").register("<sip:ann@203.0.113.9:61777>", via=HIDDEN_VIA, flow=MOVED)
    assert reached(registrar) == [[MOVED], [NATTED]]
    assert len(registrar) == len(registrar.pinholes) == 2
    registrar.forget(AOR)
    assert len(registrar) == len(registrar.pinholes) == 0


def test_an_expired_phone_is_pinged_no_longer() -> None:
    registrar = Registrar(nat_max_s=600)
    Phone(registrar).register("<sip:ann@10.0.0.9>", via=HIDDEN_VIA, flow=NATTED)
    assert registrar.remove_expired(now_s=600.0) == 1
    assert len(registrar.pinholes) == 0
