"""Offers and other requests inside a session (RFC 3261 §12.2, §14; RFC 3311)."""

from tests.ladders.sip.rig import ANSWER, LINGER_S, OFFER, Pair

from callwright.sip.message import Response
from callwright.sip.session.session import InviteSession

HOLD = OFFER + b"m=audio 9 RTP/AVP 0\r\na=sendonly\r\n"


def update(pair: Pair, session: InviteSession, body: bytes, cseq: int | None = None) -> None:
    """An UPDATE of alice; the product sends none with an offer."""
    kind = "application/sdp" if body else None
    contact = (("Contact", "<sip:alice@192.0.2.1:5060>"),)
    session.send_request("UPDATE", headers=contact, body=body, content_type=kind)


def test_hold_and_resume() -> None:
    pair = Pair()
    hers, _ = pair.answered_call()
    hers.reoffer(HOLD)
    pair.run()
    assert pair.lines == [
        "alice -> bob INVITE sdp",
        "bob -> alice 200 INVITE sdp",
        "alice -> bob ACK",
    ]
    assert pair.bob.listener.heard == ["offer INVITE", "acknowledged"]
    assert pair.bob.listener.requests[-2].body == HOLD
    assert pair.alice.listener.heard == ["reoffer_answered 200"]
    hers.reoffer(OFFER)
    pair.run()
    assert pair.alice.listener.heard == ["reoffer_answered 200"] * 2


def test_either_side_may_offer() -> None:
    pair = Pair()
    _, his = pair.answered_call()
    his.reoffer(HOLD)
    pair.run()
    assert pair.lines == [
        "bob -> alice INVITE sdp",
        "alice -> bob 200 INVITE sdp",
        "bob -> alice ACK",
    ]


def test_a_refused_offer_changes_nothing() -> None:
    pair = Pair()
    pair.bob.listener.reactions["offer"] = lambda session: session.refuse_offer(488)
    hers, _ = pair.answered_call()
    hers.reoffer(HOLD)
    pair.run()
    assert pair.lines[1:] == ["bob -> alice 488 INVITE", "alice -> bob ACK"]
    assert pair.alice.listener.heard == ["reoffer_failed 488"]
    hers.bye()
    pair.run()
    assert pair.bob.listener.heard[-1] == "ended bye"


def test_offers_that_cross_are_both_made_in_the_end() -> None:
    pair = Pair()
    hers, his = pair.answered_call()
    hers.reoffer(HOLD)
    his.reoffer(HOLD)
    pair.run(0.015)
    assert pair.lines[2:4] == ["bob -> alice 491 INVITE", "alice -> bob 491 INVITE"]
    began_s = pair.clock.now_s
    pair.run(6.0)
    assert pair.alice.listener.heard == ["offer INVITE", "acknowledged", "reoffer_answered 200"]
    assert pair.bob.listener.heard == ["reoffer_answered 200", "offer INVITE", "acknowledged"]
    again_s = {
        step.source: step.at_s - began_s
        for step in pair.network.steps
        if step.label == "INVITE" and step.at_s > began_s
    }
    assert 0.0 <= again_s["bob"] < 2.05
    assert 2.0 < again_s["alice"] <= 4.05


def test_an_offer_that_always_meets_another_is_given_up() -> None:
    pair = Pair()
    pair.bob.listener.reactions["offer"] = lambda session: session.refuse_offer(491)
    hers, _ = pair.answered_call()
    hers.reoffer(HOLD)
    pair.run(60)
    assert pair.lines.count("alice -> bob INVITE sdp") == 5
    assert pair.alice.listener.heard == ["reoffer_failed 491"]


def test_the_newest_offer_waits_for_the_one_under_way() -> None:
    pair = Pair()
    hers, _ = pair.answered_call()
    for body in (HOLD, HOLD + b"a=x\r\n", OFFER):
        hers.reoffer(body)
    pair.run()
    offers = [m.body for m in pair.bob.listener.requests if m.method == "INVITE"]
    assert offers == [HOLD, OFFER]


def test_a_second_offer_before_the_first_is_answered() -> None:
    pair = Pair()
    pair.bob.listener.reactions["offer"] = lambda session: None
    hers, his = pair.answered_call()
    hers.reoffer(HOLD)
    pair.run()
    update(pair, hers, OFFER)
    pair.run()
    assert pair.lines[1:] == [
        "bob -> alice 100 INVITE",
        "alice -> bob UPDATE sdp",
        "bob -> alice 500 UPDATE",
    ]
    assert 0 <= int(pair.alice.last_response.header("Retry-After") or "") <= 10
    his.answer_offer(ANSWER)
    pair.run()
    assert pair.alice.listener.heard == ["reoffer_answered 200"]


def test_an_offer_cancelled_by_a_hang_up() -> None:
    pair = Pair()
    pair.bob.listener.reactions["offer"] = lambda session: None
    hers, his = pair.answered_call()
    hers.reoffer(HOLD)
    pair.run()
    his.bye()
    pair.run()
    assert pair.lines[2:] == [
        "bob -> alice 487 INVITE",
        "bob -> alice BYE",
        "alice -> bob ACK",
        "alice -> bob 200 BYE",
    ]
    assert pair.alice.listener.heard[-1] == "ended bye"
    pair.run(LINGER_S)
    pair.assert_nothing_remains()


def test_a_listener_that_never_decides_is_cancelled_and_the_call_goes_on() -> None:
    pair = Pair()
    pair.bob.listener.reactions["offer"] = lambda session: None
    hers, _ = pair.answered_call()
    hers.reoffer(HOLD)
    pair.run(40)
    assert [line for line in pair.lines if "alice -> bob" in line] == [
        "alice -> bob INVITE sdp",
        "alice -> bob CANCEL",
        "alice -> bob ACK",
    ]
    assert pair.alice.listener.heard == ["reoffer_failed 487"]
    pair.bob.listener.reactions.clear()
    hers.reoffer(HOLD)
    pair.run()
    assert pair.alice.listener.heard[-1] == "reoffer_answered 200"


def test_an_offerless_reinvite_gets_an_offer_and_answers_it() -> None:
    pair = Pair()
    pair.bob.listener.reactions["offer"] = lambda session: session.answer_offer(OFFER)
    pair.alice.listener.reactions["reoffer_answered"] = lambda session: session.acknowledge(ANSWER)
    hers, _ = pair.answered_call()
    hers.reoffer(b"")
    pair.run()
    assert pair.lines == [
        "alice -> bob INVITE",
        "bob -> alice 200 INVITE sdp",
        "alice -> bob ACK sdp",
    ]
    assert pair.bob.listener.heard == ["offer INVITE", "acknowledged sdp"]


def test_a_lost_ack_of_a_reinvite_has_its_200_repeated() -> None:
    pair = Pair()
    hers, _ = pair.answered_call()
    pair.network.losing = ["alice -> bob ACK"]
    hers.reoffer(HOLD)
    pair.run(1.0)
    assert pair.lines[1:] == [
        "bob -> alice 200 INVITE sdp",
        "alice -> bob ACK lost",
        "bob -> alice 200 INVITE sdp",
        "alice -> bob ACK",
    ]
    assert pair.alice.listener.heard == ["reoffer_answered 200"]


def test_a_reinvite_says_that_the_answer_before_it_was_seen() -> None:
    pair = Pair()
    pair.network.losing = ["alice -> bob ACK"]
    pair.bob.on_ring = lambda session: session.answer(ANSWER)
    hers = pair.alice.call(pair.bob)
    pair.bob.listener.reactions["offer"] = lambda session: None
    pair.run()
    pair.network.forget()
    hers.reoffer(HOLD)
    pair.run(5.0)
    pair.bob.rings[0].answer_offer(ANSWER)
    pair.run(5.0)
    assert pair.lines == [
        "alice -> bob INVITE sdp",
        "bob -> alice 100 INVITE",
        "bob -> alice 200 INVITE sdp",
        "alice -> bob ACK",
    ]


def test_update_is_an_offer_without_ack() -> None:
    pair = Pair()
    hers, _ = pair.answered_call()
    update(pair, hers, HOLD)
    pair.run()
    assert pair.lines == ["alice -> bob UPDATE sdp", "bob -> alice 200 UPDATE sdp"]
    assert pair.bob.listener.heard == ["offer UPDATE"]


def test_update_without_offer_only_refreshes() -> None:
    pair = Pair()
    hers, _ = pair.answered_call()
    update(pair, hers, b"")
    pair.run()
    assert pair.lines == ["alice -> bob UPDATE", "bob -> alice 200 UPDATE"]
    assert pair.bob.listener.heard == []


def test_a_new_contact_is_the_target_from_then_on() -> None:
    pair = Pair()
    hers, his = pair.answered_call()
    hers.send_request(
        "UPDATE", headers=(("Contact", '"Alice, at home" <sip:alice@192.0.2.1:5060;x=1>'),)
    )
    pair.run()
    his.bye()
    pair.run()
    assert pair.alice.last_request.uri == "sip:alice@192.0.2.1:5060;x=1"


def test_an_offer_before_the_answer() -> None:
    pair = Pair()
    pair.bob.on_ring = lambda session: session.provisional(180)
    pair.alice.call(pair.bob)
    pair.run()
    his = pair.bob.rings[0]
    his.send_request("UPDATE", body=HOLD, content_type="application/sdp")
    pair.run()
    assert pair.lines[3:] == ["bob -> alice UPDATE sdp", "alice -> bob 491 UPDATE"]


def test_info_and_options_inside_a_session() -> None:
    pair = Pair()
    hers, _ = pair.answered_call()
    statuses: list[int] = []
    for method in ("INFO", "OPTIONS"):
        hers.send_request(method, on_response=lambda response: statuses.append(response.status))
    pair.run()
    assert statuses == [200, 200]
    assert pair.bob.listener.heard == ["request INFO"]


def test_a_peer_that_forgot_the_dialog_ends_the_session() -> None:
    pair = Pair()
    hers, his = pair.answered_call()
    his._finish()  # bob's process was started again
    responses: list[Response] = []
    hers.send_request("INFO", on_response=responses.append)
    pair.run()
    assert pair.lines == [
        "alice -> bob INFO",
        "bob -> alice 481 INFO",
        "alice -> bob BYE",
        "bob -> alice 481 BYE",
    ]
    assert pair.alice.listener.heard == ["ended timeout"]
    assert [response.status for response in responses] == [481]
    pair.run(LINGER_S)
    pair.assert_nothing_remains()


def test_a_peer_that_vanished_ends_the_session() -> None:
    pair = Pair()
    hers, _ = pair.answered_call()
    pair.bob.is_deaf = True
    hers.reoffer(HOLD)
    pair.run(32.1)
    assert pair.alice.listener.heard == ["ended timeout"]
    pair.run(32.1)
    assert pair.alice.endpoint.session_count == 0
    assert pair.alice.endpoint.transaction_count == 0


def test_a_request_without_a_dialog_is_answered_here() -> None:
    pair = Pair()
    hers = pair.alice.call(pair.bob)
    responses: list[Response] = []
    hers.send_request("INFO", on_response=responses.append)
    assert [(r.status, r.is_local) for r in responses] == [(481, True)]


def test_requests_out_of_order_are_refused() -> None:
    pair = Pair()
    hers, _ = pair.answered_call()
    hers.send_request("INFO")
    hers.send_request("INFO")
    first = next(s for s in pair.network.steps if s.label == "INFO")
    assert first.line == "alice -> bob INFO"
    pair.run()
    info = next(raw for raw in pair.bob.raw if raw.startswith(b"INFO"))
    pair.network.forget()
    pair.bob.receive(pair.bob.flow_to(pair.alice), info.replace(b"z9hG4bK", b"z9hG4bKold"))
    pair.run()
    assert pair.lines == ["bob -> alice 500 INFO"]


def test_a_stranger_with_our_tag_alone_is_not_in_the_dialog() -> None:
    pair = Pair()
    pair.answered_call()
    bye = pair.bob.raw[-1].replace(b"ACK", b"BYE").replace(b"z9hG4bK", b"z9hG4bKbye")
    pair.bob.receive(
        pair.bob.flow_to(pair.alice),
        bye.replace(
            b"From: <sip:alice@example.com>;tag=alice", b"From: <sip:mallory@example.com>;tag=m"
        ),
    )
    pair.run()
    assert pair.lines == ["bob -> alice 481 BYE"]
    assert pair.bob.listener.heard == []
