"""Fields that change what a phone shows during its call, and nothing else (RFC 5876)."""

from collections.abc import Callable

import pytest
from tests.ladders.sip.rig import ANSWER, LINGER_S, OFFER, Pair, plain
from tests.ladders.sip.test_session_refreshes import answering, without_update

NEWS = (("P-Asserted-Identity", '"Bob Brown" <sip:102@example.com>'),)
HOLD = OFFER + b"m=audio 9 RTP/AVP 0\r\na=sendonly\r\n"


def news_of(pair: Pair) -> list[str]:
    """Method and news of each request of bob's that carries any."""
    found = []
    for message in pair.alice.messages:
        value = message.header(NEWS[0][0])
        if value is not None:
            assert value == NEWS[0][1]
            found.append(message.cseq[1])
    return found


def test_an_update_brings_them_and_the_session_timer_goes_on() -> None:
    pair = Pair()
    _, his = pair.answered_call()
    his.offers.tell(NEWS)
    pair.run()
    assert pair.lines == ["bob -> alice UPDATE", "alice -> bob 200 UPDATE"]
    assert news_of(pair) == ["UPDATE"]
    pair.run(1_000)
    assert pair.lines.count("bob -> alice UPDATE") == 2
    assert news_of(pair) == ["UPDATE"], "they are told once"


@pytest.mark.parametrize("writes", [plain, without_update])
def test_a_peer_without_updates_gets_them_with_the_same_description(
    writes: Callable[[bytes], bytes],
) -> None:
    pair = Pair()
    pair.alice.rewrite = writes
    pair.alice.listener.reactions["offer"] = lambda session: session.answer_offer(OFFER)
    _, his = pair.answered_call()
    his.offers.tell(NEWS)
    pair.run()
    once = ["bob -> alice INVITE sdp", "alice -> bob 200 INVITE sdp", "bob -> alice ACK"]
    assert pair.lines == once
    assert pair.alice.listener.requests[0].body == ANSWER
    assert news_of(pair) == ["INVITE"]


def test_a_peer_that_does_not_know_updates_after_all_gets_them_all_the_same() -> None:
    pair = Pair()
    pair.alice.rewrite = answering(b"405 Method Not Allowed", b"UPDATE")
    _, his = pair.answered_call()
    his.offers.tell(NEWS)
    pair.run()
    assert news_of(pair) == ["UPDATE", "INVITE"]


def test_they_are_told_again_when_an_offer_crosses_them() -> None:
    pair = Pair()
    pair.alice.rewrite = plain
    hers, his = pair.answered_call()
    hers.reoffer(HOLD)
    his.offers.tell(NEWS)
    pair.run(10)
    assert "alice -> bob 491 INVITE" in pair.lines
    assert news_of(pair) == ["INVITE", "INVITE"]
    assert pair.bob.listener.heard == ["reoffer_answered 200", "offer INVITE", "acknowledged"]


def test_whoever_never_takes_them_is_left_and_the_call_goes_on() -> None:
    pair = Pair()
    pair.alice.listener.reactions["offer"] = lambda session: session.refuse_offer(491)
    pair.alice.rewrite = plain
    _, his = pair.answered_call()
    his.offers.tell(NEWS)
    pair.run(60)
    assert news_of(pair) == ["INVITE"] * 5
    his.bye()
    pair.run(LINGER_S)
    assert pair.lines[-2:] == ["bob -> alice BYE", "alice -> bob 200 BYE"]
    pair.assert_nothing_remains()


def test_they_wait_for_the_ack_and_are_for_running_calls_only() -> None:
    pair = Pair()
    pair.bob.on_ring = lambda session: session.answer(ANSWER)
    pair.network.losing.append("alice -> bob ACK")
    pair.alice.call(pair.bob)
    pair.run(0.1)
    his = pair.bob.rings[-1]
    his.offers.tell(NEWS)
    pair.run(0.1)
    assert news_of(pair) == []
    pair.run(2)
    assert news_of(pair) == ["UPDATE"]
    his.bye()
    his.offers.tell(NEWS)
    pair.run(LINGER_S)
    assert news_of(pair) == ["UPDATE"]
    pair.assert_nothing_remains()
