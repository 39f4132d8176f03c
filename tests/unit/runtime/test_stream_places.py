"""Places for connections: counted by who owns the address, and kept for those who have business
here."""

import asyncio

import pytest

from callwright.kernel.addresses import HostPort
from callwright.kernel.limits import signalling
from callwright.runtime import streams
from callwright.runtime.connection import Connection
from callwright.runtime.knocks import Knocks
from callwright.runtime.streams import StreamKind, StreamTransport
from callwright.runtime.tasks import Tasks
from callwright.runtime.visitors import Visitors
from callwright.sip.flow import Flow
from callwright.sip.framing import KEEP_ALIVE, PONG
from callwright.sip.glance import shows_business
from callwright.testing.virtual_loop import VirtualClock, run, running_loop

NODE = ("192.0.2.1", 5060)
ASKED = (
    b"OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/TCP 1.1.1.1;branch=z9hG4bK1\r\n"
    b"From: <sip:a@x>;tag=1\r\nTo: <sip:b@x>\r\nCall-ID: 1\r\n"
    b"CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
)


def answer(status: str, method: str) -> bytes:
    return f"SIP/2.0 {status}\r\nVia: x\r\nCSeq: 7 {method}\r\nContent-Length: 0\r\n\r\n".encode()


class Wire(asyncio.Transport):
    """The socket of one peer."""

    def __init__(self, host: str) -> None:
        super().__init__({"peername": (host, 4_000), "sockname": NODE})
        self.cut_at_s: float | None = None
        self.written = b""

    def write(self, data: bytes) -> None:  # type: ignore[override]
        self.written += data

    def get_write_buffer_size(self) -> int:
        return 0

    def abort(self) -> None:
        self.cut_at_s = self.cut_at_s or running_loop().time()


class Table:
    """A transport with connections that nobody opened; ``trunk`` is where an SBC is."""

    trunk = "198.51.100.1"

    def __init__(self) -> None:
        self.clock = VirtualClock(running_loop())
        self.failed: list[Flow] = []
        self.transport = StreamTransport(
            StreamKind("tcp"),
            self.clock,
            Tasks(lambda name, error: None),
            lambda flow, data: None,
            self.failed.append,
            lambda peer, bound: bound,
            is_trunk=lambda flow: flow.remote.host == self.trunk,
        )

    def connect(self, host: str, *said: bytes) -> Wire:
        """``said``: what we say after the peer asked."""
        connection, wire = Connection(self.transport, None), Wire(host)
        connection.connection_made(wire)
        if wire.cut_at_s is None:
            connection.data_received(ASKED)
        for message in said:
            connection.send(message)
        return wire


def stays_s(host: str, *said: bytes) -> float:
    """How long a connection stays whose peer says no more."""

    async def main() -> float:
        table = Table()
        began_s = table.clock.monotonic()
        wire = table.connect(host, *said)
        await asyncio.sleep(4_000)
        assert wire.cut_at_s is not None
        return wire.cut_at_s - began_s

    return run(main(), seed=0)


def test_who_proves_nothing_may_not_idle() -> None:
    assert stays_s("203.0.113.5") == signalling.SIP_TCP_UNPROVEN_IDLE_S
    assert stays_s("203.0.113.5", answer("401 Unauthorized", "REGISTER")) == 60
    assert stays_s("203.0.113.5", answer("200 OK", "OPTIONS"), b"\r\n") == 60


@pytest.mark.parametrize(
    "said",
    [
        answer("200 OK", "REGISTER"),
        answer("200 OK", "INVITE"),
        answer("180 Ringing", "INVITE"),
        answer("202 Accepted", "MESSAGE"),
        b"INVITE sip:alice@203.0.113.5 SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\n",
    ],
)
def test_who_has_business_here_may(said: bytes) -> None:
    assert stays_s("203.0.113.5", said) == signalling.SIP_TCP_IDLE_S


def test_a_trunk_has_business_before_it_says_so() -> None:
    assert stays_s(Table.trunk) == signalling.SIP_TCP_IDLE_S


@pytest.mark.parametrize(
    "said",
    [
        b"\r\n",
        b"",
        b"SIP/2.0 ",
        answer("100 Trying", "INVITE"),
        answer("486 Busy", "INVITE"),
        answer("200 OK", "CANCEL"),
    ],
)
def test_what_shows_no_business(said: bytes) -> None:
    assert not shows_business(said)


def test_a_host_with_many_addresses_is_one_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "SIP_TCP_CONNECTIONS_PER_ADDRESS_MAX", 3)

    async def main() -> None:
        transport = Table().transport
        taken = [transport.take_place(f"2001:db8:1:2::{number:x}") for number in range(1, 6)]
        assert taken == [True] * 3 + [False] * 2
        assert transport.take_place("2001:db8:1:3::1")
        transport.give_place_back("2001:db8:1:2::5")
        assert transport.take_place("2001:db8:1:2::9")
        assert transport.refused == 2

    run(main(), seed=0)


def test_the_oldest_who_proved_nothing_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "SIP_TCP_CONNECTIONS_MAX", 4)

    async def main() -> None:
        table = Table()
        trunk = table.connect(Table.trunk)
        phone = table.connect("203.0.113.1", answer("200 OK", "REGISTER"))
        idlers = [table.connect(f"203.0.113.{number}") for number in (2, 3)]
        newcomer = table.connect("203.0.113.4", answer("200 OK", "REGISTER"))
        assert [wire.cut_at_s is None for wire in idlers] == [False, True]
        assert [flow.remote for flow in table.failed] == [HostPort("203.0.113.2", 4_000)]
        another = table.connect("203.0.113.5", answer("200 OK", "REGISTER"))
        late = table.connect("203.0.113.6")
        assert late.cut_at_s is not None, "nobody makes room who has business here"
        assert [w.cut_at_s for w in (trunk, phone, newcomer, another)] == [None] * 4
        assert (table.transport.connection_count, table.transport.refused) == (4, 3)

    run(main(), seed=0)


def test_answers_to_our_keep_alives_are_not_taken_for_one() -> None:
    async def main() -> None:
        table, wire = Table(), Wire("203.0.113.7")
        connection = Connection(table.transport, None)
        connection.connection_made(wire)
        connection.data_received(KEEP_ALIVE)
        assert wire.written == PONG
        connection.send(KEEP_ALIVE)
        for _ in range(4):
            connection.data_received(PONG)
        assert wire.written == PONG + KEEP_ALIVE

    run(main(), seed=0)


def test_strangers_and_visitors_are_counted_by_source() -> None:
    async def main() -> None:
        clock = VirtualClock(running_loop())
        knocks, visitors = Knocks(clock), Visitors(clock)
        hosts = [f"2001:db8::{number:x}" for number in range(1, 12)]
        assert [knocks.is_worth_a_record(host) for host in hosts] == [True] * 10 + [False]
        assert [visitors.retry_s(host) is None for host in hosts] == [True] * 10 + [False]
        assert knocks.is_worth_a_record("2001:db8:0:1::1")
        assert visitors.retry_s("2001:db8:0:1::1") is None

    run(main(), seed=0)
