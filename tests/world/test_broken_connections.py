"""Connections that break while a call is set up: it goes on over the next one (RFC 3261 §18)."""

import asyncio

import pytest
from tests.world.trunk_scene import FRIEND, with_sbc

from callwright.routing.snapshot import Snapshot
from callwright.testing.agent import Answer, Ring
from callwright.testing.carriers import SimulatedCarrier
from callwright.testing.phone_call import PhoneCall
from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World, play

DESK = "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"


def over_tcp() -> Snapshot:
    return with_sbc("sbc1", transport="tcp", match_any_port=True)


async def rings_outside(world: World) -> tuple[PhoneCall, PhoneCall, SimulatedCarrier]:
    """alice's call rings at somebody behind sbc1, whose connection breaks; sbc2 would answer."""
    alice = await world.phone("alice")
    carrier, other = world.carrier("sbc1"), world.carrier("sbc2")
    carrier.reaction, other.reaction = Ring(), Answer(after_s=1)
    call = await alice.dial(FRIEND)
    rung = await carrier.rings()
    await call.ringing()
    carrier.wire.cut_connections()
    await asyncio.sleep(3)
    return call, rung, other


async def rings_inside(world: World) -> tuple[PhoneCall, PhoneCall, SimulatedPhone]:
    """alice calls bob, whose connection breaks while he rings."""
    alice = await world.phone("alice")
    bob = await world.phone("bob", transport="tcp", device=DESK)
    call = await alice.dial("102")
    rung = await bob.rings()
    await call.ringing()
    bob.wire.cut_connections()
    await asyncio.sleep(0.5)
    return call, rung, bob


def test_a_trunk_that_rings_when_its_connection_breaks_is_not_asked_twice() -> None:
    async def scene(world: World) -> None:
        call, rung, other = await rings_outside(world)
        assert (call.is_over, rung.is_over, other.calls) == (False, False, [])
        rung.answer()
        await call.answered(within_s=5)
        await call.until_hears(FRIEND)
        await rung.until_hears("alice")
        call.hang_up()
        await rung.ended(within_s=2)
        assert other.calls == []

    play(scene, organisation=over_tcp())


def test_ringing_is_cancelled_over_a_new_connection() -> None:
    async def scene(world: World) -> None:
        call, rung, other = await rings_outside(world)
        call.hang_up()
        await rung.ended(within_s=2)
        assert rung.end is not None
        assert rung.end.method == "CANCEL"
        assert other.calls == []

    play(scene, organisation=over_tcp())


def test_an_answer_that_nobody_waits_for_any_longer_is_hung_up() -> None:
    """The CANCEL does not get through, and the one who rang answers after it."""

    async def scene(world: World) -> None:
        call, rung, _ = await rings_outside(world)
        carrier = world.carrier("sbc1")
        world.network.block(carrier.host, world.host)
        call.hang_up()
        await asyncio.sleep(34)
        world.network.unblock(carrier.host, world.host)
        rung.answer()
        await rung.ended(within_s=10)
        assert rung.end is not None
        assert rung.end.method == "BYE"

    play(scene, organisation=over_tcp())


@pytest.mark.parametrize("is_back", [True, False])
def test_a_phone_rings_on_when_its_connection_breaks(is_back: bool) -> None:
    async def scene(world: World) -> None:
        call, rung, bob = await rings_inside(world)
        if is_back:
            await bob.register()
        await asyncio.sleep(3)
        assert (call.is_answered, rung.is_over) == (False, False)
        rung.answer()
        await call.until_hears("bob")
        await rung.until_hears("alice")
        call.hang_up()
        await rung.ended(within_s=2)

    play(scene)


@pytest.mark.parametrize("is_back", [True, False])
def test_a_phone_stops_to_ring_when_its_connection_broke(is_back: bool) -> None:
    async def scene(world: World) -> None:
        call, rung, bob = await rings_inside(world)
        if is_back:
            await bob.register()
        call.hang_up()
        await rung.ended(within_s=2)

    play(scene)


@pytest.mark.parametrize("is_back", [True, False])
def test_a_caller_whose_connection_was_replaced_hears_the_answer(is_back: bool) -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice", transport="tcp", device=DESK)
        bob = await world.phone("bob")
        call = await alice.dial("102")
        rung = await bob.rings()
        await call.ringing()
        alice.wire.cut_connections()
        if is_back:
            await alice.register()
        await asyncio.sleep(2)
        rung.answer()
        await call.answered(within_s=5)
        await call.until_hears("bob")
        call.hang_up()
        await rung.ended(within_s=2)

    play(scene)


def test_an_answer_on_its_way_when_the_connection_breaks_is_repeated_on_the_next() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice", transport="tcp", device=DESK)
        bob = await world.phone("bob")
        call = await alice.dial("102")
        rung = await bob.rings()
        await call.ringing()
        rung.answer()
        alice.wire.cut_connections()
        await call.answered(within_s=5)
        await call.until_hears("bob")

    play(scene)


def test_a_refusal_reaches_a_caller_whose_connection_was_replaced() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice", transport="tcp", device=DESK)
        carrier = world.carrier("sbc1")
        carrier.reaction = Ring()
        call = await alice.dial(FRIEND)
        rung = await carrier.rings()
        await call.ringing()
        alice.wire.cut_connections()
        await asyncio.sleep(1)
        rung.decline(486)
        assert await call.ended(within_s=3) == 486

    play(scene)


@pytest.mark.parametrize("transport", ["tcp", "wss"])
def test_a_caller_that_takes_no_connections_hears_the_answer_over_its_next_one(
    transport: str,
) -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice", nat=world.nat(), transport=transport, device=DESK)
        alice.host.listeners.clear()
        bob = await world.phone("bob")
        call = await alice.dial("102")
        rung = await bob.rings()
        await call.ringing()
        alice.wire.cut_connections()
        await asyncio.sleep(2)
        await alice.register()
        rung.answer()
        await call.answered(within_s=5)
        await call.until_hears("bob")
        call.hang_up()
        await rung.ended(within_s=2)

    play(scene)


async def ringing_over_its_next_connection(
    world: World, transport: str
) -> tuple[PhoneCall, PhoneCall]:
    """Alice calls Bob, whose phone takes no connections and has opened another one meanwhile."""
    alice = await world.phone("alice")
    bob = await world.phone("bob", nat=world.nat(), transport=transport, device=DESK)
    bob.host.listeners.clear()
    call = await alice.dial("102")
    rung = await bob.rings()
    await call.ringing()
    bob.wire.cut_connections()
    await asyncio.sleep(2)
    await bob.register()
    return call, rung


@pytest.mark.parametrize("transport", ["tcp", "wss"])
def test_a_phone_that_takes_no_connections_answers_over_its_next_one(transport: str) -> None:
    async def scene(world: World) -> None:
        call, rung = await ringing_over_its_next_connection(world, transport)
        rung.answer()
        await call.until_hears("bob")
        await rung.until_hears("alice")
        call.hang_up()
        await rung.ended(within_s=2)

    play(scene)


@pytest.mark.parametrize("transport", ["tcp", "wss"])
def test_a_phone_that_takes_no_connections_stops_to_ring_over_its_next_one(transport: str) -> None:
    async def scene(world: World) -> None:
        call, rung = await ringing_over_its_next_connection(world, transport)
        call.hang_up()
        await rung.ended(within_s=2)

    play(scene)
