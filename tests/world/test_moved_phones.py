"""Phones that are somewhere else in the middle of a call: a NAT box restarts, a connection breaks.

What we say inside a dialog goes where the phone registered last (RFC 5626 §7).
"""

import asyncio

import pytest
from tests.world.lamp_scene import IDLE, lit

from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World, play

DEVICE = "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
REFRESH_S = 900
"""When our first session refresh is due."""


def take_no_connections(phone: SimulatedPhone) -> None:
    """Nobody can connect to it: it is a browser, or behind a NAT box."""
    phone.host.listeners.clear()


@pytest.mark.parametrize("device", [DEVICE, ""], ids=["device", "no device"])
def test_a_call_outlives_a_restart_of_the_nat_box(device: str) -> None:
    async def scene(world: World) -> None:
        nat = world.nat()
        alice = await world.phone("alice", nat=nat, device=device)
        bob = await world.phone("bob")
        call = await alice.dial("102")
        rung = await bob.rings()
        rung.answer()
        await call.answered()
        nat.restart()
        await alice.register()
        await asyncio.sleep(5)
        assert call.hears() == {"bob"}
        await asyncio.sleep(REFRESH_S + 70)
        assert not rung.is_over
        assert not call.is_over
        rung.hang_up()
        await call.ended()

    play(scene)


def test_a_refresh_under_way_is_sent_again_to_where_the_phone_is() -> None:
    async def scene(world: World) -> None:
        nat = world.nat()
        alice = await world.phone("alice", nat=nat, device=DEVICE, keeps_alive=False)
        bob = await world.phone("bob")
        call = await alice.dial("102")
        rung = await bob.rings()
        rung.answer()
        await call.answered()
        await asyncio.sleep(REFRESH_S - 5)
        nat.restart()
        await asyncio.sleep(20)
        await alice.register()
        await asyncio.sleep(120)
        assert not rung.is_over
        assert not call.is_over
        call.hang_up()
        await rung.ended()

    play(scene)


@pytest.mark.parametrize("device", [DEVICE, ""], ids=["device", "no device"])
def test_a_phone_hears_of_the_end_after_a_restart_of_its_nat_box(device: str) -> None:
    async def scene(world: World) -> None:
        nat = world.nat()
        alice = await world.phone("alice")
        bob = await world.phone("bob", nat=nat, device=device)
        call = await alice.dial("102")
        rung = await bob.rings()
        rung.answer()
        await call.answered()
        nat.restart()
        await bob.register()
        await asyncio.sleep(5)
        call.hang_up()
        await rung.ended()

    play(scene)


@pytest.mark.parametrize(
    ("transport", "device", "reg_id"),
    [("wss", DEVICE, 0), ("wss", DEVICE, 1), ("tcp", DEVICE, 0), ("tcp", "", 0)],
)
def test_a_phone_hears_of_the_end_over_its_new_connection(
    transport: str, device: str, reg_id: int
) -> None:
    async def scene(world: World) -> None:
        nat = world.nat()
        alice = await world.phone("alice")
        bob = await world.phone("bob", nat=nat, transport=transport, device=device, reg_id=reg_id)
        take_no_connections(bob)
        call = await alice.dial("102")
        rung = await bob.rings()
        rung.answer()
        await call.answered()
        for _ in range(2):
            bob.wire.cut_connections()
            await asyncio.sleep(2)
            await bob.register()
            await asyncio.sleep(2)
        call.hang_up()
        await rung.ended()

    play(scene)


def test_a_caller_hears_of_the_end_over_its_new_connection() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice", transport="wss", device=DEVICE)
        take_no_connections(alice)
        bob = await world.phone("bob")
        call = await alice.dial("102")
        rung = await bob.rings()
        rung.answer()
        await call.answered()
        alice.wire.cut_connections()
        await asyncio.sleep(2)
        await alice.register()
        await asyncio.sleep(REFRESH_S)
        assert not rung.is_over
        assert not call.is_over
        rung.hang_up()
        await call.ended()

    play(scene)


def test_a_phone_that_moved_while_it_rings_stops_when_the_caller_leaves() -> None:
    async def scene(world: World) -> None:
        nat = world.nat()
        alice = await world.phone("alice")
        bob = await world.phone("bob", nat=nat, device=DEVICE)
        call = await alice.dial("102")
        rung = await bob.rings()
        await call.ringing()
        nat.restart()
        await bob.register()
        call.hang_up()
        await rung.ended()

    play(scene)


def test_a_caller_who_moved_while_it_rings_hears_the_answer() -> None:
    async def scene(world: World) -> None:
        nat = world.nat()
        alice = await world.phone("alice", nat=nat, device=DEVICE)
        bob = await world.phone("bob")
        call = await alice.dial("102")
        rung = await bob.rings()
        await call.ringing()
        nat.restart()
        await alice.register()
        rung.answer()
        await call.answered()
        await call.until_hears("bob")

    play(scene)


def test_lamps_are_told_where_the_phone_is() -> None:
    async def scene(world: World) -> None:
        nat = world.nat()
        alice, dave = await world.phone("alice"), await world.phone("dave")
        bob = await world.phone("bob", nat=nat, device=DEVICE)
        lamp = await lit(world, bob, "alice")
        nat.restart()
        await bob.register()
        call = await alice.dial("104")
        rung = await dave.rings()
        rung.answer()
        await lamp.until_lit("confirmed")
        call.hang_up()
        await lamp.until_lit(IDLE)

    play(scene)


def test_lamps_are_told_over_the_new_connection() -> None:
    async def scene(world: World) -> None:
        alice, dave = await world.phone("alice"), await world.phone("dave")
        bob = await world.phone("bob", transport="wss", device=DEVICE)
        take_no_connections(bob)
        lamp = await lit(world, bob, "alice")
        await asyncio.sleep(1)
        bob.wire.cut_connections()
        await asyncio.sleep(2)
        await bob.register()
        call = await alice.dial("104")
        rung = await dave.rings()
        rung.answer()
        await lamp.until_lit("confirmed")
        call.hang_up()
        await lamp.until_lit(IDLE)

    play(scene)


def test_a_lamp_that_changed_before_the_phone_was_back_is_told_again() -> None:
    async def scene(world: World) -> None:
        nat = world.nat()
        alice, dave = await world.phone("alice"), await world.phone("dave")
        bob = await world.phone("bob", nat=nat, device=DEVICE, keeps_alive=False)
        lamp = await lit(world, bob, "alice")
        nat.restart()
        await alice.dial("104")
        rung = await dave.rings()
        rung.answer()
        await asyncio.sleep(20)
        await bob.register()
        await lamp.until_lit("confirmed")

    play(scene)


def test_a_lamp_that_changed_without_a_connection_is_told_over_the_next() -> None:
    async def scene(world: World) -> None:
        alice, dave = await world.phone("alice"), await world.phone("dave")
        bob = await world.phone("bob", transport="wss", device=DEVICE)
        take_no_connections(bob)
        lamp = await lit(world, bob, "alice")
        await asyncio.sleep(1)
        bob.wire.cut_connections()
        await asyncio.sleep(1)
        await alice.dial("104")
        rung = await dave.rings()
        rung.answer()
        await asyncio.sleep(8)
        await bob.register()
        await lamp.until_lit("confirmed", within_s=1)

    play(scene)


def test_another_user_moves_nobody() -> None:
    """Who claims to be the same device has to be the same user, too."""

    async def scene(world: World) -> None:
        alice = await world.phone("alice", device=DEVICE)
        bob = await world.phone("bob")
        call = await alice.dial("102")
        rung = await bob.rings()
        rung.answer()
        await call.answered()
        carol = await world.phone("carol", name="carol at large", device=DEVICE)
        await carol.register()
        rung.hang_up()
        await call.ended()

    play(scene)


def test_another_phone_of_the_user_moves_nobody() -> None:
    async def scene(world: World) -> None:
        nat = world.nat()
        alice = await world.phone("alice", nat=nat, device=DEVICE)
        bob = await world.phone("bob")
        call = await alice.dial("102")
        rung = await bob.rings()
        rung.answer()
        await call.answered()
        other = await world.phone("alice", name="alice at home", nat=nat)
        await other.register()
        rung.hang_up()
        await call.ended()

    play(scene)
