"""Gateways whose INVITE reaches several phones: each answers for itself (RFC 3261 §13.2.2.4)."""

import asyncio
import re

import pytest

from callwright.sip.flow import Flow
from callwright.testing.agent import Ring
from callwright.testing.media import SimulatedMedia
from callwright.testing.network import Passage
from callwright.testing.phone_call import PhoneCall
from callwright.testing.rtp_media import RtpMedia
from callwright.testing.world import World, play

MEDIA = pytest.mark.parametrize("media", [SimulatedMedia, RtpMedia])
FRIEND = "+12065550199"


async def ringing(world: World) -> tuple[PhoneCall, PhoneCall]:
    """alice calls a number outside, where a phone with PCMU rings."""
    alice = await world.phone("alice")
    carrier = world.carrier("sbc1", codecs=("PCMU",))
    carrier.reaction = Ring()
    made = await alice.dial(FRIEND)
    rung = await carrier.rings()
    await made.ringing()
    return made, rung


def said(world: World, rung: PhoneCall, status: bytes) -> list[Passage]:
    return [
        passage
        for passage in world.recorder.passages
        if passage.sender == rung.agent.name and passage.data.startswith(b"SIP/2.0 " + status)
    ]


def another_fork_has_audio(world: World, rung: PhoneCall, *, tag: str) -> None:
    """A 183 comes from a phone with PCMA, whose audio is where nobody of ours listens."""
    rings = said(world, rung, b"180")[-1]
    body = rung.audio.answer(rung.session.request.body) or b""
    body = re.sub(rb"m=audio \d+ RTP/AVP 0", b"m=audio 59998 RTP/AVP 8", body)
    body = body.replace(b"rtpmap:0 PCMU", b"rtpmap:8 PCMA")
    head = rings.data.partition(b"\r\n\r\n")[0]
    head = head.replace(b"180 Ringing", b"183 Session Progress")
    head = head.replace(b"tag=" + rung.session.local_tag.encode(), b"tag=" + tag.encode())
    described = b"Content-Type: application/sdp\r\nContent-Length: %d" % len(body)
    head = re.sub(rb"Content-Length: \d+", described, head)
    world.node.receive(Flow("udp", world.wire.address, rings.source), head + b"\r\n\r\n" + body)


@MEDIA
@pytest.mark.parametrize("forks", [1, 30])
def test_whoever_answers_is_talked_to_as_it_said_before_the_answer(
    media: type[SimulatedMedia | RtpMedia], forks: int
) -> None:
    """Its 2xx needs no description when a reliable 183 had one (RFC 3262 §5)."""

    async def scene(world: World) -> None:
        made, rung = await ringing(world)
        rung.answer_early()
        await made.until_hears(FRIEND)
        for number in range(forks):
            another_fork_has_audio(world, rung, tag=f"fork{number}")
        await asyncio.sleep(1)
        rung.answer()
        await made.answered()
        assert b"m=audio" not in said(world, rung, b"200 OK\r\n")[-1].data
        await made.until_hears(FRIEND)
        await rung.until_hears("alice")

    play(scene, media=media)


@MEDIA
@pytest.mark.row(65)
def test_a_phone_that_only_rang_takes_over_from_one_that_was_heard(
    media: type[SimulatedMedia | RtpMedia],
) -> None:
    async def scene(world: World) -> None:
        made, rung = await ringing(world)
        another_fork_has_audio(world, rung, tag="other")
        await asyncio.sleep(1)
        assert 183 in made.provisionals
        rung.answer()
        await made.answered()
        await made.until_hears(FRIEND)
        await rung.until_hears("alice")

    play(scene, media=media)
