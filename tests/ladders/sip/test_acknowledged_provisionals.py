"""Provisional responses to our INVITE that want a PRACK (RFC 3262 §4)."""

import pytest
from tests.ladders.sip.rig import ANSWER, LINGER_S, OFFER, Pair

from callwright.sip.message import Response
from callwright.sip.session.session import InviteSession


def ring_with_audio(session: InviteSession) -> None:
    session.provisional(183, body=ANSWER)


def reliable_ones(pair: Pair) -> list[Response]:
    """What alice got with an RSeq, copies included."""
    return [m for m in pair.alice.messages if isinstance(m, Response) and m.header("RSeq")]


def rseqs(pair: Pair) -> list[int]:
    return [int(response.header("RSeq") or "") for response in reliable_ones(pair)]


def test_copies_and_late_ones_are_not_heard() -> None:
    pair = Pair()
    pair.bob.on_ring = ring_with_audio
    pair.alice.call(pair.bob)
    pair.run()
    flow = pair.alice.flow_to(pair.bob)
    response = next(raw for raw in pair.alice.raw if b"\r\nRSeq: " in raw)
    number = rseqs(pair)[0]
    pair.network.forget()
    for other in (number, number + 2, number - 1):
        pair.alice.receive(flow, response.replace(b"RSeq: %d" % number, b"RSeq: %d" % other))
    pair.run()
    assert pair.lines == []
    pair.alice.receive(flow, response.replace(b"RSeq: %d" % number, b"RSeq: %d" % (number + 1)))
    pair.run()
    assert pair.lines == ["alice -> bob PRACK", "bob -> alice 481 PRACK"]
    assert pair.alice.listener.heard == ["provisional 100"] + ["provisional 183"] * 2


@pytest.mark.parametrize("rseq", [b"RSeq: 0", b"RSeq: x", b"RSeq: 4294967296", b"X: 1"])
def test_a_response_without_a_number_is_an_ordinary_one(rseq: bytes) -> None:
    pair = Pair()

    def bend(data: bytes) -> bytes:
        number = data.partition(b"RSeq: ")[2].partition(b"\r\n")[0]
        return data.replace(b"RSeq: " + number, rseq)

    pair.bob.rewrite = bend
    pair.bob.on_ring = ring_with_audio
    pair.alice.call(pair.bob)
    pair.run()
    assert pair.alice.listener.heard == ["provisional 100", "provisional 183"]
    assert pair.lines[2:] == ["bob -> alice 183 INVITE sdp"]


def test_each_fork_has_numbers_of_its_own() -> None:
    pair = Pair()
    pair.bob.on_ring = ring_with_audio
    hers = pair.alice.call(pair.bob)
    pair.run()
    flow = pair.alice.flow_to(pair.bob)
    response = next(raw for raw in pair.alice.raw if b"\r\nRSeq: " in raw)
    tag = (pair.bob.rings[0].local_tag).encode()
    fork = response.replace(b"tag=" + tag, b"tag=fork")
    fork = fork.replace(b"RSeq: %d" % rseqs(pair)[0], b"RSeq: 7")
    pair.alice.receive(flow, fork)
    pair.run()
    pracks = [m for m in pair.bob.messages if m.cseq[1] == "PRACK"]
    assert [prack.header("RAck") for prack in pracks] == [
        f"{rseqs(pair)[0]} 1 INVITE",
        "7 1 INVITE",
    ]
    assert [prack.cseq[0] for prack in pracks] == [2, 2]
    pair.bob.rings[0].answer(ANSWER)
    pair.run()
    answer = fork.replace(b"SIP/2.0 183 Session Progress", b"SIP/2.0 200 OK")
    pair.alice.receive(flow, answer)
    pair.run()
    bye = pair.bob.last_request
    assert (bye.method, bye.to_tag, bye.cseq[0]) == ("BYE", "fork", 3)
    hers.bye()
    pair.run()
    assert pair.bob.listener.heard[-1] == "ended bye"


def test_a_flood_of_forks_is_not_acknowledged() -> None:
    pair = Pair()
    pair.bob.on_ring = ring_with_audio
    pair.alice.call(pair.bob)
    pair.run()
    response = next(raw for raw in pair.alice.raw if b"\r\nRSeq: " in raw)
    tag = (pair.bob.rings[0].local_tag).encode()
    for number in range(50):
        fork = response.replace(b"tag=" + tag, b"tag=f%d" % number)
        pair.alice.receive(pair.alice.flow_to(pair.bob), fork)
    assert pair.lines.count("alice -> bob PRACK") == 20


def test_who_hangs_up_sends_no_prack() -> None:
    pair = Pair()
    pair.bob.on_ring = lambda session: session.provisional(183, body=OFFER)
    pair.alice.listener.reactions["provisional"] = lambda session: (
        session.hang_up() if len(pair.alice.raw) > 1 else None
    )
    pair.alice.call(pair.bob, body=b"")
    pair.run()
    assert pair.lines[3:] == [
        "alice -> bob CANCEL",
        "bob -> alice 200 CANCEL",
        "bob -> alice 487 INVITE",
        "alice -> bob ACK",
    ]
    pair.run(2 * LINGER_S)
    pair.assert_nothing_remains()
