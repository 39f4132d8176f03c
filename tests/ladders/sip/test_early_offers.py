"""Offers and answers before the call is answered (RFC 3262 §5, RFC 3311, RFC 6337 §2)."""

from tests.ladders.sip.rig import ANSWER, LINGER_S, OFFER, Pair

from callwright.sip.session.session import InviteSession

REQUIRED = (("Require", "100rel"),)
HOLD = OFFER + b"m=audio 9 RTP/AVP 0\r\na=sendonly\r\n"


def ring_with_audio(session: InviteSession) -> None:
    session.provisional(183, body=ANSWER)


def changed(prack: bytes, method: bytes, cseq: int, body: bytes = b"") -> bytes:
    """Another request in the early dialog, made from a PRACK."""
    number = next(line for line in prack.split(b"\r\n") if line.startswith(b"CSeq"))
    head = prack.replace(number, b"CSeq: %d %s" % (cseq, method)).replace(b"PRACK", method)
    head = head.replace(b"z9hG4bK", b"z9hG4bKx").replace(b"RAck", b"X-RAck")
    content = b"Contact: <sip:alice@192.0.2.1:5060>\r\nContent-Type: application/sdp\r\n"
    return head.replace(
        b"Content-Length: 0\r\n\r\n",
        (content if body else b"") + b"Content-Length: %d\r\n\r\n" % len(body) + body,
    )


def test_an_offer_in_the_response_is_answered_in_the_prack() -> None:
    pair = Pair()
    pair.bob.on_ring = lambda session: session.provisional(183, body=OFFER)
    pair.alice.listener.reactions["provisional"] = lambda session: session.acknowledge(ANSWER)
    pair.alice.call(pair.bob, body=b"")
    pair.run()
    assert pair.lines == [
        "alice -> bob INVITE",
        "bob -> alice 100 INVITE",
        "bob -> alice 183 INVITE sdp",
        "alice -> bob PRACK sdp",
        "bob -> alice 200 PRACK",
    ]
    assert pair.bob.listener.heard == ["acknowledged sdp"]
    assert pair.bob.listener.requests[-1].body == ANSWER
    pair.bob.rings[0].answer(OFFER)
    pair.run()
    assert pair.lines[5:] == ["bob -> alice 200 INVITE", "alice -> bob ACK"]
    assert pair.alice.listener.heard[-1] == "answered 200"
    assert pair.bob.listener.heard == ["acknowledged sdp", "acknowledged"]


def test_an_offer_that_nobody_answers_is_made_again_in_the_200() -> None:
    pair = Pair()
    pair.bob.on_ring = lambda session: session.provisional(183, body=OFFER)
    pair.alice.call(pair.bob, body=b"")
    pair.run()
    assert pair.lines[3:] == ["alice -> bob PRACK", "bob -> alice 200 PRACK"]
    pair.alice.listener.reactions["answered"] = lambda session: session.acknowledge(ANSWER)
    pair.bob.rings[0].answer(OFFER)
    pair.run()
    assert pair.lines[5:] == ["bob -> alice 200 INVITE sdp", "alice -> bob ACK sdp"]


def test_without_an_offer_there_is_no_first_reliable_ringing() -> None:
    """RFC 3262 §5: it would have to carry one; the caller may not get an unreliable one either."""
    pair = Pair()
    pair.bob.on_ring = lambda session: session.provisional(180)
    pair.alice.call(pair.bob, body=b"", headers=REQUIRED)
    pair.run()
    assert pair.lines == ["alice -> bob INVITE", "bob -> alice 100 INVITE"]
    pair.alice.listener.reactions["provisional"] = lambda session: session.acknowledge(ANSWER)
    pair.bob.rings[0].provisional(183, body=OFFER)
    pair.run()
    pair.bob.rings[0].provisional(180)
    pair.run()
    assert pair.lines[5:8] == [
        "bob -> alice 180 INVITE",
        "alice -> bob PRACK",
        "bob -> alice 200 PRACK",
    ]


def test_a_new_offer_in_a_prack_is_answered_in_its_200() -> None:
    pair = Pair()
    pair.bob.on_ring = ring_with_audio
    offer = b"Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n" % len(HOLD) + HOLD
    pair.alice.rewrite = lambda data: (
        data.replace(b"Content-Length: 0\r\n\r\n", offer) if data.startswith(b"PRACK") else data
    )
    pair.alice.call(pair.bob)
    pair.run()
    assert pair.lines[3:] == ["alice -> bob PRACK sdp", "bob -> alice 200 PRACK sdp"]
    assert pair.bob.listener.heard == ["offer PRACK"]
    assert pair.bob.listener.requests[-1].body == HOLD


def test_an_early_update_is_an_offer_once_the_first_was_answered() -> None:
    pair = Pair()
    pair.alice.listener.reactions["offer"] = lambda session: session.answer_offer(OFFER)
    pair.alice.call(pair.bob)
    pair.run()
    his = pair.bob.rings[0]
    his.provisional(180)
    pair.run()
    pair.network.forget()
    offer = {"body": HOLD, "content_type": "application/sdp"}
    his.send_request("UPDATE", **offer)
    pair.run()
    assert pair.lines == ["bob -> alice UPDATE sdp", "alice -> bob 491 UPDATE"]
    ring_with_audio(his)
    pair.run()
    pair.network.forget()
    his.send_request("UPDATE", **offer, headers=(("Contact", "<sip:moved@192.0.2.2:5060>"),))
    pair.run()
    assert pair.lines == ["bob -> alice UPDATE sdp", "alice -> bob 200 UPDATE sdp"]
    assert pair.alice.listener.heard[-1] == "offer UPDATE"
    assert pair.alice.last_response.header("Session-Expires") is None, "nothing can expire yet"


def test_the_caller_may_update_early_as_well() -> None:
    pair = Pair()
    pair.bob.on_ring = ring_with_audio
    hers = pair.alice.call(pair.bob)
    pair.run()
    prack = next(raw for raw in pair.bob.raw if raw.startswith(b"PRACK"))
    pair.network.forget()
    flow = pair.bob.flow_to(pair.alice)
    pair.bob.receive(flow, changed(prack, b"UPDATE", 3, HOLD))
    pair.bob.receive(flow, changed(prack, b"UPDATE", 4).replace(b"z9hG4bKx", b"z9hG4bKy"))
    pair.run()
    assert pair.lines == ["bob -> alice 200 UPDATE sdp", "bob -> alice 200 UPDATE"]
    assert pair.bob.listener.heard == ["offer UPDATE"]
    hers.hang_up()
    pair.run(2 * LINGER_S)
    pair.assert_nothing_remains()


def test_an_offer_of_the_caller_waits_for_the_answer_to_its_first() -> None:
    pair = Pair()
    pair.bob.on_ring = lambda session: session.provisional(180)
    pair.alice.call(pair.bob, headers=REQUIRED)
    pair.run()
    prack = next(raw for raw in pair.bob.raw if raw.startswith(b"PRACK"))
    pair.network.forget()
    pair.bob.receive(pair.bob.flow_to(pair.alice), changed(prack, b"UPDATE", 3, HOLD))
    pair.run()
    assert pair.lines == ["bob -> alice 500 UPDATE"]
    assert pair.alice.last_response.header("Retry-After") == "5"
