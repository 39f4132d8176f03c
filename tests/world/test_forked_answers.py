"""Gateways whose INVITE reaches several phones: each answers for itself (RFC 3261 §13.2.2.4)."""

import asyncio
import re

import pytest

from callwright.sip.flow import Flow
from callwright.testing.agent import Ring
from callwright.testing.media import SimulatedMedia
from callwright.testing.phone_call import PhoneCall
from callwright.testing.rtp_media import RtpMedia
from callwright.testing.world import World, play

MEDIA = pytest.mark.parametrize("media", [SimulatedMedia, RtpMedia])


def answer_early_elsewhere(world: World, rung: PhoneCall, *, tag: str) -> None:
    """The call's 183 comes again, from a fork whose audio is in another place and codec."""
    said = [
        passage
        for passage in world.recorder.passages
        if passage.sender == rung.agent.name and passage.data.startswith(b"SIP/2.0 183 ")
    ][-1]
    own_tag = b"tag=" + rung.session.local_tag.encode()
    head, _, body = said.data.replace(own_tag, b"tag=" + tag.encode()).partition(b"\r\n\r\n")
    body = re.sub(rb"m=audio \d+ RTP/AVP 0", b"m=audio 59998 RTP/AVP 8", body)
    body = body.replace(b"rtpmap:0 PCMU", b"rtpmap:8 PCMA")
    head = re.sub(rb"Content-Length: \d+", b"Content-Length: %d" % len(body), head)
    flow = Flow("udp", world.wire.address, said.source)
    world.node.receive(flow, head + b"\r\n\r\n" + body)


@MEDIA
@pytest.mark.parametrize("forks", [1, 30])
def test_whoever_answers_is_talked_to_as_it_said_before_the_answer(
    media: type[SimulatedMedia | RtpMedia], forks: int
) -> None:
    """Its 2xx needs no description when a reliable 183 had one (RFC 3262 §5)."""

    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        carrier = world.carrier("sbc1", codecs=("PCMU",))
        carrier.reaction = Ring()
        call = await alice.dial("2065550199")
        rung = await carrier.rings()
        rung.answer_early()
        await asyncio.sleep(1)
        for number in range(forks):
            answer_early_elsewhere(world, rung, tag=f"fork{number}")
        await asyncio.sleep(1)
        rung.answer()
        await call.answered()
        answers = [p.data for p in world.recorder.passages if p.sender == carrier.name]
        assert any(data.startswith(b"SIP/2.0 200 ") and b"m=audio" not in data for data in answers)
        await call.until_hears("+12065550199")
        await rung.until_hears("alice")

    play(scene, media=media)
