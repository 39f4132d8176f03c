"""Phones that agree on telephone-event (RFC 4733) and send their keys by INFO."""

import asyncio

import pytest
from tests.world.talking import phones, talk
from tests.world.test_in_call_requests import Ear, ask

from callwright.testing.media import SimulatedMedia
from callwright.testing.phone_call import PhoneCall
from callwright.testing.rtp_media import RtpMedia
from callwright.testing.world import World, play

MEDIA = pytest.mark.parametrize("media", [SimulatedMedia, RtpMedia])


async def press_by_info(call: PhoneCall, keys: str) -> None:
    for key in keys:
        body = f"Signal={key}\r\nDuration=160\r\n".encode()
        assert (await ask(call.session, "INFO", body, "application/dtmf-relay")).status == 200


@MEDIA
def test_the_other_party_gets_them_in_its_audio(media: type[SimulatedMedia | RtpMedia]) -> None:
    async def scene(world: World) -> None:
        made, taken = await talk(world, *await phones(world, "alice", "bob"))
        await press_by_info(made, "5")
        await asyncio.sleep(1)
        assert taken.digits == "5"
        await press_by_info(made, "19#")
        await asyncio.sleep(1)
        assert taken.digits == "519#"

    play(scene, media=media)


def test_a_party_without_telephone_events_gets_them_by_info() -> None:
    async def scene(world: World) -> None:
        alice, bob = await phones(world, "alice", "bob")
        bob.speaks_events = False
        made, taken = await talk(world, alice, bob)
        ear = Ear(taken)
        await press_by_info(made, "42")
        await asyncio.sleep(1)
        assert ear.keys == "42"

    play(scene)


@MEDIA
@pytest.mark.parametrize("info_comes_first", [True, False])
def test_a_phone_that_sends_them_both_ways_is_not_heard_twice(
    media: type[SimulatedMedia | RtpMedia], info_comes_first: bool
) -> None:
    async def scene(world: World) -> None:
        made, taken = await talk(world, *await phones(world, "alice", "bob"))
        for key in "4711":
            ways = [press_by_info(made, key), made.press(key)]
            for way in ways if info_comes_first else reversed(ways):
                await way
            await asyncio.sleep(1)
        assert taken.digits == "4711"

    play(scene, media=media)


def test_they_choose_from_a_menu() -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        call = world.carrier("sbc1").call("4255550150", calling="2065550123")
        await call.answered()
        assert call.audio.agreed is not None
        assert call.audio.agreed.dtmf_payload_type is not None
        await asyncio.sleep(4)
        await press_by_info(call, "2")
        (await bob.rings(within_s=5)).answer()
        await call.until_hears("bob")

    play(scene)
