"""How calls begin and end (RFC 3261 §13, §15; many after RFC 3665)."""

from tests.ladders.sip.rig import ANSWER, LINGER_S, OFFER, Pair, Recorder


def test_a_basic_call() -> None:
    pair = Pair()
    pair.bob.on_ring = lambda session: session.provisional(180)
    hers = pair.alice.call(pair.bob)
    pair.run()
    pair.bob.rings[0].answer(ANSWER)
    pair.run()
    hers.bye()
    pair.run()
    assert pair.lines == [
        "alice -> bob INVITE sdp",
        "bob -> alice 100 INVITE",
        "bob -> alice 180 INVITE",
        "bob -> alice 200 INVITE sdp",
        "alice -> bob ACK",
        "alice -> bob BYE",
        "bob -> alice 200 BYE",
    ]
    assert pair.alice.listener.heard == ["provisional 100", "provisional 180", "answered 200"]
    assert pair.bob.listener.heard == ["acknowledged", "ended bye"]
    pair.run(LINGER_S)
    pair.assert_nothing_remains()


def test_the_called_side_hangs_up() -> None:
    pair = Pair()
    _, his = pair.answered_call()
    his.hang_up(200, headers=(("Reason", "Q.850;cause=16"),))
    his.hang_up()
    pair.run()
    assert pair.lines == ["bob -> alice BYE", "alice -> bob 200 BYE"]
    assert pair.alice.listener.heard == ["ended bye"]
    assert pair.alice.last_request.header("Reason") == "Q.850;cause=16"
    assert pair.bob.listener.heard == []
    pair.run(LINGER_S)
    pair.assert_nothing_remains()


def test_early_media_then_an_answer() -> None:
    pair = Pair()
    pair.bob.on_ring = lambda session: session.provisional(183, body=ANSWER)
    pair.alice.call(pair.bob)
    pair.run()
    assert "bob -> alice 183 INVITE sdp" in pair.lines
    early = pair.alice.listener.responses[-1]
    assert (early.body, early.content_type) == (ANSWER, "application/sdp")
    pair.bob.rings[0].answer(ANSWER)
    pair.run()
    assert pair.alice.listener.heard[-1] == "answered 200"


def test_a_refusal_is_acknowledged_and_forgotten() -> None:
    pair = Pair()
    pair.bob.on_ring = lambda session: session.refuse(486)
    pair.alice.call(pair.bob)
    pair.run()
    assert pair.lines == [
        "alice -> bob INVITE sdp",
        "bob -> alice 100 INVITE",
        "bob -> alice 486 INVITE",
        "alice -> bob ACK",
    ]
    assert pair.alice.listener.heard == ["provisional 100", "failed 486"]
    pair.run(LINGER_S)
    pair.assert_nothing_remains()


def test_a_refusal_is_repeated_until_its_ack_comes() -> None:
    pair = Pair()
    pair.network.losing = ["alice -> bob ACK"]
    pair.bob.on_ring = lambda session: session.refuse(603)
    pair.alice.call(pair.bob)
    pair.run(1.0)
    assert pair.lines[2:] == [
        "bob -> alice 603 INVITE",
        "alice -> bob ACK lost",
        "bob -> alice 603 INVITE",
        "alice -> bob ACK",
    ]
    assert pair.alice.listener.heard.count("failed 603") == 1


def test_hanging_up_an_unanswered_call_refuses_it_with_that_status() -> None:
    pair = Pair()
    pair.bob.on_ring = lambda session: session.hang_up(404)
    pair.alice.call(pair.bob)
    pair.run()
    assert pair.alice.listener.heard[-1] == "failed 404"


def test_a_success_is_no_way_to_refuse() -> None:
    pair = Pair()
    pair.bob.on_ring = lambda session: session.hang_up(200)
    pair.alice.call(pair.bob)
    pair.run()
    assert pair.alice.listener.heard[-1] == "failed 480"


def test_a_silent_peer() -> None:
    pair = Pair()
    pair.bob.is_deaf = True
    began_s = pair.clock.now_s
    pair.alice.call(pair.bob)
    pair.run(31.9)
    assert pair.alice.listener.heard == []
    pair.run(0.2)
    assert pair.alice.listener.heard == ["failed 408 local"]
    sent_at_s = [step.at_s - began_s for step in pair.network.steps]
    assert sent_at_s == [0.0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    pair.run(LINGER_S)
    pair.assert_nothing_remains()


def test_a_lost_ack_has_the_200_repeated_and_acknowledged_again() -> None:
    pair = Pair()
    pair.network.losing = ["alice -> bob ACK", "alice -> bob ACK"]
    pair.bob.on_ring = lambda session: session.answer(ANSWER)
    pair.alice.call(pair.bob)
    pair.run(5.0)
    assert pair.lines[2:] == [
        "bob -> alice 200 INVITE sdp",
        "alice -> bob ACK lost",
        "bob -> alice 200 INVITE sdp",
        "alice -> bob ACK lost",
        "bob -> alice 200 INVITE sdp",
        "alice -> bob ACK",
    ]
    assert pair.alice.listener.heard == ["provisional 100", "answered 200"]
    assert pair.bob.listener.heard == ["acknowledged"]


def test_an_answer_that_nobody_acknowledges_ends_with_a_bye() -> None:
    pair = Pair()
    pair.bob.on_ring = lambda session: session.answer(ANSWER)
    pair.alice.call(pair.bob)
    pair.run(0.015)
    pair.alice.is_deaf = True
    pair.run(31.9)
    assert pair.bob.listener.heard == []
    pair.run(0.2)
    assert pair.bob.listener.heard == ["ended no-ack"]
    assert pair.lines.count("bob -> alice 200 INVITE sdp") == 11
    assert "bob -> alice BYE" in pair.lines
    pair.run(LINGER_S + 32)
    assert pair.bob.endpoint.session_count == 0
    assert pair.bob.endpoint.transaction_count == 0


def test_a_bye_waits_for_the_ack() -> None:
    """RFC 3261 §15: the called side may not say BYE before it was acknowledged."""
    pair = Pair()
    pair.network.losing = ["alice -> bob ACK"]

    def answer_and_leave(session: object) -> None:
        pair.bob.rings[0].answer(ANSWER)
        pair.bob.rings[0].bye(headers=(("Reason", "x"),))

    pair.bob.on_ring = answer_and_leave
    pair.alice.call(pair.bob)
    pair.run(2.0)
    assert pair.lines[2:] == [
        "bob -> alice 200 INVITE sdp",
        "alice -> bob ACK lost",
        "bob -> alice 200 INVITE sdp",
        "alice -> bob ACK",
        "bob -> alice BYE",
        "alice -> bob 200 BYE",
    ]
    assert pair.bob.listener.heard == []
    assert pair.alice.listener.heard[-1] == "ended bye"
    assert pair.alice.last_request.header("Reason") == "x"


def test_a_lost_bye_is_repeated() -> None:
    pair = Pair()
    hers, _ = pair.answered_call()
    pair.network.losing = ["alice -> bob BYE", "bob -> alice 200 BYE"]
    hers.bye()
    pair.run(3.0)
    assert pair.lines == [
        "alice -> bob BYE lost",
        "alice -> bob BYE",
        "bob -> alice 200 BYE lost",
        "alice -> bob BYE",
        "bob -> alice 200 BYE",
    ]
    assert pair.bob.listener.heard == ["ended bye"]
    pair.run(LINGER_S)
    pair.assert_nothing_remains()


def test_byes_that_cross_are_both_answered_200() -> None:
    pair = Pair()
    hers, his = pair.answered_call()
    hers.bye()
    his.bye()
    pair.run()
    assert sorted(pair.lines) == [
        "alice -> bob 200 BYE",
        "alice -> bob BYE",
        "bob -> alice 200 BYE",
        "bob -> alice BYE",
    ]
    assert (pair.alice.listener.heard, pair.bob.listener.heard) == ([], [])


def test_retransmissions_reach_nobody() -> None:
    pair = Pair()
    pair.bob.on_ring = lambda session: session.provisional(180)
    pair.alice.call(pair.bob)
    pair.run()
    invite = pair.bob.raw[0]
    flow = pair.bob.flow_to(pair.alice)
    pair.network.forget()
    pair.bob.receive(flow, invite)
    pair.run()
    assert len(pair.bob.rings) == 1
    assert pair.lines == ["bob -> alice 180 INVITE"]
    pair.bob.rings[0].answer(ANSWER)
    pair.run()
    pair.network.forget()
    pair.bob.receive(flow, invite)
    pair.run()
    assert pair.lines == []
    assert pair.bob.endpoint.counters["retransmissions_received"] == 2


def test_an_invite_without_offer_gets_one_and_answers_in_the_ack() -> None:
    pair = Pair()
    pair.alice.listener.reactions["answered"] = lambda session: session.acknowledge(ANSWER)
    pair.bob.on_ring = lambda session: session.answer(OFFER)
    pair.alice.call(pair.bob, body=b"")
    pair.run()
    assert pair.lines == [
        "alice -> bob INVITE",
        "bob -> alice 100 INVITE",
        "bob -> alice 200 INVITE sdp",
        "alice -> bob ACK sdp",
    ]
    assert pair.bob.listener.heard == ["acknowledged sdp"]
    assert pair.bob.listener.requests[-1].body == ANSWER


def test_who_hangs_up_instead_of_answering_an_offer_still_acknowledges() -> None:
    pair = Pair()
    pair.alice.listener.reactions["answered"] = lambda session: session.bye()
    pair.bob.on_ring = lambda session: session.answer(OFFER)
    pair.alice.call(pair.bob, body=b"")
    pair.run()
    assert pair.lines[3:] == ["alice -> bob ACK", "alice -> bob BYE", "bob -> alice 200 BYE"]


def test_a_caller_may_leave_an_early_dialog_with_a_bye() -> None:
    pair = Pair()
    pair.bob.on_ring = lambda session: session.provisional(180)
    pair.alice.call(pair.bob)
    pair.run()
    tag = pair.alice.last_response.to_tag
    bye = pair.bob.raw[0].replace(b"INVITE", b"BYE").replace(b"z9hG4bK", b"z9hG4bKbye")
    bye = bye.replace(
        b"To: <sip:bob@example.com>", b"To: <sip:bob@example.com>;tag=%s" % tag.encode()
    )
    pair.bob.receive(pair.bob.flow_to(pair.alice), bye.replace(b"CSeq: 1", b"CSeq: 2"))
    pair.run()
    assert pair.lines[3:] == [
        "bob -> alice 200 BYE",
        "bob -> alice 487 INVITE",
        "alice -> bob ACK",
    ]
    assert pair.bob.listener.heard == ["cancelled BYE"]
    assert pair.alice.listener.heard[-1] == "failed 487"


def test_a_bye_that_overtakes_its_200_ends_the_call() -> None:
    pair = Pair()
    pair.network.losing = ["bob -> alice 200 INVITE sdp", "bob -> alice 200 INVITE"]
    pair.bob.on_ring = lambda session: session.answer(ANSWER)
    pair.alice.call(pair.bob)
    pair.run()
    his = pair.bob.rings[0]
    his.send_in_dialog("BYE")
    pair.run()
    assert pair.alice.listener.heard == ["provisional 100", "failed 480"]
    pair.run(0.4)
    assert pair.lines.count("bob -> alice 200 INVITE sdp") == 1
    assert pair.lines.count("alice -> bob ACK") == 1


def test_a_listener_may_hang_up_inside_any_callback() -> None:
    for event in ("provisional", "answered"):
        pair = Pair()
        pair.bob.on_ring = lambda session: session.answer(ANSWER)
        pair.alice.listener.reactions[event] = lambda session: session.hang_up()
        pair.alice.call(pair.bob)
        pair.run(1.0)
        assert pair.alice.listener.heard[-1].startswith(event)
        assert pair.bob.listener.heard[-1] in ("ended bye", "cancelled CANCEL")
        pair.run(LINGER_S)
        pair.assert_nothing_remains()


def test_each_side_knows_what_the_other_is() -> None:
    pair = Pair()
    hers, his = pair.answered_call()
    assert (hers.role, hers.remote_user_agent) == ("uac", "bob/1")
    assert (his.role, his.remote_user_agent) == ("uas", "alice/1")


def test_calls_do_not_mix() -> None:
    pair = Pair()
    recorders = [Recorder() for _ in range(3)]
    pair.bob.listener_for = lambda session: recorders[len(pair.bob.rings)]
    pair.bob.on_ring = lambda session: session.answer(ANSWER)
    calls = [pair.alice.call(pair.bob) for _ in range(3)]
    pair.run()
    calls[1].bye()
    pair.run()
    assert [recorder.heard[-1] for recorder in recorders] == [
        "acknowledged",
        "ended bye",
        "acknowledged",
    ]
