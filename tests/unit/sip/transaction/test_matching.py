"""Which messages belong together (RFC 3261 §17.1.3, §17.2.3), and what a broken flow ends."""

from tests.ladders.sip.rig import LINGER_S, Pair

from callwright.kernel.addresses import HostPort
from callwright.sip.flow import Flow
from callwright.sip.message import Request, Response, make_request
from callwright.sip.transaction.layer import ServerKey, server_key


def request(via: str, method: str = "INVITE", cseq: int = 1) -> Request:
    return make_request(
        method, "sip:b@h", via=via, from_="<sip:a@h>;tag=1", to="<sip:b@h>", call_id="c", cseq=cseq
    )


def key(via: str, method: str = "INVITE", cseq: int = 1) -> ServerKey:
    message = request(via, method, cseq)
    return server_key(message, message.top_via)


def test_branch_and_sent_by_name_a_transaction() -> None:
    one = key("SIP/2.0/UDP h:5060;branch=z9hG4bKa;rport")
    assert one == key("SIP/2.0/UDP h:5060;rport;branch=z9hG4bKa")
    assert one == key("SIP/2.0/UDP h:5060;branch=z9hG4bKa", "ACK")
    assert one != key("SIP/2.0/UDP h:5060;branch=z9hG4bKa", "CANCEL")
    assert one != key("SIP/2.0/UDP h:5061;branch=z9hG4bKa")
    assert one != key("SIP/2.0/UDP h:5060;branch=z9hG4bKb")


def test_without_the_magic_cookie_more_must_be_equal() -> None:
    old = "SIP/2.0/UDP h:5060;branch=1"
    assert key(old) == key(old)
    assert key(old) == key(old, "ACK")
    assert key(old) != key(old, cseq=2)
    assert key(old) != key("SIP/2.0/UDP h2:5060;branch=1")


def test_a_response_with_our_branch_but_an_other_method_is_not_ours() -> None:
    pair = Pair()
    pair.alice.call(pair.bob)
    pair.run()
    data = pair.alice.raw[0].replace(b"100 Trying", b"200 OK").replace(b"1 INVITE", b"1 BYE")
    pair.alice.receive(pair.alice.flow_to(pair.bob), data)
    assert pair.alice.endpoint.counters["unmatched_responses"] == 1
    assert pair.alice.listener.heard == ["provisional 100"]


def test_a_response_that_was_meant_for_somebody_behind_us() -> None:
    pair = Pair()
    pair.alice.call(pair.bob)
    pair.run()
    data = pair.alice.raw[0].replace(
        b"From:", b"Via: SIP/2.0/UDP other;branch=z9hG4bKo\r\nFrom:", 1
    )
    pair.alice.receive(pair.alice.flow_to(pair.bob), data)
    assert pair.alice.endpoint.counters["unmatched_responses"] == 1


def test_a_connection_that_could_not_be_opened_fails_what_waited_for_it() -> None:
    """The shell numbers the connection only when it opens it."""
    pair = Pair()
    pair.bob.is_deaf = True
    responses: list[Response] = []
    for remote in ("192.0.2.2:5060", "192.0.2.7:5060"):
        pair.alice.endpoint.request(
            method="OPTIONS",
            flow=Flow("tcp", pair.alice.address, HostPort.parse(remote)),
            uri=f"sip:{remote}",
            from_="<sip:alice@example.com>",
            to=f"<sip:{remote}>",
            on_response=responses.append,
        )
    broken = Flow("tcp", pair.alice.address, HostPort.parse("192.0.2.2:5060"), 12)
    pair.alice.endpoint.transport_failed(broken)
    pair.run(0.01)
    assert [(r.status, r.is_local) for r in responses] == [(503, True)]
    pair.run(LINGER_S)
    assert [r.status for r in responses] == [503, 408]
    pair.assert_nothing_remains()


def test_an_answer_before_the_flow_breaks_is_the_answer() -> None:
    pair = Pair()
    pair.bob.on_asked = lambda transaction: transaction.respond(200)
    statuses: list[int] = []
    flow = pair.alice.flow_to(pair.bob)
    pair.alice.endpoint.request(
        method="OPTIONS",
        flow=flow,
        uri="sip:bob@192.0.2.2",
        from_="<sip:alice@example.com>",
        to="<sip:bob@example.com>",
        on_response=lambda response: statuses.append(response.status),
    )
    pair.run()
    pair.alice.endpoint.transport_failed(flow)
    pair.run()
    assert statuses == [200]
