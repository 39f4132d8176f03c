"""INVITEs without an offer, through the node: who offers, in what, and where the answer comes
(RFC 3261 §13.2.1, RFC 3262 §5, RFC 6337 patterns 2 to 4)."""

import asyncio

from callwright.sip.message import Response
from callwright.sip.session.listener import EndCause
from callwright.sip.session.session import InviteSession
from callwright.testing.ladder import assert_ladder
from callwright.testing.phone_call import PhoneCall
from callwright.testing.world import World, play

REQUIRED = (("Require", "100rel"),)
NO_CHATTER = ("REGISTER", "OPTIONS")


def check(world: World, expected: str, *parties: str, since_s: float = 0.0) -> None:
    assert_ladder(
        world.recorder,
        expected,
        between=(*parties, "node"),
        without=NO_CHATTER,
        since_s=since_s,
    )


def answers_early(call: PhoneCall, *, with_sdp: bool = True) -> None:
    """The phone answers an offer in a provisional response with its PRACK."""
    former = call.on_provisional
    answered = call.on_answered

    def take(session: InviteSession, response: Response) -> None:
        former(session, response)
        if response.body and with_sdp:
            session.acknowledge(call.audio.answer(response.body) or b"")

    def take_final(session: InviteSession, response: Response) -> None:
        if response.body:
            answered(session, response)
            return
        call.status = response.status
        call.is_answered = True
        call._progress.set()

    call.on_provisional = take  # type: ignore[method-assign]
    call.on_answered = take_final  # type: ignore[method-assign]


def test_the_200_offers_and_the_ack_answers() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await alice.dial("102", without_offer=True)
        rung = await bob.rings()
        await call.ringing()
        rung.answer()
        await call.answered()
        await call.until_hears("bob")
        await rung.until_hears("alice")
        check(
            world,
            """
            alice -> node   INVITE
            node  -> alice  100
            node  -> alice  180
            node  -> alice  200 INVITE sdp
            alice -> node   ACK sdp
            """,
            "alice",
        )

    play(scene)


def test_who_wants_ringing_acknowledged_gets_the_offer_in_it() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await alice.dial("102", without_offer=True, headers=REQUIRED)
        answers_early(call)
        rung = await bob.rings()
        await call.ringing()
        await asyncio.sleep(1)
        rung.answer()
        await call.answered()
        await call.until_hears("bob")
        await rung.until_hears("alice")
        await asyncio.sleep(1)
        check(
            world,
            """
            alice -> node   INVITE
            node  -> alice  100
            node  -> alice  180 INVITE sdp
            alice -> node   PRACK sdp
            node  -> alice  200 PRACK
            node  -> alice  200 INVITE
            alice -> node   ACK
            """,
            "alice",
        )

    play(scene)


def test_an_answer_waits_for_the_prack() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await alice.dial("102", without_offer=True, headers=REQUIRED)
        answers_early(call)
        rung = await bob.rings()
        rung.answer()
        await call.answered()
        await call.until_hears("bob")
        assert call.provisionals == [180]

    play(scene)


def test_early_media_of_a_carrier_reaches_a_caller_who_offered_nothing() -> None:
    async def scene(world: World) -> None:
        alice, carrier = await world.phone("alice"), world.carrier("sbc1")
        call = await alice.dial("+12065550199", without_offer=True, headers=REQUIRED)
        answers_early(call)
        there = await carrier.rings()
        there.answer_early()
        await call.until_hears("+12065550199")
        there.answer()
        await call.answered()
        await there.until_hears("alice")
        await call.until_hears("+12065550199")

    play(scene)


def test_an_early_answer_that_cannot_be_used_ends_the_call() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await alice.dial("102", without_offer=True, headers=REQUIRED)
        former = call.on_provisional

        def take(session: InviteSession, response: Response) -> None:
            former(session, response)
            if response.body:
                session.acknowledge(b"v=0\r\ns=nothing that we speak\r\n")

        call.on_provisional = take  # type: ignore[method-assign]
        rung = await bob.rings()
        assert await call.ended() == 488
        await rung.ended()
        assert (await world.record()).sip_status == 488

    play(scene)


def test_an_answer_in_the_ack_that_cannot_be_used_ends_the_call() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await alice.dial("102", without_offer=True)

        def take(session: InviteSession, response: Response) -> None:
            session.acknowledge(b"v=0\r\ns=nothing that we speak\r\n")
            call.is_answered = True
            call._progress.set()

        call.on_answered = take  # type: ignore[method-assign]
        rung = await bob.rings()
        rung.answer()
        await call.ended()
        assert call.end_cause is EndCause.BYE
        await rung.ended()

    play(scene)
