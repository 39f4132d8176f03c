"""Calls through the node that live long, and audio before the answer, message by message."""

import asyncio

import pytest
from tests.world.talking import talk

from callwright.sip.sdp import Proposal
from callwright.testing.agent import Answer, Ignore
from callwright.testing.ladder import assert_ladder, ladder_of
from callwright.testing.world import World, play

FRIEND = "+12065550199"
NO_CHATTER = ("REGISTER", "OPTIONS")


def check(world: World, expected: str, *parties: str, since_s: float) -> None:
    assert_ladder(
        world.recorder,
        expected,
        between=(*parties, "node"),
        without=NO_CHATTER,
        since_s=since_s,
    )


def test_both_sides_of_a_long_call_are_refreshed_and_hear_each_other_still() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        bob.reaction = Answer()
        call = await alice.dial("102")
        await call.answered()
        began_s = world.clock.monotonic()
        await asyncio.sleep(1_000)
        check(
            world,
            """
            bob   -> node   UPDATE
            node  -> alice  UPDATE
            node  -> bob    200 UPDATE
            alice -> node   200 UPDATE
            """,
            "alice",
            "bob",
            since_s=began_s + 1,
        )
        await asyncio.sleep(6_000)
        assert not call.is_over
        await call.until_hears("bob")
        await bob.calls[0].until_hears("alice")

    play(scene)


def refreshed(world: World) -> int:
    """How many requests inside the call refreshed its session, in either direction."""
    steps = ladder_of(world.recorder, between=("bob", "node"))
    return sum(step.label in ("UPDATE", "INVITE") for step in steps)


@pytest.mark.parametrize("page_sends", [None, "UPDATE", "INVITE"])
def test_refreshes_keep_the_audio_of_a_browser(page_sends: str | None) -> None:
    """rtpengine#226, Browser-Phone#440: it fell silent with the first refresh of the session."""

    async def scene(world: World) -> None:
        bob = await world.phone("bob", transport="wss", codecs=("OPUS", "PCMU"))
        bob.proposal = Proposal.BROWSER
        made, taken = await talk(world, bob, await world.phone("alice"))
        agreed, before = made.audio.agreed, refreshed(world)
        for _ in range(4):
            if page_sends == "UPDATE":
                made.session.send_request("UPDATE")
            elif page_sends == "INVITE":
                made.session.reoffer(made.session.local_sdp)
            await asyncio.sleep(1_000)
            assert made.audio.agreed == agreed, "the same certificate, checks and codec"
            await made.until_hears("alice")
            await taken.until_hears("bob")
        assert refreshed(world) >= before + 4

    play(scene)


def test_a_phone_that_vanished_while_it_held_is_missed_by_the_refresh() -> None:
    """Nothing else would notice it for an hour: who holds need not send audio."""

    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        bob.reaction = Answer()
        call = await alice.dial("102")
        await call.answered()
        await asyncio.sleep(1)
        await call.hold()
        began_s = world.clock.monotonic()
        alice.vanish()
        await bob.calls[0].ended(within_s=1_000)
        assert 931 < world.clock.monotonic() - began_s < 934

    play(scene)


def test_early_media_is_acknowledged_on_both_sides() -> None:
    async def scene(world: World) -> None:
        carrier, alice = world.carrier("sbc1"), await world.phone("alice")
        carrier.reaction = Ignore()
        began_s = world.clock.monotonic()
        call = await alice.dial(FRIEND)
        there = await carrier.rings()
        there.answer_early()
        await call.until_hears(FRIEND)
        there.answer()
        await call.answered()
        await asyncio.sleep(1)
        check(
            world,
            """
            node -> sbc1  INVITE sdp
            sbc1 -> node  100
            sbc1 -> node  183 sdp
            node -> sbc1  PRACK
            sbc1 -> node  200 PRACK
            sbc1 -> node  200 INVITE
            node -> sbc1  ACK
            """,
            "sbc1",
            since_s=began_s,
        )
        check(
            world,
            """
            ...
            node  -> alice  183 INVITE sdp
            alice -> node   PRACK
            node  -> alice  200 PRACK
            node  -> alice  200 INVITE
            alice -> node   ACK
            """,
            "alice",
            since_s=began_s,
        )

    play(scene)
