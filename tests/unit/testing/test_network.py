"""The simulated network: fates drawn from the seed, NAT by RFC 4787, TCP in order."""

import asyncio
from collections.abc import Callable

import pytest

from callwright.kernel.addresses import HostPort
from callwright.testing.nat import Dependence, NatBehaviour
from callwright.testing.network import Conditions, Fate, Host, Network
from callwright.testing.streams import Stream, connect, listen
from callwright.testing.virtual_loop import run, running_loop

Heard = list[tuple[float, HostPort, bytes]]


def hear(host: Host, port: int) -> tuple[Callable[[HostPort, bytes], None], Heard]:
    heard: Heard = []
    socket = host.bind(
        port, lambda source, data: heard.append((running_loop().time(), source, data))
    )
    return socket.send, heard


def test_a_datagram_arrives_after_its_delay_with_its_source() -> None:
    async def main() -> None:
        network = Network(Conditions(delay_s=0.03))
        alice, bob = network.add_host("alice", "10.0.0.1"), network.add_host("bob", "10.0.0.2")
        send, _ = hear(alice, 5060)
        _, heard = hear(bob, 5070)
        send(HostPort("10.0.0.2", 5070), b"hello")
        await asyncio.sleep(1)
        assert heard == [(0.03, HostPort("10.0.0.1", 5060), b"hello")]
        assert [p.fate for p in network.recorder.passages] == [Fate.DELIVERED]
        assert (network.recorder.passages[0].sender, network.recorder.passages[0].receiver) == (
            "alice",
            "bob",
        )

    run(main())


async def _send_a_hundred(conditions: Conditions) -> list[bytes]:
    network = Network(conditions)
    alice, bob = network.add_host("alice", "10.0.0.1"), network.add_host("bob", "10.0.0.2")
    send, _ = hear(alice, 5060)
    _, heard = hear(bob, 5060)
    for number in range(100):
        send(HostPort("10.0.0.2", 5060), b"%d" % number)
        await asyncio.sleep(0.001)
    await asyncio.sleep(10)
    return [data for _, _, data in heard]


def test_without_jitter_order_is_kept_even_within_an_instant() -> None:
    async def main() -> None:
        network = Network()
        alice, bob = network.add_host("alice", "10.0.0.1"), network.add_host("bob", "10.0.0.2")
        send, _ = hear(alice, 5060)
        _, heard = hear(bob, 5060)
        for number in range(50):
            send(HostPort("10.0.0.2", 5060), b"%d" % number)
        await asyncio.sleep(1)
        assert [data for _, _, data in heard] == [b"%d" % number for number in range(50)]

    run(main())


def test_jitter_reorders_and_loses_nothing() -> None:
    arrived = run(_send_a_hundred(Conditions(jitter_s=0.02)), seed=1)
    sent = [b"%d" % number for number in range(100)]
    assert arrived != sent
    assert sorted(arrived) == sorted(sent)


def test_loss_and_duplication_come_about_as_often_as_asked() -> None:
    lossy = run(_send_a_hundred(Conditions(loss=0.3)), seed=3)
    assert 55 <= len(lossy) <= 85
    doubled = run(_send_a_hundred(Conditions(duplication=0.3)), seed=3)
    assert 115 <= len(doubled) <= 145
    assert len(set(doubled)) == 100


def test_the_same_seed_gives_every_packet_the_same_fate() -> None:
    rough = Conditions(jitter_s=0.02, loss=0.2, duplication=0.1)
    assert run(_send_a_hundred(rough), seed=5) == run(_send_a_hundred(rough), seed=5)
    assert run(_send_a_hundred(rough), seed=5) != run(_send_a_hundred(rough), seed=6)


def test_blocked_links_dead_hosts_and_closed_ports() -> None:
    async def main() -> None:
        network = Network()
        alice, bob = network.add_host("alice", "10.0.0.1"), network.add_host("bob", "10.0.0.2")
        send, _ = hear(alice, 5060)
        _, heard = hear(bob, 5060)
        there = HostPort("10.0.0.2", 5060)
        network.block(alice, bob)
        send(there, b"cut")
        network.unblock(alice, bob)
        send(there, b"whole")
        send(HostPort("10.0.0.2", 9), b"nobody listens")
        send(HostPort("10.9.9.9", 5060), b"nobody lives there")
        await asyncio.sleep(1)
        bob.is_up = False
        send(there, b"off")
        await asyncio.sleep(1)
        assert [data for _, _, data in heard] == [b"whole"]
        assert [p.fate for p in network.recorder.passages] == [
            Fate.BLOCKED, Fate.DELIVERED, Fate.UNREACHABLE, Fate.UNREACHABLE, Fate.BLOCKED,
        ]  # fmt: skip

    run(main())


def test_ports_and_addresses_are_taken_once() -> None:
    async def main() -> None:
        network = Network()
        alice = network.add_host("alice", "10.0.0.1")
        hear(alice, 5060)
        with pytest.raises(OSError, match="in use"):
            hear(alice, 5060)
        with pytest.raises(ValueError, match="taken"):
            network.add_host("other", "10.0.0.1")
        alice.sockets[5060].close()
        hear(alice, 5060)

    run(main())


class Nated:
    """A phone behind a box, and two hosts outside."""

    def __init__(self, behaviour: NatBehaviour) -> None:
        self.network = Network()
        self.box = self.network.add_nat("203.0.113.1", behaviour)
        phone = self.box.host("phone", "192.168.1.10")
        self.send, self.heard = hear(phone, 5060)
        self.near = HostPort("198.51.100.1", 5060)
        self.far = HostPort("198.51.100.2", 5060)
        self.near_send, self.near_heard = hear(
            self.network.add_host("near", self.near.host), self.near.port
        )
        self.far_send, self.far_heard = hear(
            self.network.add_host("far", self.far.host), self.far.port
        )


def test_nat_shows_its_own_address_and_lets_the_answer_in() -> None:
    async def main() -> None:
        nated = Nated(NatBehaviour())
        nated.send(nated.near, b"request")
        await asyncio.sleep(1)
        _, source, _ = nated.near_heard[0]
        assert source.host == "203.0.113.1"
        assert source.port != 5060
        nated.near_send(source, b"answer")
        await asyncio.sleep(1)
        assert [data for _, _, data in nated.heard] == [b"answer"]

    run(main())


@pytest.mark.parametrize(
    ("mapping", "is_same_port"),
    [(Dependence.ENDPOINT_INDEPENDENT, True), (Dependence.ADDRESS_DEPENDENT, False)],
)
def test_mapping_decides_whether_two_destinations_see_one_port(
    mapping: Dependence, is_same_port: bool
) -> None:
    async def main() -> None:
        nated = Nated(NatBehaviour(mapping=mapping))
        nated.send(nated.near, b"one")
        nated.send(nated.far, b"two")
        await asyncio.sleep(1)
        assert (nated.near_heard[0][1] == nated.far_heard[0][1]) is is_same_port

    run(main())


@pytest.mark.parametrize(
    ("filtering", "gets_in"),
    [(Dependence.ENDPOINT_INDEPENDENT, True), (Dependence.ADDRESS_DEPENDENT, False)],
)
def test_filtering_decides_whether_a_stranger_gets_in(filtering: Dependence, gets_in: bool) -> None:
    async def main() -> None:
        nated = Nated(NatBehaviour(filtering=filtering))
        nated.send(nated.near, b"one")
        await asyncio.sleep(1)
        nated.far_send(nated.near_heard[0][1], b"unasked")
        await asyncio.sleep(1)
        assert bool(nated.heard) is gets_in
        assert nated.network.recorder.passages[-1].fate is (
            Fate.DELIVERED if gets_in else Fate.FILTERED
        )

    run(main())


def test_a_binding_dies_of_silence_and_of_a_restart() -> None:
    async def main() -> None:
        nated = Nated(NatBehaviour(binding_timeout_s=30))
        nated.send(nated.near, b"one")
        await asyncio.sleep(29)
        source = nated.near_heard[0][1]
        nated.near_send(source, b"in time")
        await asyncio.sleep(2)
        nated.near_send(source, b"late: an answer does not refresh")
        await asyncio.sleep(1)
        assert [data for _, _, data in nated.heard] == [b"in time"]
        nated.send(nated.near, b"two")
        await asyncio.sleep(1)
        nated.box.restart()
        nated.near_send(nated.near_heard[1][1], b"after the restart")
        await asyncio.sleep(1)
        assert len(nated.heard) == 1

    run(main())


def test_neighbours_behind_one_box_reach_each_other() -> None:
    async def main() -> None:
        nated = Nated(NatBehaviour())
        _, heard = hear(nated.box.host("printer", "192.168.1.11"), 9100)
        nated.send(HostPort("192.168.1.11", 9100), b"page")
        await asyncio.sleep(1)
        assert heard[0][1] == HostPort("192.168.1.10", 5060)

    run(main())


class Ear:
    """One side of a TCP connection that writes down what it hears."""

    def __init__(self) -> None:
        self.data = b""
        self.pieces = 0
        self.connected = False
        self.closed = False
        self.stream: Stream | None = None

    def on_connected(self, stream: Stream) -> None:
        self.connected = True

    def on_data(self, stream: Stream, data: bytes) -> None:
        self.data += data
        self.pieces += 1

    def on_closed(self, stream: Stream) -> None:
        self.closed = True


def tcp_pair(conditions: Conditions) -> tuple[Network, Stream, Ear, Ear]:
    network = Network(conditions)
    alice, bob = network.add_host("alice", "10.0.0.1"), network.add_host("bob", "10.0.0.2")
    near, far = Ear(), Ear()

    def accept(stream: Stream) -> Ear:
        far.stream = stream
        return far

    listen(bob, 5060, accept)
    return network, connect(alice, HostPort("10.0.0.2", 5060), near), near, far


def test_tcp_keeps_order_through_jitter_and_small_segments() -> None:
    async def main() -> None:
        conditions = Conditions(jitter_s=0.5, loss=0.5, tcp_segment_bytes=3)
        _, stream, near, far = tcp_pair(conditions)
        for number in range(50):
            stream.send(b"message %d;" % number)
        await asyncio.sleep(60)
        assert near.connected
        assert far.connected
        assert far.data == b"".join(b"message %d;" % number for number in range(50))
        assert far.pieces > 50
        assert far.stream is not None
        far.stream.send(b"answer")
        await asyncio.sleep(1)
        assert near.data == b"answer"

    run(main(), seed=2)


def test_tcp_close_arrives_after_the_last_byte_and_a_cut_at_once() -> None:
    async def main() -> None:
        _, stream, near, far = tcp_pair(Conditions())
        stream.send(b"last words")
        await asyncio.sleep(1)
        stream.close()
        assert not far.closed
        await asyncio.sleep(1)
        assert (far.data, far.closed, near.closed) == (b"last words", True, False)

        _, stream, near, far = tcp_pair(Conditions())
        await asyncio.sleep(1)
        stream.send(b"on its way")
        stream.cut()
        await asyncio.sleep(1)
        assert (far.data, far.closed, near.closed) == (b"", True, True)

    run(main())


def test_tcp_to_nobody_is_refused() -> None:
    async def main() -> None:
        network = Network()
        alice = network.add_host("alice", "10.0.0.1")
        network.add_host("bob", "10.0.0.2")
        refused, unheard = Ear(), Ear()
        connect(alice, HostPort("10.0.0.2", 5060), refused)
        connect(alice, HostPort("10.9.9.9", 5060), unheard)
        await asyncio.sleep(0.1)
        assert (refused.closed, unheard.closed) == (True, False)
        await asyncio.sleep(60)
        assert unheard.closed

    run(main())
