"""How two sides agree on a session timer (RFC 4028 §7 to §9)."""

from collections.abc import Callable

import pytest
from tests.ladders.sip.rig import ANSWER, LINGER_S, OFFER, Pair, plain, without

from callwright.sip.message import Request
from callwright.sip.parser import parse
from callwright.sip.session.session import InviteSession

HOLD = OFFER + b"m=audio 9 RTP/AVP 0\r\na=sendonly\r\n"
TIMER_OF_ALICE = b"Session-Expires: 1800\r\n"


def first_invite(pair: Pair) -> Request:
    invite = parse(pair.bob.raw[0])
    assert isinstance(invite, Request)
    return invite


# -- agreeing --------------------------------------------------------------------------------------


@pytest.mark.row(74)
def test_every_invite_offers_a_timer_and_the_answer_agrees_to_it() -> None:
    pair = Pair()
    pair.answered_call()
    invite = first_invite(pair)
    assert "timer" in invite.header_values("Supported")
    assert (invite.header("Session-Expires"), invite.header("Min-SE")) == ("1800", "90")
    answer = next(r for r in pair.alice.listener.responses if r.status == 200)
    assert answer.header("Session-Expires") == "1800;refresher=uas"
    assert answer.header_values("Require") == ["timer"]
    assert "timer" in answer.header_values("Supported")


@pytest.mark.row(74)
@pytest.mark.parametrize("asked", [b"89", b"1;refresher=uac", b"0"])
def test_a_timer_that_is_too_short_is_refused_with_what_is_possible(asked: bytes) -> None:
    pair = Pair()
    pair.alice.rewrite = lambda data: data.replace(b"Session-Expires: 1800", b"x: " + asked)
    pair.alice.call(pair.bob)
    pair.run()
    assert pair.lines == [
        "alice -> bob INVITE sdp",
        "bob -> alice 422 INVITE",
        "alice -> bob ACK",
    ]
    assert pair.alice.last_response.header("Min-SE") == "90"
    assert pair.bob.rings == []


def test_a_refresh_may_not_shorten_the_timer_too_much_either() -> None:
    pair = Pair()
    hers, _ = pair.answered_call()
    for method in ("UPDATE", "INVITE"):
        pair.alice.rewrite = lambda data: data.replace(b"Session-Expires: 1800", b"x: 60")
        if method == "INVITE":
            hers.reoffer(HOLD)
        else:
            hers.send_request("UPDATE", headers=(("Session-Expires", "60"), ("Supported", "timer")))
        pair.run()
        assert f"bob -> alice 422 {method}" in pair.lines
    assert pair.alice.listener.heard == ["reoffer_failed 422"]
    assert pair.bob.listener.heard == []


def test_only_who_knows_timers_understands_a_422() -> None:
    pair = Pair()
    pair.alice.rewrite = lambda data: plain(
        data.replace(b"Session-Expires: 1800", b"x: 60\r\nSession-Expires: 1800")
    ).replace(b"x: 60", b"Session-Expires: 60")
    _, _ = pair.answered_call()
    answer = next(r for r in pair.alice.listener.responses if r.status == 200)
    assert answer.header("Session-Expires") is None


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        ("1800", "1800;refresher=uas"),
        ("1800;refresher=uac", "1800;refresher=uac"),
        ("600;refresher=uas", "600;refresher=uas"),
        ("90;refresher=UAC;x=y", "90;refresher=uac"),
        ("4000000000", "86400;refresher=uas"),
        ("90000\r\nMin-SE: 90000", "90000;refresher=uas"),
        ("soon", "1800;refresher=uas"),
        ("120;refresher=both", "120;refresher=uas"),
        ('120;refresher="', "120;refresher=uas"),
    ],
)
def test_what_a_caller_gets_that_knows_timers(asked: str, granted: str) -> None:
    pair = Pair()
    pair.alice.rewrite = lambda data: without(data, b"Min-SE").replace(
        TIMER_OF_ALICE, b"Session-Expires: %s\r\n" % asked.encode()
    )
    pair.answered_call()
    answer = next(r for r in pair.alice.listener.responses if r.status == 200)
    assert answer.header("Session-Expires") == granted
    assert answer.header_values("Require") == ["timer"]


def test_a_caller_that_asks_for_no_timer_gets_ours_if_it_knows_them() -> None:
    pair = Pair()
    pair.alice.rewrite = lambda data: without(data, b"Session-Expires", b"Min-SE")
    pair.answered_call()
    answer = next(r for r in pair.alice.listener.responses if r.status == 200)
    assert answer.header("Session-Expires") == "1800;refresher=uas"


def test_without_an_agreement_neither_side_has_a_timer() -> None:
    """bob sees a caller that knows no timers, alice an answer without one."""
    pair = Pair()
    pair.alice.rewrite = plain
    pair.answered_call()
    answer = next(r for r in pair.alice.listener.responses if r.status == 200)
    assert (answer.header("Session-Expires"), answer.header("Require")) == (None, None)
    pair.run(LINGER_S)
    assert pair.clock.pending_count == 0
    pair.run(7_200)
    assert pair.lines == []


def test_a_proxy_may_ask_for_a_timer_that_the_caller_does_not_know() -> None:
    pair = Pair()
    pair.alice.rewrite = lambda data: without(data, b"Supported", b"Min-SE")
    pair.answered_call()
    answer = next(r for r in pair.alice.listener.responses if r.status == 200)
    assert (answer.header("Session-Expires"), answer.header("Require")) == (
        "1800;refresher=uas",
        None,
    )
    pair.run(901)
    assert pair.lines[0] == "bob -> alice UPDATE"


# -- 422 to our INVITE -----------------------------------------------------------------------------


def asks_for(pair: Pair, *least_s: str) -> Callable[[InviteSession], None]:
    """bob answers each INVITE with 422 and the next of these, and takes the one after them."""

    def ring(session: InviteSession) -> None:
        asked = len(pair.bob.rings) - 1
        if asked < len(least_s):
            session.refuse(422, headers=(("Min-SE", least_s[asked]),))
        else:
            session.answer(ANSWER)

    return ring


@pytest.mark.row(74)
def test_a_422_is_followed_by_an_invite_with_a_longer_timer() -> None:
    pair = Pair()
    pair.bob.on_ring = asks_for(pair, "3600", "4000;x=y")
    hers = pair.alice.call(pair.bob)
    pair.run()
    once = ["alice -> bob INVITE sdp", "bob -> alice 100 INVITE", "bob -> alice 422 INVITE"]
    assert pair.lines == [
        *once,
        "alice -> bob ACK",
        *once,
        "alice -> bob ACK",
        *once[:2],
        "bob -> alice 200 INVITE sdp",
        "alice -> bob ACK",
    ]
    first, second, third = [session.request for session in pair.bob.rings]
    assert [r.header("Session-Expires") for r in (first, second, third)] == ["1800", "3600", "4000"]
    assert [r.header("Min-SE") for r in (first, second, third)] == ["90", "3600", "4000"]
    assert [r.cseq[0] for r in (first, second, third)] == [1, 2, 3]
    assert len({(r.call_id, r.from_tag, r.body) for r in (first, second, third)}) == 1
    assert pair.alice.listener.heard == ["provisional 100"] * 3 + ["answered 200"]
    hers.bye()
    pair.run(LINGER_S)
    assert pair.bob.listener.heard == ["acknowledged", "ended bye"]
    pair.assert_nothing_remains()


@pytest.mark.parametrize("least_s", ["90", "soon", "-1", "90000000"])
def test_a_422_that_leads_nowhere_is_a_failure(least_s: str) -> None:
    pair = Pair()
    pair.bob.on_ring = asks_for(pair, least_s)
    pair.alice.call(pair.bob)
    pair.run()
    assert pair.alice.listener.heard == ["provisional 100", "failed 422"]
    pair.run(LINGER_S)
    pair.assert_nothing_remains()


def test_a_peer_that_always_wants_more_is_given_up() -> None:
    pair = Pair()
    pair.bob.on_ring = asks_for(pair, *(str(100 * number) for number in range(1, 9)))
    pair.alice.call(pair.bob)
    pair.run()
    assert pair.lines.count("alice -> bob INVITE sdp") == 3
    assert pair.alice.listener.heard[-1] == "failed 422"


def test_a_422_after_a_hang_up_ends_the_session() -> None:
    pair = Pair()
    pair.bob.on_ring = lambda session: session.provisional(180)
    hers = pair.alice.call(pair.bob)
    pair.run()
    hers.hang_up()
    pair.bob.rings[0].refuse(422, headers=(("Min-SE", "3600"),))
    pair.run(LINGER_S)
    assert pair.lines.count("alice -> bob INVITE sdp") == 1
    pair.assert_nothing_remains()


def test_the_longer_timer_is_kept_in_later_offers() -> None:
    pair = Pair()
    pair.bob.on_ring = asks_for(pair, "3600")
    hers = pair.alice.call(pair.bob)
    pair.run()
    hers.reoffer(HOLD)
    pair.run()
    assert pair.bob.listener.requests[-2].header("Min-SE") == "3600"
    assert pair.bob.listener.requests[-2].header("Session-Expires") == "3600;refresher=uas"
