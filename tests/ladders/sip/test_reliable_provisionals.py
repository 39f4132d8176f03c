"""Provisional responses of ours that must arrive (RFC 3262 §3)."""

from collections.abc import Callable

import pytest
from tests.ladders.sip.rig import ANSWER, LINGER_S, Pair, plain

from callwright.sip.message import Response
from callwright.sip.session.session import InviteSession

REQUIRED = (("Require", "100rel"),)


def ring_with_audio(session: InviteSession) -> None:
    session.provisional(183, body=ANSWER)


def reliable_ones(pair: Pair) -> list[Response]:
    """What alice got with an RSeq, copies included."""
    return [m for m in pair.alice.messages if isinstance(m, Response) and m.header("RSeq")]


def rseqs(pair: Pair) -> list[int]:
    return [int(response.header("RSeq") or "") for response in reliable_ones(pair)]


def never(method: bytes) -> Callable[[bytes], bytes]:
    """A peer that never sends this method."""
    return lambda data: b"" if data.startswith(method) else data


def test_early_media_arrives_for_certain() -> None:
    pair = Pair()
    pair.bob.on_ring = ring_with_audio
    hers = pair.alice.call(pair.bob)
    pair.run(1.0)
    assert pair.lines[2:] == [
        "bob -> alice 183 INVITE sdp",
        "alice -> bob PRACK",
        "bob -> alice 200 PRACK",
    ]
    early = reliable_ones(pair)[0]
    assert early.header_values("Require") == ["100rel"]
    assert 1 <= rseqs(pair)[0] < 2**31
    assert pair.bob.last_request.header("RAck") == f"{rseqs(pair)[0]} 1 INVITE"
    pair.network.forget()
    pair.bob.rings[0].answer(ANSWER)
    pair.run()
    assert pair.lines == ["bob -> alice 200 INVITE", "alice -> bob ACK"], "the answer holds"
    assert pair.alice.listener.heard == ["provisional 100", "provisional 183", "answered 200"]
    assert pair.bob.listener.heard == ["acknowledged"]
    hers.bye()
    pair.run(LINGER_S)
    assert pair.bob.last_request.cseq == (3, "BYE"), "the PRACK was the second"
    assert pair.bob.listener.heard[-1] == "ended bye"
    pair.assert_nothing_remains()


def test_ringing_need_not_arrive_unless_the_caller_requires_it() -> None:
    pair = Pair()
    pair.bob.on_ring = lambda session: session.provisional(180)
    pair.alice.call(pair.bob)
    pair.run()
    assert reliable_ones(pair) == []
    assert pair.lines[2:] == ["bob -> alice 180 INVITE"]


def test_a_caller_that_does_not_know_it_gets_early_media_as_before() -> None:
    pair = Pair()
    pair.alice.rewrite = plain
    pair.bob.on_ring = ring_with_audio
    pair.alice.call(pair.bob)
    pair.run()
    pair.bob.rings[0].answer(ANSWER)
    pair.run()
    assert reliable_ones(pair) == []
    assert pair.lines[2:] == [
        "bob -> alice 183 INVITE sdp",
        "bob -> alice 200 INVITE sdp",
        "alice -> bob ACK",
    ]


def test_a_caller_that_requires_it_gets_everything_reliably_and_in_order() -> None:
    pair = Pair()

    def ring(session: InviteSession) -> None:
        for _ in range(3):
            session.provisional(180)
        session.provisional(181)
        session.provisional(182)
        ring_with_audio(session)

    pair.bob.on_ring = ring
    pair.alice.call(pair.bob, headers=REQUIRED)
    pair.run()
    statuses = [response.status for response in reliable_ones(pair)]
    assert statuses == [180, 182, 183], "only the newest of those that wait and say little"
    first = rseqs(pair)[0]
    assert rseqs(pair) == [first, first + 1, first + 2]
    acknowledged = ["alice -> bob PRACK", "bob -> alice 200 PRACK"]
    assert pair.lines[2:] == [
        "bob -> alice 180 INVITE",
        *acknowledged,
        "bob -> alice 182 INVITE",
        *acknowledged,
        "bob -> alice 183 INVITE sdp",
        *acknowledged,
    ]


def test_a_lost_one_is_repeated_ever_more_slowly() -> None:
    pair = Pair()
    pair.bob.on_ring = ring_with_audio
    pair.network.losing = ["bob -> alice 183 INVITE"] * 4
    began_s = pair.clock.now_s
    pair.alice.call(pair.bob)
    pair.run(20.0)
    sent_s = [s.at_s - began_s for s in pair.network.steps if s.label.startswith("183")]
    assert sent_s == pytest.approx([0.01, 0.51, 1.51, 3.51, 7.51])
    assert pair.alice.listener.heard == ["provisional 100", "provisional 183"]
    assert pair.lines[-2:] == ["alice -> bob PRACK", "bob -> alice 200 PRACK"]


def test_it_is_repeated_over_tcp_too() -> None:
    pair = Pair()
    pair.bob.on_ring = ring_with_audio
    pair.network.losing = ["bob -> alice 183 INVITE"]
    pair.alice.call(pair.bob, transport="tcp")
    pair.run(1.0)
    assert pair.lines[2:] == [
        "bob -> alice 183 INVITE lost sdp",
        "bob -> alice 183 INVITE sdp",
        "alice -> bob PRACK",
        "bob -> alice 200 PRACK",
    ]


def test_a_lost_prack_is_repeated_by_itself() -> None:
    pair = Pair()
    pair.bob.on_ring = ring_with_audio
    pair.network.losing = ["alice -> bob PRACK", "bob -> alice 200 PRACK"]
    pair.alice.call(pair.bob)
    pair.run(3.0)
    assert pair.lines[3:] == [
        "alice -> bob PRACK lost",
        "bob -> alice 183 INVITE sdp",
        "alice -> bob PRACK",
        "bob -> alice 200 PRACK lost",
        "alice -> bob PRACK",
        "bob -> alice 200 PRACK",
    ]
    assert pair.alice.listener.heard == ["provisional 100", "provisional 183"]
    assert pair.bob.listener.heard == []


def test_a_later_response_does_not_replace_the_one_that_is_repeated() -> None:
    pair = Pair()

    def ring(session: InviteSession) -> None:
        ring_with_audio(session)
        session.provisional(180)

    pair.bob.on_ring = ring
    pair.network.losing = ["bob -> alice 183 INVITE"]
    pair.alice.call(pair.bob)
    pair.run(1.0)
    assert pair.lines[2:5] == [
        "bob -> alice 183 INVITE lost sdp",
        "bob -> alice 180 INVITE",
        "bob -> alice 183 INVITE sdp",
    ]


def test_without_its_prack_the_call_is_given_up() -> None:
    pair = Pair()
    pair.bob.on_ring = ring_with_audio
    pair.alice.rewrite = never(b"PRACK")
    pair.alice.call(pair.bob)
    pair.run(31.9)
    assert pair.bob.listener.heard == []
    pair.run(0.3)
    assert pair.bob.listener.heard == ["ended no-prack"]
    assert pair.alice.listener.heard == ["provisional 100", "provisional 183", "failed 504"]
    assert pair.lines.count("bob -> alice 183 INVITE sdp") == 7
    pair.run(2 * LINGER_S)
    pair.assert_nothing_remains()


def test_an_answer_waits_until_its_description_arrived() -> None:
    pair = Pair()

    def ring(session: InviteSession) -> None:
        ring_with_audio(session)
        session.answer(ANSWER)
        session.provisional(180)
        session.answer(ANSWER)

    pair.bob.on_ring = ring
    pair.network.losing = ["bob -> alice 183 INVITE"]
    pair.alice.call(pair.bob)
    pair.run(1.0)
    assert pair.lines[2:] == [
        "bob -> alice 183 INVITE lost sdp",
        "bob -> alice 183 INVITE sdp",
        "alice -> bob PRACK",
        "bob -> alice 200 PRACK",
        "bob -> alice 200 INVITE",
        "alice -> bob ACK",
    ]
    assert pair.bob.listener.heard == ["acknowledged"]


def test_an_answer_does_not_wait_for_what_says_less() -> None:
    pair = Pair()

    def ring(session: InviteSession) -> None:
        session.provisional(180)
        ring_with_audio(session)
        session.answer(ANSWER)

    pair.bob.on_ring = ring
    hers = pair.alice.call(pair.bob, headers=REQUIRED)
    pair.run(1.0)
    assert pair.lines[2:] == [
        "bob -> alice 180 INVITE",
        "bob -> alice 200 INVITE sdp",
        "alice -> bob PRACK",
        "alice -> bob ACK",
        "bob -> alice 200 PRACK",
    ]
    hers.bye()
    pair.run(LINGER_S)
    pair.assert_nothing_remains()


def test_a_caller_that_leaves_before_its_held_answer() -> None:
    pair = Pair()

    def ring(session: InviteSession) -> None:
        ring_with_audio(session)
        session.answer(ANSWER)

    pair.bob.on_ring = ring
    pair.alice.rewrite = never(b"PRACK")
    hers = pair.alice.call(pair.bob)
    pair.run()
    hers.hang_up()
    pair.run()
    assert pair.bob.listener.heard == ["cancelled CANCEL"]
    assert pair.alice.listener.heard == ["provisional 100", "provisional 183"]
    pair.run(2 * LINGER_S)
    pair.assert_nothing_remains()


@pytest.mark.parametrize("act", ["refuse", "hang_up"])
def test_who_changes_his_mind_while_the_answer_is_held(act: str) -> None:
    pair = Pair()

    def ring(session: InviteSession) -> None:
        ring_with_audio(session)
        session.answer(ANSWER)
        session.refuse(486) if act == "refuse" else session.hang_up(486)

    pair.bob.on_ring = ring
    pair.alice.call(pair.bob)
    pair.run(1.0)
    assert pair.lines[2:] == [
        "bob -> alice 183 INVITE sdp",
        "bob -> alice 486 INVITE",
        "alice -> bob PRACK",
        "alice -> bob ACK",
        "bob -> alice 200 PRACK",
    ]
    assert pair.alice.listener.heard[-1] == "failed 486"
    pair.run(2 * LINGER_S)
    pair.assert_nothing_remains()


@pytest.mark.parametrize(
    "rack", [b"1 1 INVITE", b"", b"x", b"%d 2 INVITE", b"%d 1 BYE", b"%d 1", b"-1 1 INVITE"]
)
def test_a_prack_for_nothing_is_refused(rack: bytes) -> None:
    pair = Pair()
    pair.bob.on_ring = ring_with_audio

    def bend(data: bytes) -> bytes:
        if not data.startswith(b"PRACK"):
            return data
        number = data.split(b"RAck: ")[1].split(b" ")[0]
        wrong = rack % int(number) if b"%d" in rack else rack
        return data.replace(b"RAck: %s 1 INVITE" % number, b"RAck: " + wrong)

    pair.alice.rewrite = bend
    pair.alice.call(pair.bob)
    pair.run()
    assert pair.lines[3:] == ["alice -> bob PRACK", "bob -> alice 481 PRACK"]
    assert pair.bob.listener.heard == []


def test_a_caller_has_nothing_to_be_acknowledged() -> None:
    pair = Pair()
    _, his = pair.answered_call()
    his.send_in_dialog("PRACK", headers=(("RAck", "1 1 INVITE"),))
    pair.run()
    assert pair.lines == ["bob -> alice PRACK", "alice -> bob 481 PRACK"]


def test_who_answers_at_once_and_hangs_up_leaves_nothing() -> None:
    pair = Pair()

    def ring(session: InviteSession) -> None:
        session.provisional(180)
        session.answer(ANSWER)
        session.bye()

    pair.bob.on_ring = ring
    pair.alice.rewrite = never(b"PRACK")
    pair.alice.call(pair.bob, headers=REQUIRED)
    pair.run(2 * LINGER_S)
    assert pair.alice.listener.heard[-1] == "ended bye"
    pair.assert_nothing_remains()
