"""Who is offered what, in order, and what a refusal of audio looks like on the wire."""

import asyncio

import pytest

from callwright.sip.sdp import Proposal
from callwright.testing.ladder import assert_ladder
from callwright.testing.phone_audio import PhoneAudio
from callwright.testing.world import World, play

NO_CHATTER = ("REGISTER", "OPTIONS", "PRACK")


def check(world: World, expected: str, *parties: str) -> None:
    assert_ladder(world.recorder, expected, between=(*parties, "node"), without=NO_CHATTER)


def test_a_phone_that_insists_on_encryption_is_asked_again_and_rings_once() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        bob.proposal = Proposal.SDES
        call = await alice.dial("102")
        rung = await bob.rings()
        rung.answer()
        await call.answered()
        await call.until_hears("bob")
        call.hang_up()
        await rung.ended()
        assert call.provisionals == [180]
        check(
            world,
            """
            node -> bob   INVITE sdp
            bob  -> node  100
            bob  -> node  488
            node -> bob   ACK
            node -> bob   INVITE sdp
            bob  -> node  100
            bob  -> node  180
            bob  -> node  200 INVITE sdp
            node -> bob   ACK
            node -> bob   BYE
            bob  -> node  200
            """,
            "bob",
        )

    play(scene)


def test_an_offer_that_nobody_can_answer_is_refused_before_anybody_rings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nothing_known = b"v=0\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 18\r\n"

    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        await world.phone("bob")
        monkeypatch.setattr(PhoneAudio, "offer", lambda *_: nothing_known)
        call = await alice.dial("102")
        assert await call.settled() == 488
        check(
            world,
            """
            alice -> node   INVITE sdp
            node  -> alice  100
            node  -> alice  488
            alice -> node   ACK
            """,
            "alice",
        )
        check(world, "", "bob")

    play(scene)


def test_an_offer_in_a_call_that_nobody_can_answer_leaves_it_as_it_was() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await alice.dial("102")
        rung = await bob.rings()
        rung.answer()
        await call.answered()
        await call.until_hears("bob")
        world.recorder.clear()
        call.session.reoffer(call.audio.offer().replace(b"RTP/AVP", b"RTP/SAVP"))
        await asyncio.sleep(1)
        await call.until_hears("bob")
        await rung.until_hears("alice")
        call.hang_up()
        await rung.ended()
        check(
            world,
            """
            alice -> node   INVITE sdp
            node  -> alice  488
            alice -> node   ACK
            alice -> node   BYE
            node  -> alice  200
            """,
            "alice",
        )

    play(scene)
