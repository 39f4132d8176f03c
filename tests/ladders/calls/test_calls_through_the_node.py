"""What goes over the wire between phones, the node and carriers, message by message."""

import asyncio

from callwright.testing.agent import Answer, Decline
from callwright.testing.ladder import assert_ladder
from callwright.testing.world import World, play

FRIEND = "+12065550199"
NO_CHATTER = ("REGISTER", "OPTIONS")


def check(world: World, expected: str, *parties: str, since_s: float = 0.0) -> None:
    assert_ladder(
        world.recorder,
        expected,
        between=(*parties, "node"),
        without=NO_CHATTER,
        since_s=since_s,
    )


def test_registration_is_challenged_once() -> None:
    async def scene(world: World) -> None:
        await world.phone("alice")
        assert_ladder(
            world.recorder,
            """
            alice -> node   REGISTER
            node  -> alice  401 REGISTER
            alice -> node   REGISTER
            node  -> alice  200 REGISTER
            """,
        )

    play(scene)


def test_a_call_from_the_invite_to_the_bye() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await alice.dial("102")
        rung = await bob.rings()
        await call.ringing()
        rung.answer()
        await call.answered()
        await asyncio.sleep(1)
        call.hang_up()
        await rung.ended()
        await asyncio.sleep(1)
        check(
            world,
            """
            alice -> node   INVITE sdp
            node  -> alice  100
            node  -> bob    INVITE sdp
            bob   -> node   100
            bob   -> node   180
            node  -> alice  180
            bob   -> node   200 INVITE sdp
            node  -> bob    ACK
            node  -> alice  200 INVITE sdp
            alice -> node   ACK
            alice -> node   BYE
            node  -> alice  200 BYE
            node  -> bob    BYE
            bob   -> node   200 BYE
            """,
            "alice",
            "bob",
        )

    play(scene)


def test_a_phone_without_credentials_is_challenged_and_comes_back() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice", register=False), await world.phone("bob")
        await alice.dial("102")
        await bob.rings()
        check(
            world,
            """
            alice -> node   INVITE
            node  -> alice  401
            alice -> node   ACK
            alice -> node   INVITE
            node  -> alice  100
            """,
            "alice",
        )

    play(scene)


def test_a_caller_cancels() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await alice.dial("102")
        rung = await bob.rings()
        await call.ringing()
        began_s = world.clock.monotonic()
        call.hang_up()
        await rung.ended()
        await asyncio.sleep(1)
        check(
            world,
            """
            alice -> node   CANCEL
            node  -> alice  200 CANCEL
            node  -> alice  487 INVITE
            node  -> bob    CANCEL
            alice -> node   ACK
            bob   -> node   200 CANCEL
            bob   -> node   487 INVITE
            node  -> bob    ACK
            """,
            "alice",
            "bob",
            since_s=began_s,
        )

    play(scene)


def test_an_answer_that_crosses_the_cancel_is_ended_with_bye() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await alice.dial("102")
        rung = await bob.rings()
        await call.ringing()
        began_s = world.clock.monotonic()
        call.hang_up()
        await asyncio.sleep(0.007)  # the node's CANCEL is on its way to bob
        rung.answer()
        await rung.ended()
        await asyncio.sleep(1)
        check(
            world,
            """
            node  -> bob    CANCEL
            bob   -> node   200 INVITE
            bob   -> node   200 CANCEL
            node  -> bob    ACK
            node  -> bob    BYE
            bob   -> node   200 BYE
            """,
            "bob",
            since_s=began_s,
        )

    play(scene)


def test_every_phone_of_a_user_rings_and_the_slower_are_cancelled() -> None:
    async def scene(world: World) -> None:
        alice, desk = await world.phone("alice"), await world.phone("bob", name="desk")
        mobile = await world.phone("bob", name="mobile")
        call = await alice.dial("102")
        rung = await desk.rings()
        await call.ringing()
        rung.answer()
        await call.answered()
        await asyncio.sleep(1)
        check(
            world,
            """
            node   -> mobile  INVITE sdp
            mobile -> node    100
            mobile -> node    180
            node   -> mobile  CANCEL
            mobile -> node    200 CANCEL
            mobile -> node    487 INVITE
            node   -> mobile  ACK
            """,
            "mobile",
        )
        check(world, "...\nnode -> alice 180\nnode -> alice 200 INVITE sdp\n...", "alice")
        assert len(mobile.calls) == 1

    play(scene)


def test_a_refusal_is_passed_on() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        bob.reaction = Decline(486)
        call = await alice.dial("102")
        await call.ended()
        await asyncio.sleep(1)
        check(
            world,
            """
            alice -> node   INVITE
            node  -> alice  100
            node  -> bob    INVITE
            bob   -> node   100
            bob   -> node   486
            node  -> bob    ACK
            node  -> alice  486
            alice -> node   ACK
            """,
            "alice",
            "bob",
        )

    play(scene)


def test_hold_stays_between_the_holder_and_the_node() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        bob.reaction = Answer()
        call = await alice.dial("102")
        await call.answered()
        await asyncio.sleep(1)
        began_s = world.clock.monotonic()
        await call.hold()
        await call.resume()
        await asyncio.sleep(1)
        check(
            world,
            """
            alice -> node   INVITE sdp
            node  -> alice  200 INVITE sdp
            alice -> node   ACK
            alice -> node   INVITE sdp
            node  -> alice  200 INVITE sdp
            alice -> node   ACK
            """,
            "alice",
            "bob",
            since_s=began_s,
        )

    play(scene)


def test_a_transferor_is_told_before_he_is_hung_up() -> None:
    """A transfer to what answers at once: the last NOTIFY must not come after the BYE."""

    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        bob.reaction = Answer()
        call = await alice.dial("102")
        await call.answered()
        await asyncio.sleep(1)
        began_s = world.clock.monotonic()
        assert await bob.calls[0].transfer("+14255550150") == 200
        await asyncio.sleep(1)
        check(
            world,
            """
            bob  -> node  REFER
            node -> bob   202 REFER
            node -> bob   NOTIFY
            node -> bob   NOTIFY
            node -> bob   BYE
            bob  -> node  200 NOTIFY
            bob  -> node  200 NOTIFY
            bob  -> node  200 BYE
            """,
            "bob",
            since_s=began_s,
        )

    play(scene)


def test_failover_leaves_the_silent_sbc_with_nothing() -> None:
    async def scene(world: World) -> None:
        first, second = world.carrier("sbc1"), world.carrier("sbc2")
        alice = await world.phone("alice")
        first.reaction = Decline(503)
        call = await alice.dial(FRIEND)
        await call.answered()
        await asyncio.sleep(1)
        assert len(second.calls) == 1
        check(
            world,
            """
            node -> sbc1  INVITE
            sbc1 -> node  100
            sbc1 -> node  503
            node -> sbc1  ACK
            node -> sbc2  INVITE
            sbc2 -> node  100
            sbc2 -> node  180
            sbc2 -> node  200 INVITE
            node -> sbc2  ACK
            """,
            "sbc1",
            "sbc2",
        )

    play(scene)


def test_a_lost_invite_is_sent_again() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        world.network.block(alice.host, world.host)
        call = await alice.dial("102")
        await asyncio.sleep(0.1)
        world.network.unblock(alice.host, world.host)
        rung = await bob.rings()
        rung.answer()
        await asyncio.sleep(0.011)  # the 200 is with alice
        assert call.is_answered
        check(
            world,
            """
            alice -> node   INVITE blocked
            alice -> node   INVITE again
            node  -> alice  100
            node  -> alice  180
            node  -> alice  200
            alice -> node   ACK
            """,
            "alice",
        )

    play(scene)


def test_a_lost_ack_is_asked_for_by_repeating_the_answer() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await alice.dial("102")
        rung = await bob.rings()
        await call.ringing()
        began_s = world.clock.monotonic()
        rung.answer()
        await asyncio.sleep(0.007)  # the node's 200 is on its way to alice
        world.network.block(alice.host, world.host)
        await asyncio.sleep(0.005)
        world.network.unblock(alice.host, world.host)
        await asyncio.sleep(5)
        check(
            world,
            """
            node  -> alice  200 INVITE
            alice -> node   ACK blocked
            node  -> alice  200 INVITE again
            alice -> node   ACK again
            """,
            "alice",
            since_s=began_s,
        )

    play(scene)


def test_an_answer_that_is_never_acknowledged_ends_the_call() -> None:
    """RFC 3261 §13.3.1.4: 64 T1 of repetition, then BYE."""

    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await alice.dial("102")
        rung = await bob.rings()
        await call.ringing()
        rung.answer()
        await asyncio.sleep(0.007)
        began_s = world.clock.monotonic()
        alice.vanish()
        await rung.ended(within_s=33)
        assert 31.9 < world.clock.monotonic() - began_s < 32.1

    play(scene)
