"""Peers that send from another port than they listen at (RFC 3261 §18.2.2, RFC 3581 §4)."""

from collections.abc import Callable

import pytest
from tests.ladders.sip.rig import ANSWER, LINGER_S, Pair, Party

from callwright.kernel.addresses import HostPort
from callwright.sip.flow import Flow
from callwright.sip.message import Request
from callwright.sip.screening import Refusal

SOURCE = HostPort("192.0.2.1", 50_123)
"""Where alice sends from; nobody listens there."""


def as_it_is(data: bytes) -> bytes:
    return data


def old(data: bytes) -> bytes:
    """Does not ask to be answered where it sends from."""
    return data.replace(b";rport\r\n", b"\r\n", 1)


class TwoPorts(Pair):
    """alice's messages come to bob, and to whoever she calls, from another port than hers."""

    def __init__(self, written: Callable[[bytes], bytes] = old) -> None:
        super().__init__()
        self.to = self.bob
        self._written = written
        self.alice.rewrite = self._bring

    def _bring(self, data: bytes) -> bytes:
        flow = Flow("udp", self.to.address, SOURCE)
        self.clock.call_later(0.01, lambda: self.to.receive(flow, self._written(data)))
        return b""


class Door:
    """Lets nobody in, and notes where they come from."""

    def __init__(self) -> None:
        self.sources: list[HostPort] = []

    def meet(self, request: Request, flow: Flow, *, load: float) -> Refusal | None:
        self.sources.append(flow.remote)
        return Refusal(403)


def test_a_peer_is_answered_and_called_where_it_listens() -> None:
    pair = TwoPorts()
    pair.bob.on_ring = lambda session: session.provisional(180)
    pair.alice.call(pair.bob)
    pair.run()
    pair.bob.rings[0].answer(ANSWER)
    pair.run()
    assert pair.alice.listener.heard == ["provisional 100", "provisional 180", "answered 200"]
    pair.bob.rings[0].bye()
    pair.run()
    assert pair.alice.listener.heard[-1] == "ended bye"
    pair.run(LINGER_S)
    pair.assert_nothing_remains()


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(as_it_is, id="asks for it"),
        pytest.param(lambda data: old(data).replace(b"UDP 192.0.2.1", b"UDP h.test"), id="a name"),
        pytest.param(lambda data: old(data).replace(b"UDP 192.0.2.1", b"UDP 10.0.0.9"), id="NAT"),
    ],
)
def test_others_are_answered_where_they_send_from(written: Callable[[bytes], bytes]) -> None:
    pair = TwoPorts(written)
    port = Party(pair.network, "port", str(SOURCE))
    pair.alice.call(pair.bob)
    pair.run()
    assert [raw[8:11] for raw in port.raw] == [b"100"]


def test_without_a_port_it_listens_at_the_usual_one() -> None:
    pair = TwoPorts(lambda data: old(data).replace(b"192.0.2.1:5060;branch", b"192.0.2.1;branch"))
    pair.alice.call(pair.bob)
    pair.run()
    assert pair.alice.listener.heard == ["provisional 100"]


def test_a_refusal_that_is_not_remembered_goes_there_too() -> None:
    """Who it is says where it comes from, not what it writes into its Via."""
    pair, door = TwoPorts(), Door()
    pair.to = Party(pair.network, "node", "192.0.2.9:5060", doorkeeper=door)
    pair.alice.call(pair.to)
    pair.run()
    assert pair.alice.listener.heard == ["failed 403"]
    assert set(door.sources) == {SOURCE}


def test_what_cannot_be_read_is_refused_there_too() -> None:
    pair = TwoPorts(lambda data: old(data).replace(b"Max-Forwards: 70", b"Max-Forwards: x"))
    pair.alice.call(pair.bob)
    pair.run()
    assert pair.alice.listener.heard == ["failed 400"]


def test_a_hasty_refusal_goes_there_too() -> None:
    pair = TwoPorts()
    taken = pair.bob.endpoint.receive
    pair.bob.endpoint.receive = (  # type: ignore[method-assign]
        lambda flow, data: pair.bob.endpoint.refuse_hastily(flow, data) or taken(flow, data)
    )
    pair.alice.call(pair.bob)
    pair.run()
    assert pair.alice.listener.heard == ["failed 503"]


def test_a_peer_that_answers_from_an_other_port_is_spoken_to_where_it_listens() -> None:
    pair = Pair()
    pair.bob.on_ring = lambda session: session.answer(ANSWER)

    def bring(data: bytes) -> bytes:
        flow = Flow("udp", pair.alice.address, HostPort(pair.bob.address.host, SOURCE.port))
        pair.clock.call_later(0.01, lambda: pair.alice.receive(flow, data))
        return b""

    pair.bob.rewrite = bring
    session = pair.alice.call(pair.bob)
    pair.run()
    assert pair.alice.listener.heard == ["provisional 100", "answered 200"]
    assert pair.bob.listener.heard == ["acknowledged"]
    session.bye()
    pair.run()
    assert pair.bob.listener.heard[-1] == "ended bye"
    pair.run(LINGER_S)
    pair.assert_nothing_remains()
