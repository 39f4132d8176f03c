"""Parties that only listen: from them no audio is awaited (RFC 3264 §5.1)."""

import asyncio

import pytest
from tests.world.talking import phones, talk

from callwright.kernel.limits.media import MEDIA_TIMEOUT_HOLD_S, MEDIA_TIMEOUT_S
from callwright.kernel.reason import Reason
from callwright.testing.media import SimulatedMedia
from callwright.testing.phone_call import PhoneCall
from callwright.testing.rtp_media import RtpMedia
from callwright.testing.world import World, play

MEDIA = pytest.mark.parametrize("media", [SimulatedMedia, RtpMedia])
A_WHILE_S = MEDIA_TIMEOUT_S + 45


async def listening(world: World, direction: str) -> tuple[PhoneCall, PhoneCall]:
    """alice talks to bob, who sends nothing."""
    made, taken = await talk(world, *await phones(world, "alice", "bob"))
    await taken.hold(direction)
    return made, taken


@MEDIA
def test_who_only_listens_stays_in_the_call(media: type[SimulatedMedia | RtpMedia]) -> None:
    async def scene(world: World) -> None:
        made, taken = await listening(world, "recvonly")
        await asyncio.sleep(A_WHILE_S)
        assert taken.hears() == {"alice"}
        await taken.resume()
        await made.until_hears("bob")
        made.hang_up()
        assert (await world.record()).reason is Reason.NORMAL

    play(scene, media=media)


def test_who_was_called_to_listen_stays_in_the_call() -> None:
    """It said so in its first answer, not later."""

    async def scene(world: World) -> None:
        alice, bob = await phones(world, "alice", "bob")
        made = await alice.dial("102")
        taken = await bob.rings()
        body = taken.audio.answer(taken.session.request.body)
        assert body is not None
        taken.audio.handset.stop_packets()
        taken.is_answered = True
        taken.session.answer(body.replace(b"a=sendrecv", b"a=recvonly"))
        await made.answered()
        await asyncio.sleep(A_WHILE_S)
        assert not made.is_over
        assert taken.hears() == {"alice"}

    play(scene)


@pytest.mark.parametrize("direction", ["recvonly", "inactive"])
def test_who_listened_and_vanished_is_noticed_like_who_holds(direction: str) -> None:
    async def scene(world: World) -> None:
        made, taken = await listening(world, direction)
        taken.agent.vanish()
        await made.ended(within_s=MEDIA_TIMEOUT_HOLD_S + 10)
        record = await world.record()
        assert record.reason in (Reason.MEDIA_TIMEOUT, Reason.PEER_LOST)

    play(scene)


def test_who_talks_again_and_falls_silent_is_noticed_as_soon_as_ever() -> None:
    async def scene(world: World) -> None:
        made, taken = await listening(world, "recvonly")
        await asyncio.sleep(A_WHILE_S)
        await taken.resume()
        taken.audio.handset.stop_packets()
        await made.ended(within_s=MEDIA_TIMEOUT_S + 5)
        assert (await world.record()).reason is Reason.MEDIA_TIMEOUT

    play(scene)
