"""Requests that are refused before anybody sees them (RFC 3261 §8.2), and what is no request."""

from itertools import pairwise

import pytest
from tests.ladders.sip.rig import ANSWER, LINGER_S, OFFER, Pair, Party

from callwright.sip.message import Response
from callwright.sip.parser import parse

INVITE = (
    b"INVITE sip:bob@192.0.2.2 SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKq1;rport\r\n"
    b"Max-Forwards: 70\r\n"
    b"From: <sip:alice@example.com>;tag=a1\r\n"
    b"To: <sip:bob@example.com>\r\n"
    b"Call-ID: c1\r\n"
    b"CSeq: 1 INVITE\r\n"
    b"Contact: <sip:alice@192.0.2.1:5060>\r\n"
    b"Content-Length: 0\r\n\r\n"
)


def answer_to(data: bytes, pair: Pair | None = None) -> Response:
    """What bob says to one datagram; he shows it to nobody."""
    pair = pair or Pair()
    pair.bob.receive(pair.bob.flow_to(pair.alice), data)
    pair.run()
    assert (pair.bob.rings, pair.bob.asked) == ([], [])
    return pair.alice.last_response


def as_method(method: bytes) -> bytes:
    return INVITE.replace(b"INVITE", method)


def test_the_template_is_a_good_invite() -> None:
    pair = Pair()
    pair.bob.receive(pair.bob.flow_to(pair.alice), INVITE)
    assert len(pair.bob.rings) == 1


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (INVITE.replace(b"Max-Forwards: 70", b"Max-Forwards: 0"), 483),
        (INVITE.replace(b"Max-Forwards", b"Require: x, timer\r\nMax-Forwards"), 420),
        (as_method(b"PRACK"), 481),
        (as_method(b"JUMP"), 501),
        (as_method(b"invite"), 501),
        (as_method(b"BYE"), 481),
        (as_method(b"UPDATE"), 481),
        (as_method(b"INFO"), 481),
        (as_method(b"CANCEL"), 481),
        (as_method(b"BYE").replace(b"To: <sip:bob@example.com>", b"To: <sip:bob@e>;tag=x"), 481),
        (INVITE.replace(b"To: <sip:bob@example.com>", b"To: <sip:bob@example.com>;tag=x"), 481),
        (INVITE.replace(b"sip:bob@192.0.2.2 SIP", b"mailto:bob@192.0.2.2 SIP"), 416),
        (INVITE.replace(b"Contact: <sip:alice@192.0.2.1:5060>\r\n", b""), 400),
        (INVITE.replace(b"sip:bob@192.0.2.2 SIP", b"sips:bob@192.0.2.2 SIP"), 416),
        (as_method(b"REGISTER").replace(b"To: <sip:bob@example.com>", b"To: <tel:+4930>"), 400),
        (INVITE.replace(b"SIP/2.0\r\nVia", b"SIP/3.0\r\nVia"), 505),
        (INVITE.replace(b"Contact", b"Accept: text/plain, image/*\r\nContact"), 406),
        (INVITE.replace(b"Contact", b"Accept:\r\nContact"), 406),
        (INVITE.replace(b"Max-Forwards: 70", b"Max-Forwards: many"), 400),
        (
            INVITE.replace(b"Content-Length: 0\r\n\r\n", b"Content-Type: text/plain\r\n\r\nhello"),
            415,
        ),
    ],
)
def test_refusals(data: bytes, status: int) -> None:
    response = answer_to(data)
    assert response.status == status
    assert response.to_tag
    assert response.top_via.rport == 5060


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"CSeq: 1 INVITE\r\n", b"", "CSeq is missing"),
        (b"To: <sip:bob@example.com>\r\n", b"", "To is missing"),
        (b"From: <sip:alice@example.com>;tag=a1\r\n", b"", "From is missing"),
        (b"Call-ID: c1\r\n", b"", "Call-ID is missing"),
        (b"Call-ID: c1\r\n", b"Call-ID:\r\n", "Call-ID is missing"),
        (b"Call-ID: c1", b"Call-ID: c1\r\ni: c2", "More than one Call-ID"),
        (b"To: ", b"t: <sip:x@example.com>\r\nTo: ", "More than one To"),
        (b"1 INVITE", b"1 OPTIONS", "CSeq names an other method"),
        (b"1 INVITE", b"4294967296 INVITE", "CSeq is a number below 2**31 and a method"),
        (b"Max-Forwards: 70", b"Max-Forwards: 256", "Max-Forwards is not a number from 0 to 255"),
        (b"Max-Forwards: 70", b"Max-Forwards: 7\r\nMax-Forwards: 7", "More than one Max-Forwards"),
        (b"Length: 0", b"Length: 1", "Content-Length does not fit the body"),
        (b"Length: 0", b"Length: 99999", "Content-Length does not fit the body"),
        (b"Length: 0", b"Length: five", "Content-Length does not fit the body"),
        (b"Call-ID: c1", b"Call-ID c1", "A header line is not NAME: VALUE"),
        (b"Call-ID: c1", b"Call-ID: c1\nX: y", "A CR or LF stands alone"),
        (b";rport", b";", "a parameter without a name"),
        (b"SIP/2.0/UDP", b"SIP/3.0/UDP", "a Via begins with SIP/2.0/TRANSPORT"),
        (b"sip:alice@192.0.2.1:5060", b"tel:[::1", "Contact: '[::1' is not a number"),
        (b"sip:bob@192.0.2.2 ", b"sip:bob@192.0.2.2:99999 ", "'99999' is not a port"),
        (b"sip:bob@192.0.2.2 SIP/2.0", b"sip:bob@192.0.2.2 SIP/2.0 ", "Malformed request line"),
        (b"INVITE sip:bob@192.0.2.2", b"IN(VITE sip:bob@192.0.2.2", "Malformed request line"),
    ],
)  # fmt: skip
def test_a_400_names_the_fault(old: bytes, new: bytes, reason: str) -> None:
    assert INVITE.count(old) == 1
    response = answer_as_it_came(INVITE.replace(old, new))
    assert response.startswith(b"SIP/2.0 400 " + reason.encode() + b"\r\nVia: SIP/")


def answer_as_it_came(data: bytes, transport: str = "udp") -> bytes:
    """The bytes of it, which may repeat what cannot be read."""
    pair = Pair()
    pair.bob.receive(pair.bob.flow_to(pair.alice, transport), data)
    pair.run()
    assert (pair.bob.rings, pair.bob.asked) == ([], [])
    (answer,) = pair.alice.raw
    return answer


def test_a_reason_phrase_does_not_repeat_all_that_was_sent() -> None:
    response = answer_to(INVITE.replace(b"sip:bob@192.0.2.2 ", b"sip:bob@" + b"(" * 5_000 + b" "))
    assert response.status == 400
    assert len(response.reason) <= 100


def test_what_announces_more_than_we_take_is_told_so_on_a_stream() -> None:
    head = INVITE.replace(b"Content-Length: 0", b"Content-Length: 70000")
    assert answer_as_it_came(head, "tcp").startswith(b"SIP/2.0 513 Message Too Large\r\n")
    long = INVITE.replace(b"Contact", b"X: y\r\n" * 12_000 + b"Contact")
    assert answer_as_it_came(long, "tcp").startswith(b"SIP/2.0 513 Message too large\r\n")


def test_a_request_without_its_length_on_a_stream() -> None:
    """RFC 3261 §18.3: in a datagram it may be absent, on a stream nobody knows where it ends."""
    without = INVITE.replace(b"Content-Length: 0\r\n", b"")
    assert answer_as_it_came(without, "tcp").startswith(b"SIP/2.0 400 Content-Length is missing")
    pair = Pair()
    pair.bob.receive(pair.bob.flow_to(pair.alice), without)
    assert len(pair.bob.rings) == 1


def test_a_415_says_what_is_accepted() -> None:
    offer = b"Content-Type: application/sdp\r\nContent-Length: 3\r\n\r\nv=0"
    typed = INVITE.replace(b"Content-Length: 0\r\n\r\n", offer)
    response = answer_to(typed.replace(b"application/sdp", b"application/x-sdp"))
    assert (response.status, response.header("Accept")) == (415, "application/sdp")
    for field in (b"Content-Encoding: gzip", b"e: deflate"):
        response = answer_to(typed.replace(b"Contact", field + b"\r\nContact"))
        assert (response.status, response.header("Accept-Encoding")) == (415, "identity")


def test_who_takes_no_sdp_gets_none() -> None:
    response = answer_to(INVITE.replace(b"Contact", b"Accept: text/plain\r\nContact"))
    assert (response.header("Warning") or "").startswith("399 ")
    for accepts in (b"application/sdp;level=1, text/plain", b"*/*", b"Application/*"):
        pair = Pair()
        data = INVITE.replace(b"Contact", b"Accept: " + accepts + b"\r\nContact")
        pair.bob.receive(pair.bob.flow_to(pair.alice), data)
        assert len(pair.bob.rings) == 1


def test_an_offer_in_an_unknown_form_inside_a_call() -> None:
    pair = Pair()
    hers, _ = pair.answered_call()
    statuses: list[int] = []
    for method in ("INVITE", "UPDATE"):
        hers.send_request(
            method,
            headers=[("Contact", "<sip:alice@192.0.2.1>")],
            body=b"<sdp/>",
            content_type="text/xml",
            on_response=lambda response: statuses.append(response.status),
        )
        pair.run()
        assert statuses.pop() == 415
        assert pair.alice.last_response.header_values("Accept") == ["application/sdp"]
    assert "offer INVITE" not in pair.bob.listener.heard


def test_requests_that_share_a_branch_are_told_apart() -> None:
    pair = Pair()
    pair.bob.on_asked = lambda transaction: transaction.respond(200)
    for call_id in (b"one", b"two"):
        data = as_method(b"OPTIONS").replace(b"Call-ID: c1", b"Call-ID: " + call_id)
        pair.bob.receive(pair.bob.flow_to(pair.alice), data)
        pair.run()
        assert pair.alice.last_response.call_id == call_id.decode()


def test_a_501_says_what_is_allowed_and_a_420_what_is_not() -> None:
    assert "INVITE" in answer_to(as_method(b"JUMP")).header_values("Allow")
    required = b"Require: 100rel, precondition, path\r\nMax-Forwards"
    response = answer_to(INVITE.replace(b"Max-Forwards", required))
    assert response.header_values("Unsupported") == ["precondition"]


def test_copies_of_a_refused_request_get_the_same_answer() -> None:
    pair = Pair()
    data = INVITE.replace(b"Max-Forwards: 70", b"Max-Forwards: 0")
    first, second = answer_to(data, pair), answer_to(data, pair)
    assert first.to_tag == second.to_tag
    pair.assert_nothing_remains()


def test_the_owner_answers_options_that_ran_out_of_hops() -> None:
    pair = Pair()
    pair.bob.on_asked = lambda transaction: transaction.respond(200)
    data = as_method(b"OPTIONS").replace(b"Max-Forwards: 70", b"Max-Forwards: 0")
    pair.bob.receive(pair.bob.flow_to(pair.alice), data)
    pair.run()
    assert pair.alice.last_response.status == 200


def test_a_request_that_comes_twice_by_different_paths() -> None:
    pair = Pair()
    pair.bob.receive(pair.bob.flow_to(pair.alice), INVITE)
    pair.bob.receive(pair.bob.flow_to(pair.alice), INVITE.replace(b"z9hG4bKq1", b"z9hG4bKq2"))
    pair.run()
    assert pair.lines == ["bob -> alice 100 INVITE", "bob -> alice 482 INVITE"]
    assert len(pair.bob.rings) == 1
    pair.bob.rings[0].refuse(486)
    pair.run(2 * LINGER_S)
    pair.bob.receive(pair.bob.flow_to(pair.alice), INVITE.replace(b"z9hG4bKq1", b"z9hG4bKq3"))
    assert len(pair.bob.rings) == 2, "long after, it is a new request"


def test_too_much_at_once() -> None:
    pair = Pair()
    small = Party(pair.network, "small", "192.0.2.9:5060", transactions_max=2)
    for number in range(3):
        data = INVITE.replace(b"z9hG4bKq1", b"z9hG4bKn%d" % number)
        small.receive(
            small.flow_to(pair.alice), data.replace(b"Call-ID: c", b"Call-ID: %d" % number)
        )
    pair.run()
    assert pair.lines[-1] == "small -> alice 503 INVITE"
    assert pair.alice.last_response.header("Retry-After") == "5"
    assert len(small.rings) == 2
    assert small.endpoint.counters["overloaded"] == 1


def test_calls_can_be_ended_under_load() -> None:
    pair = Pair()
    small = Party(pair.network, "small", "192.0.2.9:5060", transactions_max=1)
    small.on_ring = lambda session: session.answer(ANSWER)
    hers = pair.alice.call(small)
    pair.run()
    hers.bye()
    pair.run()
    assert pair.lines[-1] == "small -> alice 200 BYE"


@pytest.mark.parametrize("data", [b"", b"\r\n", b"\r\n\r\n", b"\0", b"\0\0\0\0"])
def test_keep_alives_are_counted_and_nothing_else(data: bytes) -> None:
    pair = Pair()
    _, _ = pair.answered_call()
    pair.bob.receive(pair.bob.flow_to(pair.alice), data)
    pair.run()
    assert pair.lines == []
    assert pair.bob.endpoint.counters == {"keepalives": 1}


def test_a_ping_over_tcp_gets_its_pong() -> None:
    pair = Pair()
    pair.bob.receive(pair.bob.flow_to(pair.alice, "tcp"), b"\r\n\r\n")
    pair.run()
    assert pair.alice.raw == [b"\r\n"]


@pytest.mark.parametrize(
    "data",
    [
        b"hello",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\xff\xfe\xfd" * 100,
        b"SIP/2.0 200 OK\r\n\r\n",
        INVITE[:100],
        as_method(b"ACK").replace(b"Call-ID: c1\r\n", b""),
    ],
)
def test_garbage_is_counted_and_not_answered(data: bytes) -> None:
    pair = Pair()
    pair.bob.receive(pair.bob.flow_to(pair.alice), data)
    pair.run()
    assert pair.lines == []
    assert pair.bob.endpoint.counters["malformed"] == 1


def test_responses_and_acks_that_belong_to_nothing() -> None:
    pair = Pair()
    pair.bob.receive(pair.bob.flow_to(pair.alice), as_method(b"ACK"))
    response = INVITE.replace(b"INVITE sip:bob@192.0.2.2 SIP/2.0", b"SIP/2.0 200 OK")
    pair.bob.receive(pair.bob.flow_to(pair.alice), response)
    assert pair.bob.endpoint.counters == {"unmatched_acks": 1, "unmatched_responses": 1}


def test_a_peer_from_before_rfc_3261_is_served() -> None:
    """RFC 3261 §17.2.3: no magic cookie in its branch, so other headers tell its requests apart."""
    pair = Pair()
    old = INVITE.replace(b";branch=z9hG4bKq1;rport", b"")
    pair.bob.on_ring = lambda session: session.refuse(486)
    for _ in range(2):
        pair.bob.receive(pair.bob.flow_to(pair.alice), old)
    pair.run()
    assert len(pair.bob.rings) == 1
    assert pair.lines.count("bob -> alice 486 INVITE") == 2
    tag = (pair.alice.last_response.to_tag or "").encode()
    ack = old.replace(b"INVITE", b"ACK").replace(
        b"To: <sip:bob@example.com>", b"To: <sip:bob@example.com>;tag=" + tag
    )
    pair.bob.receive(pair.bob.flow_to(pair.alice), ack)
    pair.network.forget()
    pair.run(LINGER_S)
    assert pair.lines == []
    pair.assert_nothing_remains()


def test_a_defect_of_the_owner_ends_one_call_and_is_reported() -> None:
    pair = Pair()
    defects: list[Exception] = []

    def fail(_: object) -> None:
        raise LookupError("a bug")

    pair.bob.on_ring = pair.bob.on_asked = fail
    pair.bob.endpoint._on_defect = defects.append
    pair.alice.call(pair.bob)
    pair.bob.receive(pair.bob.flow_to(pair.alice), as_method(b"OPTIONS"))
    pair.run()
    assert pair.alice.listener.heard[-1] == "failed 500"
    assert "bob -> alice 500 OPTIONS" in pair.lines
    assert [str(defect) for defect in defects] == ["a bug", "a bug"]


def test_max_forwards_of_the_caller_is_kept() -> None:
    pair = Pair()
    pair.alice.call(pair.bob, headers=[("Max-Forwards", "9")])
    pair.run()
    assert parse(pair.bob.raw[0]).header_values("Max-Forwards") == ["9"]


def test_an_owner_that_never_responds_is_not_remembered() -> None:
    pair = Pair()
    pair.bob.receive(pair.bob.flow_to(pair.alice), as_method(b"OPTIONS"))
    assert pair.bob.endpoint.transaction_count == 1
    pair.run(LINGER_S)
    pair.bob.asked[0].respond(200)
    pair.run()
    assert pair.lines == []
    pair.assert_nothing_remains()


def test_requests_of_ours_outside_a_dialog() -> None:
    pair = Pair()
    pair.bob.on_asked = lambda transaction: transaction.respond(
        401, headers=(("WWW-Authenticate", 'Digest realm="x"'),)
    )
    statuses: list[tuple[int, bool]] = []
    for target in (pair.bob, Party(pair.network, "nobody", "192.0.2.8:5060")):
        target.is_deaf = target is not pair.bob
        pair.alice.endpoint.request(
            method="OPTIONS",
            flow=pair.alice.flow_to(target),
            uri=f"sip:{target.address}",
            from_="<sip:alice@example.com>",
            to=f"<sip:{target.address}>",
            on_response=lambda response: statuses.append((response.status, response.is_local)),
        )
    pair.run(32.1)
    assert statuses == [(401, False), (408, True)]
    sent = [step.at_s for step in pair.network.steps if step.target == "nobody"]
    waits = [round(after - before, 3) for before, after in pairwise(sent)]
    assert waits == [0.5, 1.0, 2.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0]
    pair.run(LINGER_S)
    pair.assert_nothing_remains()


def test_offer_bodies_keep_their_type() -> None:
    pair = Pair()
    pair.alice.call(pair.bob, body=OFFER)
    pair.run()
    assert parse(pair.bob.raw[0]).content_type == "application/sdp"
