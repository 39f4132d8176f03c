"""Sessions that are refreshed, and what becomes of those that are not (RFC 4028 §10)."""

from collections.abc import Callable

import pytest
from tests.ladders.sip.rig import ANSWER, LINGER_S, OFFER, Pair, Recorder, Weather, plain

from callwright.sip.session.session import InviteSession

HOLD = OFFER + b"m=audio 9 RTP/AVP 0\r\na=sendonly\r\n"
TIMER_OF_ALICE = b"Session-Expires: 1800\r\n"


def refreshed_by_caller(data: bytes) -> bytes:
    """alice writes that she wants to refresh."""
    return data.replace(TIMER_OF_ALICE, b"Session-Expires: 1800;refresher=uac\r\n")


def answering(status: bytes, method: bytes) -> Callable[[bytes], bytes]:
    """A peer that answers a method with this status line."""

    def rewrite(data: bytes) -> bytes:
        if not data.startswith(b"SIP/2.0 200") or b" %s\r\n" % method not in data:
            return data
        return b"SIP/2.0 " + status + data[data.index(b"\r\n") :]

    return rewrite


def without_update(data: bytes) -> bytes:
    return data.replace(b"UPDATE, ", b"")


def sent_at_s(pair: Pair, began_s: float, label: str) -> list[float]:
    return [round(s.at_s - began_s, 2) for s in pair.network.steps if s.label == label]


def test_the_refresher_refreshes_after_half_of_the_interval() -> None:
    pair = Pair()
    _, his = pair.answered_call()
    began_s = pair.clock.now_s - 0.2
    pair.run(4_000)
    assert pair.lines == ["bob -> alice UPDATE", "alice -> bob 200 UPDATE"] * 4
    times_s = sent_at_s(pair, began_s, "UPDATE")
    assert times_s == pytest.approx([900.01, 1_800.03, 2_700.05, 3_600.07], abs=0.02)
    update = pair.alice.last_request
    assert (update.header("Session-Expires"), update.body) == ("1800;refresher=uac", b"")
    assert "timer" in update.header_values("Supported")
    assert update.header("Contact")
    answer = pair.bob.last_response
    assert answer.header("Session-Expires") == "1800;refresher=uac"
    assert answer.header_values("Require") == ["timer"]
    assert (pair.alice.listener.heard, pair.bob.listener.heard) == ([], [])
    his.bye()
    pair.run(LINGER_S)
    pair.assert_nothing_remains()


def test_a_caller_that_wants_to_refresh_does_it() -> None:
    pair = Pair()
    pair.alice.rewrite = refreshed_by_caller
    pair.answered_call()
    pair.run(1_900)
    assert pair.lines == ["alice -> bob UPDATE", "bob -> alice 200 UPDATE"] * 2
    assert pair.bob.last_request.header("Session-Expires") == "1800;refresher=uac"


def test_a_peer_without_update_is_refreshed_with_the_same_description() -> None:
    pair = Pair()
    pair.alice.rewrite = without_update
    pair.alice.listener.reactions["offer"] = lambda session: session.answer_offer(OFFER)
    pair.answered_call()
    pair.run(1_900)
    once = ["bob -> alice INVITE sdp", "alice -> bob 200 INVITE sdp", "bob -> alice ACK"]
    assert pair.lines == once * 2
    offers = [r for r in pair.alice.listener.requests if r.method == "INVITE"]
    assert [offer.body for offer in offers] == [ANSWER] * 2, "byte for byte, so is its version"
    assert offers[0].header("Session-Expires") == "1800;refresher=uac"
    assert pair.bob.listener.heard == ["reoffer_answered 200"] * 2
    pair.bob.rings[0].bye()
    pair.run(LINGER_S)
    pair.assert_nothing_remains()


def test_the_description_of_a_refresh_is_the_newest_one() -> None:
    pair = Pair()
    pair.alice.rewrite = without_update
    newer = ANSWER.replace(b"- 1 1 IN", b"- 1 2 IN")
    pair.bob.listener.reactions["offer"] = lambda session: session.answer_offer(newer)
    hers, _ = pair.answered_call()
    hers.reoffer(HOLD)
    pair.run(1_000)
    assert pair.alice.listener.requests[-1].method == "ACK"
    assert pair.alice.listener.requests[-2].body == newer


def test_a_refused_offer_is_not_what_a_refresh_repeats() -> None:
    pair = Pair()
    pair.bob.rewrite = lambda data: without_update(refreshed_by_caller(data))
    pair.alice.rewrite = refreshed_by_caller
    pair.bob.listener.reactions["offer"] = lambda session: session.refuse_offer(488)
    hers, _ = pair.answered_call()
    hers.reoffer(HOLD)
    pair.run(1_000)
    offers = [r.body for r in pair.bob.listener.requests if r.method == "INVITE"]
    assert offers[:2] == [HOLD, OFFER]


@pytest.mark.parametrize("status", [b"405 Method Not Allowed", b"501 Not Implemented"])
def test_an_update_that_the_peer_does_not_know_after_all(status: bytes) -> None:
    pair = Pair()
    pair.alice.rewrite = answering(status, b"UPDATE")
    pair.answered_call()
    pair.run(1_900)
    assert [line for line in pair.lines if line.startswith("bob")] == [
        "bob -> alice UPDATE",
        "bob -> alice INVITE sdp",
        "bob -> alice ACK",
        "bob -> alice INVITE sdp",
        "bob -> alice ACK",
    ]
    assert pair.bob.listener.heard == ["reoffer_answered 200"] * 2


def test_an_offer_refreshes_as_well() -> None:
    pair = Pair()
    hers, his = pair.answered_call()
    pair.run(800)
    hers.reoffer(HOLD)
    pair.run(800)
    assert pair.lines == [
        "alice -> bob INVITE sdp",
        "bob -> alice 200 INVITE sdp",
        "alice -> bob ACK",
    ]
    assert pair.bob.listener.requests[-2].header("Session-Expires") == "1800;refresher=uas"
    his.reoffer(HOLD)
    pair.run(800)
    assert len(pair.lines) == 6
    assert pair.alice.listener.requests[-2].header("Session-Expires") == "1800;refresher=uac"
    pair.run(110)
    assert pair.lines[6:] == ["bob -> alice UPDATE", "alice -> bob 200 UPDATE"]


def test_a_refresh_waits_for_an_offer_that_does_it_as_well() -> None:
    pair = Pair()
    pair.bob.listener.reactions["offer"] = lambda session: None
    hers, his = pair.answered_call()
    pair.run(899)
    hers.reoffer(HOLD)
    pair.run(5)
    his.answer_offer(ANSWER)
    pair.run(890)
    assert pair.lines == [
        "alice -> bob INVITE sdp",
        "bob -> alice 100 INVITE",
        "bob -> alice 200 INVITE sdp",
        "alice -> bob ACK",
    ]
    pair.run(20)
    assert pair.lines[4:] == ["bob -> alice UPDATE", "alice -> bob 200 UPDATE"]


def test_an_offer_waits_for_a_refresh() -> None:
    pair = Pair(weather=Weather(delay_s=0.1))
    _, his = pair.answered_call()
    pair.run(1)
    pair.network.forget()
    pair.run(898.95)
    assert pair.lines == ["bob -> alice UPDATE"]
    his.reoffer(HOLD)
    pair.run(1)
    assert pair.lines == [
        "bob -> alice UPDATE",
        "alice -> bob 200 UPDATE",
        "bob -> alice INVITE sdp",
        "alice -> bob 200 INVITE sdp",
        "bob -> alice ACK",
    ]


def test_an_answer_without_a_timer_turns_it_off() -> None:
    pair = Pair()
    pair.answered_call()
    pair.alice.rewrite = plain
    pair.run(2_600)
    assert pair.lines == ["bob -> alice UPDATE", "alice -> bob 200 UPDATE"]
    assert pair.bob.listener.heard == []


def test_a_refresh_that_forgets_its_timer_keeps_the_session_under_our_watch() -> None:
    pair = Pair()
    pair.alice.rewrite = refreshed_by_caller
    pair.answered_call()
    pair.alice.rewrite = plain
    pair.run(1_000)
    assert pair.alice.last_response.header("Session-Expires") == "1800;refresher=uas"
    assert pair.alice.last_response.header("Require") is None
    pair.run(900)
    assert pair.lines[2] == "bob -> alice UPDATE"


def test_a_hang_up_stops_the_timers() -> None:
    pair = Pair()
    hers, _ = pair.answered_call()
    hers.bye()
    pair.run(LINGER_S)
    pair.assert_nothing_remains()


# -- expiring --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("interval_s", "patience_s"), [(1_800, 1_768.0), (96, 64.0), (90, 60.0)])
def test_a_refresher_that_falls_silent_ends_the_session(interval_s: int, patience_s: float) -> None:
    """RFC 4028 §10: 32 s before the session expires, or a third of the interval."""
    pair = Pair()
    asked = b"Session-Expires: %d;refresher=uac\r\n" % interval_s
    pair.alice.rewrite = lambda data: data.replace(TIMER_OF_ALICE, asked)
    pair.answered_call()
    began_s = pair.clock.now_s - 0.2
    pair.alice.rewrite = lambda data: b""
    pair.run(patience_s - 0.25)
    assert pair.bob.listener.heard == []
    pair.run(0.2)
    assert pair.bob.listener.heard == ["ended session-expired"]
    assert sent_at_s(pair, began_s, "BYE")[0] == pytest.approx(patience_s, abs=0.05)
    pair.run(2 * LINGER_S)
    assert pair.bob.endpoint.session_count == 0
    assert pair.bob.endpoint.transaction_count == 0


def test_a_peer_that_vanished_is_noticed_by_the_refresh() -> None:
    pair = Pair()
    pair.answered_call()
    pair.alice.is_deaf = True
    pair.run(931)
    assert pair.bob.listener.heard == []
    pair.run(2)
    assert pair.bob.listener.heard == ["ended timeout"]
    assert "bob -> alice BYE" in pair.lines


def test_a_peer_that_forgot_the_call_is_noticed_by_the_refresh() -> None:
    pair = Pair()
    hers, _ = pair.answered_call()
    hers._finish()  # alice's process was started again
    pair.run(901)
    assert pair.lines[:2] == ["bob -> alice UPDATE", "alice -> bob 481 UPDATE"]
    assert pair.bob.listener.heard == ["ended timeout"]


def test_a_refused_refresh_is_tried_again_until_the_session_expires() -> None:
    pair = Pair()
    pair.answered_call()
    began_s = pair.clock.now_s - 0.2
    pair.alice.rewrite = answering(b"500 Server Internal Error", b"UPDATE")
    pair.run(2_000)
    tries_s = sent_at_s(pair, began_s, "UPDATE")
    assert tries_s == pytest.approx([900, 1_334, 1_551, 1_659.5, 1_713.75, 1_740.9, 1_754.4], abs=1)
    assert sent_at_s(pair, began_s, "BYE") == pytest.approx([1_768], abs=0.1)
    assert pair.bob.listener.heard == ["ended session-expired"]
    assert pair.alice.listener.heard == ["ended bye"]
    pair.run(LINGER_S)
    pair.assert_nothing_remains()


def test_a_refresh_that_succeeds_in_the_end() -> None:
    pair = Pair()
    pair.alice.rewrite = without_update
    pair.alice.listener.reactions["offer"] = lambda session: session.refuse_offer(491)
    pair.answered_call()
    pair.run(1_000)
    pair.alice.listener.reactions.clear()
    pair.run(3_000)
    assert pair.bob.listener.heard == ["reoffer_answered 200"] * 3


def test_a_422_to_a_refresh_is_followed_by_a_longer_one() -> None:
    pair = Pair()
    pair.answered_call()
    refusals = iter((b"422 Session Interval Too Small\r\nMin-SE: 2000",))

    def refuse_once(data: bytes) -> bytes:
        if b" UPDATE\r\n" not in data:
            return data
        status = next(refusals, None)
        return data if status is None else answering(status, b"UPDATE")(data)

    pair.alice.rewrite = refuse_once
    pair.run(1_000)
    assert pair.lines == [
        "bob -> alice UPDATE",
        "alice -> bob 422 UPDATE",
        "bob -> alice UPDATE",
        "alice -> bob 200 UPDATE",
    ]
    update = pair.alice.last_request
    assert update.header("Session-Expires") == "2000;refresher=uac"
    assert update.header("Min-SE") == "2000"
    pair.run(1_000)
    assert pair.lines[4:] == ["bob -> alice UPDATE", "alice -> bob 200 UPDATE"]


def test_a_422_to_an_offer_is_followed_by_a_longer_timer() -> None:
    pair = Pair()
    hers, _ = pair.answered_call()

    def refuse(session: InviteSession) -> None:
        pair.bob.listener.reactions.clear()
        session.offers._incoming.respond(  # type: ignore[union-attr]
            422, headers=(("Min-SE", "3600"),)
        )
        session.refuse_offer(422)

    pair.bob.listener.reactions["offer"] = refuse
    hers.reoffer(HOLD)
    pair.run()
    again = [r for r in pair.bob.listener.requests if r.method == "INVITE"][-1]
    assert (again.body, again.header("Session-Expires")) == (HOLD, "3600;refresher=uas")
    assert pair.alice.listener.heard == ["reoffer_answered 200"]


def test_a_call_of_hours_over_a_bad_network_goes_on() -> None:
    pair = Pair(seed=3, weather=Weather(loss=0.2, doubling=0.1, delay_s=0.02, jitter_s=0.3))
    listener = Recorder()
    hers = pair.alice.call(pair.bob, listener=listener)
    pair.bob.on_ring = lambda session: session.answer(ANSWER)
    pair.run(20_000)
    assert listener.heard[-1] == "answered 200"
    hers.bye()
    pair.run(100)
    pair.assert_nothing_remains()
