"""Answers of forks: each has its own, and one of them is talked to (RFC 6337 §3.1.1)."""

import re

from tests.unit.calls.desk import Engine, Silence

from callwright.calls.media_leg import MediaRoom
from callwright.calls.ports import RtpPorts
from callwright.calls.sip_audio import AudioAgreement, Ends, offer_or_none
from callwright.kernel.limits.signalling import FORKED_ANSWERS_MAX
from callwright.sip.sdp import LocalAudio, answer

NOTHING = b""


class Line:
    """Our offer went out."""

    def __init__(self) -> None:
        self.engine = Engine()
        room = MediaRoom(self.engine, Silence(), RtpPorts(10_000, 10_100), ["192.0.2.2"])
        media = room.open()
        self.audio = AudioAgreement("192.0.2.2", room)
        self.ends = Ends(media, "192.0.2.9")
        self.offer = self.audio.make_offer(media)

    def answer_of(self, port: int, codec: str = "PCMU") -> bytes:
        offer = offer_or_none(self.offer)
        assert offer is not None
        local = LocalAudio("192.0.2.9", port)
        answered = answer(offer, local, codecs=(codec,), session_id=port, version=1)
        assert answered is not None
        return answered[0]

    def rings(self, fork: str, body: bytes) -> bool:
        return self.audio.take_early_answer(body, fork, self.ends)

    def answers(self, fork: str, body: bytes = NOTHING) -> bool:
        return self.audio.take_final_answer(body, fork, self.ends)

    @property
    def talks_to(self) -> str:
        return re.sub(r"remote | sendreceive", "", self.engine.commands[-1])


def test_an_answer_without_a_description_means_that_of_its_own_fork() -> None:
    for fork, place in (("a", "PCMA 5000"), ("b", "PCMU 6000")):
        line = Line()
        assert line.rings("a", line.answer_of(4_000))
        assert line.rings("a", line.answer_of(5_000, "PCMA"))
        assert line.rings("b", line.answer_of(6_000))
        assert not line.rings("c", NOTHING)
        assert not line.rings("c", b"nonsense")
        assert line.answers(fork)
        assert line.talks_to == place


def test_a_description_in_the_answer_outranks_what_was_said_before() -> None:
    line = Line()
    line.rings("a", line.answer_of(4_000))
    line.rings("b", line.answer_of(6_000))
    assert line.answers("a", line.answer_of(7_000, "PCMA"))
    assert line.talks_to == "PCMA 7000"


def test_a_fork_that_said_nothing_before_gets_what_was_agreed_last() -> None:
    """Some gateways answer with another tag than they rang with."""
    line = Line()
    line.rings("a", line.answer_of(4_000))
    assert line.answers("c")
    assert line.talks_to == "PCMU 4000"
    assert not Line().answers("a")


def test_what_an_update_replaced_is_not_brought_back() -> None:
    line = Line()
    line.rings("a", line.answer_of(4_000))
    offer = offer_or_none(line.answer_of(5_000, "PCMA"))
    assert offer is not None
    assert line.audio.answer(offer, ("PCMA", "PCMU"), line.ends) is not None
    line.audio.forget_early_answer("a")
    line.audio.forget_early_answer("unheard of")
    assert line.answers("a")
    assert line.talks_to == "PCMA 5000"


def test_a_flood_of_forks_drives_nobody_out() -> None:
    line = Line()
    line.rings("a", line.answer_of(4_000))
    for number in range(2 * FORKED_ANSWERS_MAX):
        line.rings(f"flood{number}", line.answer_of(5_000 + 2 * number))
    assert line.rings("a", line.answer_of(4_002))
    line.rings("flood0", line.answer_of(9_000))
    assert line.answers("a")
    assert line.talks_to == "PCMU 4002"
