"""What becomes of transactions whose connection is gone (RFC 3261 §17.1.4, §18.2.2, §18.4)."""

import pytest
from tests.ladders.sip.rig import LINGER_S, VirtualClock

from callwright.kernel.addresses import HostPort
from callwright.sip.flow import Flow
from callwright.sip.message import Request, Response, make_request, make_response
from callwright.sip.parser import parse
from callwright.sip.transaction.client import InviteClientTransaction
from callwright.sip.transaction.layer import TransactionLayer, server_key, via_text
from callwright.sip.transaction.server import InviteServerTransaction

NODE = HostPort("192.0.2.1", 5_060)
PEER = HostPort("198.51.100.7", 40_000)
BRANCH = "z9hG4bK1"
URI = "sip:bob@198.51.100.7:5080"


def flow(number: int | None, transport: str = "tcp", names: tuple[str, ...] = ()) -> Flow:
    return Flow(transport, NODE, PEER, number, names)


class Wire:
    """A layer, what it sends, and an INVITE on it whose user keeps what it hears."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.sent: list[tuple[Flow, str]] = []
        self.heard: list[int] = []
        self.layer = TransactionLayer(self.clock, self._send, lambda: "token", "test")

    def _send(self, way: Flow, data: bytes) -> None:
        message = parse(data)
        kind = message.method if isinstance(message, Request) else str(message.status)
        self.sent.append((way, kind))

    def invite(
        self, way: Flow, uri: str = URI, route: tuple[str, ...] = ()
    ) -> InviteClientTransaction:
        client = InviteClientTransaction(
            self.layer, invite(via_text(way, BRANCH), uri, route), BRANCH, way, self
        )
        self.sent.clear()
        return client

    def lose(self, way: Flow) -> None:
        self.layer.lose_servers(way)
        self.layer.lose_clients(way)

    def on_invite_provisional(self, response: Response, flow: Flow) -> None:
        self.heard.append(response.status)

    on_invite_success = on_invite_failure = on_invite_provisional


def invite(via: str, uri: str = URI, route: tuple[str, ...] = ()) -> Request:
    return make_request(
        "INVITE", uri, via=via, from_="<sip:a@h>;tag=1", to="<sip:b@h>", call_id="c", cseq=1,
        route=route,
    )  # fmt: skip


def answer(client: InviteClientTransaction, status: int, way: Flow) -> None:
    client.receive(make_response(client.request, status, to_tag="2"), way)


@pytest.mark.parametrize(
    ("uri", "route", "hop"),
    [
        (URI, (), "198.51.100.7:5080"),
        ("sip:bob@198.51.100.7", (), "198.51.100.7:5060"),
        ("sip:bob@sbc.test:5080", (), "198.51.100.7:5080"),
        ("sip:bob@sbc.test", (), "198.51.100.7:40000"),
        ("sip:bob@10.0.0.9", ("<sip:203.0.113.5:5070;lr>",), "203.0.113.5:5070"),
        ("sip:bob@10.0.0.9", ("<sip:proxy.test;lr>", "<sip:10.0.0.1;lr>"), "198.51.100.7:40000"),
        ("tel:+12065550199", (), "198.51.100.7:40000"),
    ],
)
def test_who_rings_is_cancelled_over_a_new_connection_to_the_same_hop(
    uri: str, route: tuple[str, ...], hop: str
) -> None:
    wire = Wire()
    client = wire.invite(flow(7), uri, route)
    answer(client, 180, flow(7))
    wire.lose(flow(7))
    assert (wire.heard, wire.sent) == ([180], [])
    client.cancel(())
    [(way, kind)] = wire.sent
    assert (kind, way.connection, str(way.remote)) == ("CANCEL", None, hop)


def test_a_cancel_that_may_be_lost_with_its_connection_is_sent_once_more() -> None:
    wire = Wire()
    client = wire.invite(flow(7))
    answer(client, 180, flow(7))
    client.cancel(())
    wire.lose(flow(7))
    again, kind = wire.sent[-1]
    assert (kind, again.connection, len(wire.sent)) == ("CANCEL", None, 2)
    for number in (8, 9):  # nobody is there
        wire.lose(Flow("tcp", NODE, again.remote, number))
    assert len(wire.sent) == 2
    client.move(flow(10))
    assert wire.sent[2:] == [(flow(10), "CANCEL")]
    answer(client, 487, flow(10))
    assert (wire.sent[3:], wire.heard) == ([(flow(10), "ACK")], [180, 487])


def test_the_connection_that_the_rest_comes_on_is_the_one_to_answer_on() -> None:
    wire = Wire()
    client = wire.invite(flow(7))
    answer(client, 180, flow(7))
    wire.lose(flow(7))
    answer(client, 486, flow(8))
    assert wire.sent == [(flow(8), "ACK")]
    assert wire.layer.open_count == 0


def test_who_had_not_answered_is_cancelled_should_it_ring_after_all() -> None:
    wire = Wire()
    client = wire.invite(flow(7))
    wire.lose(flow(7))
    assert wire.heard == [503]
    answer(client, 180, flow(8))
    answer(client, 180, flow(8))
    assert (wire.heard, wire.sent) == ([503], [(flow(8), "CANCEL")])
    answer(client, 200, flow(8))
    assert wire.heard == [503, 200], "its user acknowledges it and hangs up"
    wire.clock.run(LINGER_S)
    assert wire.layer.open_count == 0


def test_an_invite_that_waits_on_a_connection_does_not_move() -> None:
    wire = Wire()
    client = wire.invite(flow(7))
    client.move(flow(8))
    wire.lose(flow(7))
    assert wire.heard == [503]


@pytest.mark.parametrize(
    ("transport", "sent_by", "port"),
    [("tcp", "10.0.0.9:5070", 5_070), ("tcp", "h.test", 5_060), ("tls", "10.0.0.9", 5_061)],
)
def test_responses_open_a_connection_to_where_the_via_says(
    transport: str, sent_by: str, port: int
) -> None:
    wire = Wire()
    came_on = flow(7, transport, ("*.test", "h.test"))
    request = invite(f"SIP/2.0/{transport.upper()} {sent_by};branch={BRANCH};rport")
    key = server_key(request, request.top_via)
    request.stamp_via(*came_on.remote)
    server = InviteServerTransaction(wire.layer, key, request, came_on)
    server.respond(180)
    wire.lose(came_on)
    server.respond(200)
    server.retransmit()
    way = Flow(transport, NODE, HostPort(PEER.host, port))
    assert wire.sent == [(came_on, "180"), (way, "200"), (way, "200")]
    assert wire.sent[-1][0].peer_names == ("h.test",)
