"""Each message against `callwright serve` on loopback: by TCP whole, byte by byte and two in one
segment, then by UDP. The answer is right, the next OPTIONS is answered at once, the server lives.

TCP goes first: what came by UDP is remembered for 32 s, and the same bytes were only a copy of it.
For the same reason what is refused without being remembered goes before the rest: the RFCs use
branches and Call-IDs more than once.
"""

from collections.abc import Callable, Iterator

import pytest
from tests.interop.process import ServerProcess
from tests.torture.peers import Answer, Silence, TcpPeer, UdpPeer, options, probe
from tests.torture.reading import message_bytes
from tests.torture.table import CASES, Case, Stream

from callwright.kernel.limits.signalling import SIP_TCP_PARTIAL_MESSAGE_S

PROMPT_S = 0.1
ATTEMPTS = 3
"""A busy machine may be late once; a defect is late each time."""


def cases(*streams: Stream, is_stream: bool = True) -> list[object]:
    """``is_stream``: what is expected to fail as a datagram does what it should on a stream."""
    return [
        pytest.param(
            case,
            id=case.name,
            marks=pytest.mark.xfail(reason=case.expected_failure)
            if case.expected_failure and not is_stream
            else (),
        )
        for case in sorted(CASES, key=lambda case: case.is_readable)
        if case.stream in streams
    ]


def check_answer(case: Case, answer: Answer) -> None:
    """The status, and what RFC 3261 wants beside it."""
    assert answer.status == case.server
    assert case.fault in answer.reason
    assert answer.header("Via") is not None
    if case.name != "insuf":
        assert answer.header("Call-ID") is not None
        assert ";tag=" in (answer.header("To") or "").replace(" ", "") or case.fault
    match answer.status:
        case 401:
            assert answer.header("WWW-Authenticate") is not None
        case 405 | 501:
            assert "INVITE" in answer.elements("Allow")
        case 415:
            assert answer.elements("Accept") == ["application/sdp"]
        case 420:
            unsupported = ["nothingSupportsThis", "nothingSupportsThisEither"]
            assert answer.elements("Unsupported") == unsupported


def check_answers(case: Case, answers: list[Answer], *, times: int) -> None:
    wanted = 0 if case.server is None else times
    assert [answer.status for answer in answers] == [case.server] * wanted
    for answer in answers:
        check_answer(case, answer)


def promptly(exchange: Callable[[], float]) -> None:
    """``exchange`` returns how long the OPTIONS behind the message waited."""
    took_s = [exchange()]
    while took_s[-1] > PROMPT_S and len(took_s) < ATTEMPTS:
        took_s.append(exchange())
    assert took_s[-1] <= PROMPT_S, took_s


@pytest.fixture(autouse=True)
def alive(server: ServerProcess) -> Iterator[None]:
    yield
    assert server.is_running, server.log_text
    server.assert_well()


@pytest.fixture
def connect(server: ServerProcess) -> Iterator[Callable[[], TcpPeer]]:
    peers: list[TcpPeer] = []

    def new_peer() -> TcpPeer:
        peers.append(TcpPeer(server.sip))
        return peers[-1]

    yield new_peer
    for peer in peers:
        peer.close()


Connect = Callable[[], TcpPeer]


@pytest.mark.parametrize("case", cases(Stream.GOES_ON))
def test_by_tcp(case: Case, connect: Connect) -> None:
    def exchange() -> float:
        peer = connect()
        peer.send(message_bytes(case.name))
        answers, took_s = probe(peer)
        check_answers(case, answers, times=1)
        return took_s

    promptly(exchange)


@pytest.mark.parametrize("case", cases(Stream.GOES_ON))
def test_by_tcp_byte_by_byte(case: Case, connect: Connect) -> None:
    def exchange() -> float:
        peer = connect()
        peer.send_slowly(message_bytes(case.name))
        answers, took_s = probe(peer)
        check_answers(case, answers, times=1)
        return took_s

    promptly(exchange)


@pytest.mark.parametrize("case", cases(Stream.GOES_ON))
def test_by_tcp_two_glued(case: Case, connect: Connect) -> None:
    def exchange() -> float:
        peer = connect()
        call_id, request = options("TCP")
        peer.send(2 * message_bytes(case.name) + request)
        answers, took_s = probe(peer)
        assert [a.status for a in answers if a.header("Call-ID") == call_id] == [200]
        mine = [answer for answer in answers if answer.header("Call-ID") != call_id]
        check_answers(case, mine, times=2)
        return took_s

    promptly(exchange)


@pytest.mark.parametrize("way", ["whole", "byte by byte", "two glued"])
@pytest.mark.parametrize("case", cases(Stream.ENDS))
def test_a_stream_that_cannot_be_cut_is_answered_and_closed(
    case: Case, way: str, connect: Connect, datagrams: UdpPeer
) -> None:
    def exchange() -> float:
        peer = connect()
        data = message_bytes(case.name)
        head, blank_line, _ = data.partition(b"\r\n\r\n")
        if way == "byte by byte":
            peer.send_slowly(head + blank_line)
        else:
            peer.send(data if way == "whole" else 2 * data)
        answer = peer.receive()
        assert answer is not None
        assert answer.status == 400
        assert "Content-Length" in answer.reason
        assert peer.receive() is None, "the connection is closed"
        _, took_s = probe(datagrams)
        return took_s

    promptly(exchange)


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("clerr", "byte by byte"),
        ("clerr", "two glued"),
        ("ipv6-in-sdp", "byte by byte"),  # glued to a second one it is complete
    ],
)
def test_a_message_that_is_not_complete_waits(
    name: str, way: str, connect: Connect, datagrams: UdpPeer
) -> None:
    def exchange() -> float:
        peer = connect()
        data = message_bytes(name)
        if way == "byte by byte":
            peer.send_slowly(data)
        else:
            peer.send(2 * data)
        _, took_s = probe(datagrams)
        with pytest.raises(Silence):
            peer.receive(within_s=PROMPT_S)
        return took_s

    promptly(exchange)


def test_a_message_that_never_gets_complete_ends_the_connection(
    connect: Connect, datagrams: UdpPeer
) -> None:
    """RFC 4475 §3.1.2.2: both messages that announce too much, at the same time."""
    peers = []
    for case in CASES:
        if case.stream is Stream.WAITS:
            peers.append(connect())
            peers[-1].send(message_bytes(case.name))
    assert len(peers) == 2
    _, took_s = probe(datagrams)
    assert took_s < SIP_TCP_PARTIAL_MESSAGE_S / 2
    for peer in peers:
        assert peer.receive(within_s=SIP_TCP_PARTIAL_MESSAGE_S + 5) is None


@pytest.mark.parametrize("way", ["whole", "byte by byte", "two glued"])
@pytest.mark.parametrize("case", cases(Stream.IS_LOST))
def test_a_message_that_announces_too_little_is_answered(
    case: Case, way: str, connect: Connect, datagrams: UdpPeer
) -> None:
    """What stands behind it spoils the next one, as it must; everybody else is served."""

    def exchange() -> float:
        peer = connect()
        data = message_bytes(case.name)
        if way == "byte by byte":
            peer.send_slowly(data)
        else:
            peer.send(data if way == "whole" else 2 * data)
        wanted = [case.server, *case.more_on_stream]
        statuses = []
        while len(statuses) < len(wanted):
            answer = peer.receive()
            assert answer is not None
            if answer.status >= 200:
                statuses.append(answer.status)
                datagrams.send(answer.ack)  # on the connection nobody would understand it
        assert statuses == wanted
        _, took_s = probe(datagrams)
        return took_s

    promptly(exchange)


@pytest.mark.parametrize("case", cases(*Stream, is_stream=False))
def test_by_udp(case: Case, datagrams: UdpPeer) -> None:
    def exchange() -> float:
        datagrams.send(message_bytes(case.name))
        answers, took_s = probe(datagrams)
        check_answers(case, answers, times=1)
        return took_s

    promptly(exchange)


def test_rfc_5118_where_ipv6_is_spoken(ipv6_server: ServerProcess) -> None:
    """TCP first, and the refused ones first, for the reasons above."""
    mine = [case for case in CASES if case.section.startswith("RFC 5118")]
    ordered = sorted(mine, key=lambda case: case.is_readable)
    for case in ordered:
        if case.stream is Stream.GOES_ON:
            peer = TcpPeer(ipv6_server.sip)
            peer.send(message_bytes(case.name))
            check_answers(case, probe(peer)[0], times=1)
            peer.close()
    datagrams = UdpPeer(ipv6_server.sip)
    for case in ordered:
        datagrams.send(message_bytes(case.name))
        answers, _ = probe(datagrams)
        if not case.expected_failure:
            check_answers(case, answers, times=1)
        for answer in answers:
            assert "received=::1" in (answer.header("Via") or "")
    datagrams.close()
    assert ipv6_server.is_running
    ipv6_server.assert_well()
