"""Ways that messages take: NAT, TCP, broken flows, proxies and forks (RFC 3261 §18, RFC 3581)."""

from tests.ladders.sip.rig import ANSWER, LINGER_S, Pair, Party

from callwright.kernel.addresses import HostPort
from callwright.sip.flow import Flow


def test_a_call_behind_a_nat_goes_where_the_request_came_from() -> None:
    pair = Pair()
    pair.network.nat[pair.alice.address] = HostPort("203.0.113.9", 40_000)
    pair.bob.on_ring = lambda session: session.answer(ANSWER)
    pair.alice.call(pair.bob)
    pair.run()
    via = pair.alice.last_response.top_via
    assert (via.host, via.received, via.rport) == ("192.0.2.1", "203.0.113.9", 40_000)
    his = pair.bob.rings[0]
    assert his.flow.remote == HostPort("203.0.113.9", 40_000)
    his.bye()
    pair.run()
    assert pair.alice.listener.heard[-1] == "ended bye"
    assert pair.alice.last_request.uri == "sip:alice@192.0.2.1:5060"


def test_the_flow_follows_a_peer_whose_nat_forgot_it() -> None:
    pair = Pair()
    pair.network.nat[pair.alice.address] = HostPort("203.0.113.9", 40_000)
    hers, his = pair.answered_call()
    pair.network.nat[pair.alice.address] = HostPort("203.0.113.9", 50_000)
    hers.send_request("INFO")
    pair.run()
    assert pair.lines == ["alice -> bob INFO", "bob -> alice 200 INFO"]
    his.bye()
    pair.run()
    assert pair.alice.listener.heard == ["ended bye"]


def test_nothing_is_repeated_over_tcp_but_the_200() -> None:
    pair = Pair()
    pair.bob.on_ring = lambda session: session.answer(ANSWER)
    pair.alice.call(pair.bob, transport="tcp")
    pair.run(40)
    assert pair.lines.count("alice -> bob INVITE sdp") == 1
    pair.bob.rings[0].bye()
    pair.run()
    assert pair.alice.listener.heard[-1] == "ended bye"
    assert (pair.alice.endpoint.transaction_count, pair.bob.endpoint.transaction_count) == (0, 0)
    assert b"Via: SIP/2.0/TCP" in pair.bob.raw[0]
    assert b";transport=tcp>" in pair.bob.raw[0]


def test_a_broken_flow_fails_the_calls_that_wait_on_it() -> None:
    pair = Pair()
    pair.bob.is_deaf = True
    pair.alice.call(pair.bob)
    pair.alice.endpoint.transport_failed(pair.alice.flow_to(pair.bob))
    assert pair.alice.listener.heard == []
    pair.run(0.01)
    assert pair.alice.listener.heard == ["failed 503 local"]
    pair.run(LINGER_S)
    pair.assert_nothing_remains()


def test_a_session_outlives_its_connection() -> None:
    pair = Pair()
    hers, _ = pair.answered_call(transport="tcp")
    assert hers.flow.connection == 7
    pair.alice.endpoint.transport_failed(hers.flow)
    assert hers.flow == Flow("tcp", pair.alice.address, pair.bob.address)
    hers.bye()
    pair.run()
    assert pair.bob.listener.heard == ["ended bye"]


def test_a_record_route_is_followed_in_both_directions() -> None:
    pair = Pair()
    pair.bob.on_ring = lambda session: session.provisional(180)
    pair.alice.call(pair.bob, headers=[("Record-Route", "<sip:p2;lr>, <sip:p1;lr>")])
    pair.run()
    pair.bob.rings[0].answer(ANSWER)
    pair.run()
    ack = pair.bob.last_request
    assert ack.header_values("Route") == ["<sip:p1;lr>", "<sip:p2;lr>"]
    assert ack.uri == "sip:192.0.2.2:5060"
    pair.bob.rings[0].bye()
    pair.run()
    assert pair.alice.last_request.header_values("Route") == ["<sip:p2;lr>", "<sip:p1;lr>"]


def test_a_strict_router_gets_its_own_uri() -> None:
    pair = Pair()
    pair.bob.on_ring = lambda session: session.answer(ANSWER)
    pair.alice.call(pair.bob, headers=[("Record-Route", "<sip:old.example>")])
    pair.run()
    assert pair.bob.last_request.uri == "sip:old.example"
    assert pair.bob.last_request.header_values("Route") == ["<sip:192.0.2.2:5060>"]


def test_late_answers_of_a_fork_are_acknowledged_and_hung_up() -> None:
    """Bob's proxy sent the INVITE on to carol, who answers, too."""
    pair = Pair()
    carol = Party(pair.network, "carol", "192.0.2.3:5060")
    pair.bob.on_ring = carol.on_ring = lambda session: session.provisional(180)
    pair.alice.call(pair.bob)
    pair.run()
    carol.receive(carol.flow_to(pair.alice), pair.bob.raw[0])
    pair.run()
    pair.bob.rings[0].answer(ANSWER)
    carol.rings[0].answer(ANSWER)
    pair.network.losing = ["alice -> carol ACK"]
    pair.network.forget()
    pair.run(1.0)
    to_carol = [line for line in pair.lines if "carol" in line]
    assert to_carol[:3] == [
        "alice -> carol ACK lost",
        "alice -> carol BYE",
        "carol -> alice 200 BYE",
    ]
    assert carol.listener.heard == ["ended bye"]
    assert pair.alice.listener.heard.count("answered 200") == 1
    assert pair.alice.endpoint.session_count == 1
