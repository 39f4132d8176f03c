"""Phones whose router gets another public address during a call (RFC 7362)."""

import asyncio

import pytest
from tests.world.talking import talk

from callwright.testing.media import SimulatedMedia
from callwright.testing.rtp_media import RtpMedia
from callwright.testing.world import World, play

DEVICE = "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"


MEDIA = pytest.mark.parametrize("media", [SimulatedMedia, RtpMedia])


@MEDIA
def test_both_are_heard_again_after_the_phone_behind_it_offers_what_it_offered_before(
    media: type[SimulatedMedia | RtpMedia],
) -> None:
    """Its private address stays; where its signalling comes from is news of its audio."""

    async def scene(world: World) -> None:
        home = world.nat()
        alice = await world.phone("alice")
        bob = await world.phone("bob", nat=home, device=DEVICE)
        made, taken = await talk(world, alice, bob)
        await made.until_hears("bob")
        home.move("203.0.113.200")
        await asyncio.sleep(1)
        assert not made.hears()
        assert not taken.hears()
        await bob.register()
        taken.session.reoffer(taken.session.local_sdp)
        await made.until_hears("bob")
        await taken.until_hears("alice")

    play(scene, media=media)


@MEDIA
def test_both_are_heard_again_after_the_phone_behind_it_registered_again(
    media: type[SimulatedMedia | RtpMedia],
) -> None:
    async def scene(world: World) -> None:
        home = world.nat()
        alice = await world.phone("alice")
        bob = await world.phone("bob", nat=home, device=DEVICE)
        made, taken = await talk(world, alice, bob)
        await made.until_hears("bob")
        home.move("203.0.113.200")
        await asyncio.sleep(1)
        assert not made.hears()
        await bob.register()
        await made.until_hears("bob")
        await taken.until_hears("alice")

    play(scene, media=media)
