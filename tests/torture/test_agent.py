"""Each message against an endpoint in the virtual world whose owner takes all it is shown."""

import pytest
from tests.ladders.sip.rig import ANSWER, LINGER_S, Pair
from tests.torture.reading import fault_in, message_bytes
from tests.torture.table import CASES, Case

from callwright.sip.message import Response
from callwright.sip.parser import parse
from callwright.sip.registrar import Registrar
from callwright.sip.transaction.server import ServerTransaction

OPTIONS = (
    b"OPTIONS sip:bob@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKprobe\r\n"
    b"Max-Forwards: 70\r\nFrom: <sip:alice@example.com>;tag=probe\r\nTo: <sip:bob@example.com>\r\n"
    b"Call-ID: probe\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
)
FETCH = OPTIONS.replace(b"OPTIONS", b"REGISTER").replace(b"probe", b"fetch")


class Scene:
    """alice is where the bytes come from, bob is a phone and a registrar."""

    def __init__(self) -> None:
        self.pair = Pair()
        self.registrar = Registrar(default_s=3_600, min_s=60, max_s=86_400, bindings_max=10)
        self.pair.bob.on_ring = lambda session: session.answer(ANSWER)
        self.pair.bob.on_asked = self._serve

    def send(self, data: bytes, transport: str = "udp") -> list[bytes]:
        """The final responses that come back at once, as bytes: they may repeat what is broken."""
        self.pair.alice.raw.clear()
        bob = self.pair.bob
        bob.receive(bob.flow_to(self.pair.alice, transport), data)
        self.pair.run()
        return [raw for raw in self.pair.alice.raw if raw[:9] != b"SIP/2.0 1"]

    def contacts(self) -> list[str]:
        """What a phone is told that asks who is registered."""
        (raw,) = self.send(FETCH)
        response = parse(raw)
        assert response.header("CSeq") == "1 REGISTER"
        return [value.partition(">")[0] + ">" for value in response.header_values("Contact")]

    def _serve(self, transaction: ServerTransaction) -> None:
        match transaction.request.method:
            case "REGISTER":
                answer = self.registrar.register(
                    "somebody", transaction.request, transaction.flow,
                    now_s=self.pair.clock.monotonic(),
                )  # fmt: skip
                transaction.respond(answer.status, headers=answer.headers)
            case "OPTIONS":
                transaction.respond(200)
            case _:
                transaction.respond(405)


def check(scene: Scene, case: Case, transport: str) -> None:
    answers = scene.send(message_bytes(case.name), transport)
    statuses = [int(raw[8:11]) for raw in answers]
    assert statuses == ([] if case.agent is None else [case.agent])
    assert [int(raw[8:11]) for raw in scene.send(OPTIONS, transport)] == [200]
    assert scene.pair.bob.endpoint.counters.get("defects", 0) == 0
    scene.pair.run(4 * LINGER_S)
    scene.pair.assert_nothing_remains()


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            case,
            id=case.name,
            marks=pytest.mark.xfail(reason=case.expected_failure) if case.expected_failure else (),
        )
        for case in CASES
    ],
)
def test_a_datagram_is_answered_and_forgotten(case: Case) -> None:
    check(Scene(), case, "udp")


@pytest.mark.parametrize(
    "case", [c for c in CASES if c.name not in ("inv2543", "clerr", "ipv6-in-sdp")],
    ids=lambda case: case.name,
)  # fmt: skip
def test_a_frame_is_answered_and_forgotten(case: Case) -> None:
    """On a stream, where a message without its length is refused and others wait for theirs."""
    check(Scene(), case, "tcp")


def test_who_calls_is_understood_before_rfc_3261() -> None:
    scene = Scene()
    (raw,) = scene.send(message_bytes("inv2543"))
    response = parse(raw)
    assert isinstance(response, Response)
    assert (response.status, response.body) == (200, ANSWER)
    assert response.header_values("Record-Route") == [
        "<sip:UserB@example.com;maddr=ss1.example.com>"
    ]
    (session,) = scene.pair.bob.rings
    scene.pair.alice.raw.clear()
    ack = message_bytes("inv2543").partition(b"\r\n\r\n")[0].replace(b"INVITE", b"ACK")
    tag = (response.to_tag or "").encode()
    scene.send(ack.replace(b"user=phone\r\n", b"user=phone;tag=" + tag + b"\r\n") + b"\r\n\r\n")
    assert scene.pair.bob.listener.heard == ["acknowledged"]
    session.bye()
    scene.pair.run()
    bye = scene.pair.alice.last_request
    assert (bye.method, bye.to.uri.user) == ("BYE", "+13035551111")


def test_a_contact_parameter_does_not_become_part_of_the_uri() -> None:
    scene = Scene()
    scene.send(message_bytes("cparam01"))
    assert scene.contacts() == ["<sip:+19725552222@gw1.example.net>"]


def test_a_uri_parameter_stays_one() -> None:
    scene = Scene()
    scene.send(message_bytes("cparam02"))
    assert scene.contacts() == ["<sip:+19725552222@gw1.example.net;unknownparam>"]


def test_a_header_of_a_contact_is_kept_and_not_obeyed() -> None:
    scene = Scene()
    scene.send(message_bytes("regescrt"))
    assert scene.contacts() == ["<sip:user@example.com?Route=%3Csip:sip.example.com%3E>"]
    (binding,) = scene.registrar.bindings("somebody", now_s=scene.pair.clock.monotonic())
    bob = scene.pair.bob
    bob.endpoint.invite(
        flow=bob.flow_to(scene.pair.alice), uri=str(binding.contact), from_="<sip:bob@example.com>",
        to="<sip:user@example.com>", body=b"", listener=bob.listener,
    )  # fmt: skip
    scene.pair.run()
    invite = scene.pair.alice.last_request
    assert (invite.uri, invite.header("Route")) == ("sip:user@example.com", None)


def test_zero_octets_tell_contacts_apart() -> None:
    scene = Scene()
    scene.send(message_bytes("escnull"))
    assert scene.contacts() == ["<sip:%00@host5.example.com>", "<sip:%00%00@host5.example.com>"]


def test_all_messages_to_one_endpoint() -> None:
    """Branches and Call-IDs come more than once in the RFCs, so an answer may be a copy's."""
    scene = Scene()
    for case in CASES:
        scene.send(message_bytes(case.name))
    (answer,) = [raw for raw in scene.send(OPTIONS) if b"Call-ID: probe" in raw]
    assert answer.startswith(b"SIP/2.0 200 ")
    assert scene.pair.bob.endpoint.counters.get("defects", 0) == 0
    scene.pair.run(4 * LINGER_S)
    scene.pair.assert_nothing_remains()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_message_cut_anywhere_is_a_fault_and_nothing_worse(case: Case) -> None:
    data = message_bytes(case.name)
    head_bytes = data.index(b"\r\n\r\n") + 4
    for length in range(len(data)):
        fault = fault_in(data[:length])
        assert fault is not None or length >= head_bytes
        assert fault is None or fault.text
