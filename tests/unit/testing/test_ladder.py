"""Ladders: what was sent, as lines to compare and as a picture."""

import pytest

from callwright.kernel.addresses import HostPort
from callwright.sip.ladder import LadderStep, read_label, render_ladder
from callwright.testing.ladder import assert_ladder, ladder_of
from callwright.testing.network import Fate, Passage, Recorder


def sip(start_line: str, method: str, *, sdp: bool = False) -> bytes:
    body = "v=0\r\n" if sdp else ""
    return f"{start_line}\r\nVia: x\r\nCSeq: 1 {method}\r\n\r\n{body}".encode()


def recorder(*messages: tuple[str, str, bytes, Fate]) -> Recorder:
    made = Recorder()
    for at, (sender, receiver, data, fate) in enumerate(messages):
        address = HostPort("10.0.0.1", 5060)
        made.add(Passage(at / 2, "udp", sender, address, receiver, address, data, fate))
    return made


INVITE = sip("INVITE sip:102@callwright.test SIP/2.0", "INVITE", sdp=True)
CALL = (
    ("alice", "node", INVITE, Fate.LOST),
    ("alice", "node", INVITE, Fate.DELIVERED),
    ("node", "alice", sip("SIP/2.0 100 Trying", "INVITE"), Fate.DELIVERED),
    ("node", "bob", sip("OPTIONS sip:bob@10.0.0.2 SIP/2.0", "OPTIONS"), Fate.DELIVERED),
    ("alice", "node", b"\r\n\r\n", Fate.DELIVERED),
    ("node", "alice", sip("SIP/2.0 200 OK", "INVITE", sdp=True), Fate.DELIVERED),
)


def test_the_whole_ladder_matches() -> None:
    assert_ladder(
        recorder(*CALL),
        """
        alice -> node   INVITE sdp lost
        alice -> node   INVITE again      # the retransmission
        node  -> alice  100
        node  -> bob    OPTIONS
        node  -> alice  200 INVITE sdp
        """,
    )


def test_gaps_parties_and_methods_left_out() -> None:
    assert_ladder(recorder(*CALL), "alice -> node INVITE\n...\nnode -> alice 200")
    assert_ladder(recorder(*CALL), "...\nnode -> alice 100\n...")
    assert_ladder(
        recorder(*CALL),
        "alice -> node INVITE\nalice -> node INVITE\nnode -> alice 100\nnode -> alice 200",
        between=("alice", "node"),
    )
    assert not [s for s in ladder_of(recorder(*CALL), without=["OPTIONS"]) if s.target == "bob"]


@pytest.mark.parametrize(
    ("expected", "complaint"),
    [
        ("alice -> node INVITE\nnode -> alice 180\n...", "expected node -> alice 180; found alice"),
        ("alice -> node INVITE", "expected the end; found alice -> node INVITE again sdp"),
        ("...\nnode -> alice 486\n...", "expected node -> alice 486; found nothing like it"),
        ("alice -> node INVITE again\n...", "expected alice -> node INVITE again; found"),
        ("...\nnode -> alice 200 INVITE\nalice -> node ACK", "found the end"),
    ],
)
def test_a_difference_is_named_and_drawn(expected: str, complaint: str) -> None:
    with pytest.raises(AssertionError) as raised:
        assert_ladder(recorder(*CALL), expected)
    text = str(raised.value)
    assert complaint in text
    assert ">> " in text
    assert "◀" in text


def test_a_line_nobody_can_read_is_refused() -> None:
    with pytest.raises(ValueError, match="is not 'SENDER -> RECEIVER MESSAGE'"):
        assert_ladder(recorder(*CALL), "alice INVITE")


def test_what_the_network_doubled_is_no_message() -> None:
    made = recorder(CALL[1], CALL[1])
    made.passages[1].is_copy = True
    assert len(ladder_of(made)) == 1


def test_labels_are_read_from_any_bytes() -> None:
    assert read_label(b"SIP/2.0 486 Busy Here\r\ncseq: 7 INVITE\r\n\r\n") == (
        "486 Busy Here",
        "INVITE",
    )
    assert read_label(b"\r\n\r\n") == ("keep-alive", "")
    assert read_label(b"\xff\xfe\x00")[1] == ""


def test_the_picture() -> None:
    steps = [
        LadderStep(10.0, "alice", "node", "INVITE", "INVITE", frozenset({"sdp"})),
        LadderStep(10.25, "node", "bob", "INVITE", "INVITE", frozenset({"sdp", "lost"})),
        LadderStep(12.5, "bob", "alice", "200 OK", "INVITE"),
    ]
    assert render_ladder(steps).splitlines() == [
        "                    alice                      node                        bob",
        "   0.000              │────── INVITE [sdp] ─────▶│                          │",
        "   0.250              │                          │── INVITE [sdp] <lost> ──✗│",
        "   2.500              │◀───────────────── 200 OK (INVITE) ──────────────────│",
    ]


def test_no_messages_no_picture() -> None:
    assert render_ladder([]) == ""
