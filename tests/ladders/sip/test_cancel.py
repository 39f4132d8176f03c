"""CANCEL and what it races with (RFC 3261 §9)."""

from tests.ladders.sip.rig import ANSWER, LINGER_S, Pair

ELSEWHERE = ("Reason", 'SIP;cause=200;text="Call completed elsewhere"')


def test_cancel_while_it_rings() -> None:
    pair = Pair()
    pair.bob.on_ring = lambda session: session.provisional(180)
    hers = pair.alice.call(pair.bob)
    pair.run()
    hers.hang_up(headers=(ELSEWHERE,))
    hers.hang_up()
    pair.run()
    assert pair.lines[3:] == [
        "alice -> bob CANCEL",
        "bob -> alice 200 CANCEL",
        "bob -> alice 487 INVITE",
        "alice -> bob ACK",
    ]
    assert pair.bob.listener.heard == ["cancelled CANCEL"]
    assert pair.bob.listener.requests[-1].header("Reason") == ELSEWHERE[1]
    assert pair.alice.listener.heard == ["provisional 100", "provisional 180"]
    pair.run(LINGER_S)
    pair.assert_nothing_remains()


def test_the_cancel_names_the_transaction_of_the_invite() -> None:
    pair = Pair()
    hers = pair.alice.call(pair.bob)
    pair.run()
    hers.hang_up()
    pair.run()
    invite, cancel, ack = (message for message in pair.bob.messages if "tag" in str(message.from_))
    assert cancel.header("Via") == ack.header("Via") == invite.header("Via")
    assert [m.cseq for m in (invite, cancel, ack)] == [(1, "INVITE"), (1, "CANCEL"), (1, "ACK")]
    answers = [m for m in pair.alice.messages if m.cseq[1] == "CANCEL"]
    final = [m for m in pair.alice.messages if m.cseq[1] == "INVITE"][-1]
    assert answers[0].to_tag == final.to_tag


def test_a_cancel_waits_for_a_provisional_response() -> None:
    pair = Pair()
    pair.network.losing = ["bob -> alice 100 INVITE"]
    hers = pair.alice.call(pair.bob)
    pair.run()
    hers.hang_up()
    pair.run()
    assert pair.lines == ["alice -> bob INVITE sdp", "bob -> alice 100 INVITE lost"]
    pair.run(0.4)  # the INVITE is repeated, its 100, too
    assert pair.lines[2:5] == [
        "alice -> bob INVITE sdp",
        "bob -> alice 100 INVITE",
        "alice -> bob CANCEL",
    ]
    assert pair.bob.listener.heard == ["cancelled CANCEL"]
    assert pair.alice.listener.heard == []


def test_nobody_to_cancel() -> None:
    """A peer that never said a word gets no CANCEL, and the INVITE gives up in silence."""
    pair = Pair()
    pair.bob.is_deaf = True
    pair.alice.call(pair.bob).hang_up()
    pair.run(32.1)
    assert set(pair.lines) == {"alice -> bob INVITE sdp"}
    assert pair.alice.listener.heard == []
    pair.run(LINGER_S)
    pair.assert_nothing_remains()


def test_a_cancel_that_meets_an_answer() -> None:
    pair = Pair()
    pair.bob.on_ring = lambda session: session.provisional(180)
    hers = pair.alice.call(pair.bob)
    pair.run()
    pair.network.forget()
    pair.bob.rings[0].answer(ANSWER)
    hers.hang_up()
    pair.run()
    assert pair.lines == [
        "bob -> alice 200 INVITE sdp",
        "alice -> bob CANCEL",
        "alice -> bob ACK",
        "alice -> bob BYE",
        "bob -> alice 200 CANCEL",
        "bob -> alice 200 BYE",
    ]
    assert pair.alice.listener.heard == ["provisional 100", "provisional 180"]
    assert pair.bob.listener.heard == ["acknowledged", "ended bye"]
    pair.run(LINGER_S)
    pair.assert_nothing_remains()


def test_an_answer_after_the_cancel_reaches_nobody() -> None:
    pair = Pair()
    pair.bob.on_ring = lambda session: session.provisional(180)
    hers = pair.alice.call(pair.bob)
    pair.run()
    hers.hang_up()
    pair.run()
    pair.network.forget()
    pair.bob.rings[0].answer(ANSWER)
    pair.bob.rings[0].provisional(180)
    pair.bob.rings[0].hang_up(500)
    pair.run()
    assert pair.lines == []


def test_a_peer_that_ignores_the_cancel_is_given_up() -> None:
    pair = Pair()
    pair.bob.on_ring = lambda session: session.provisional(180)
    hers = pair.alice.call(pair.bob)
    pair.run()
    pair.bob.is_deaf = True
    hers.hang_up()
    pair.run(32.5)
    assert pair.alice.listener.heard == ["provisional 100", "provisional 180"]
    assert pair.alice.endpoint.session_count == 0
    pair.run(LINGER_S)
    assert pair.alice.endpoint.transaction_count == 0


def test_a_cancel_of_nothing() -> None:
    pair = Pair()
    hers = pair.alice.call(pair.bob)
    pair.run()
    hers.hang_up()
    pair.run()
    cancel = next(raw for raw in pair.bob.raw if raw.startswith(b"CANCEL"))
    pair.network.forget()
    pair.bob.receive(pair.bob.flow_to(pair.alice), cancel.replace(b"z9hG4bK", b"z9hG4bKx"))
    pair.run()
    assert pair.lines == ["bob -> alice 481 CANCEL"]
