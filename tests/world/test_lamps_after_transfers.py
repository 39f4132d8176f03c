"""Whom a lamp names when the parties of a call are others than at its beginning."""

import re

from tests.world.test_users import talk

from callwright.testing.agent import Answer
from callwright.testing.phone_watch import PhoneWatch
from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World, play


async def phones(world: World, *users: str) -> list[SimulatedPhone]:
    return [await world.phone(user) for user in users]


def names(watch: PhoneWatch) -> list[str]:
    """The other party of each call in the newest document."""
    return re.findall(r'<remote><identity display="([^"]+)"', watch.body)


async def lamp(watcher: SimulatedPhone, user: str) -> PhoneWatch:
    watch = watcher.watch("dialog", user)
    await watch.until_lit("terminated")
    return watch


def test_an_attended_transfer() -> None:
    async def scene(world: World) -> None:
        alice, bob, dave, erin = await phones(world, "alice", "bob", "dave", "erin")
        of_alice, of_dave = await lamp(erin, "alice"), await lamp(erin, "dave")
        _, from_bob = await talk(world, alice, bob)
        await of_alice.until(lambda watch: names(watch) == ["Bob Brown"])
        to_dave, at_dave = await talk(world, bob, dave)
        await of_dave.until(lambda watch: names(watch) == ["Bob Brown"])
        assert await from_bob.transfer_to(to_dave) == 200
        await of_alice.until(lambda watch: names(watch) == [world_name(world, "dave")])
        await of_dave.until(lambda watch: names(watch) == ["Alice Adams"])
        at_dave.hang_up()
        await of_alice.until_lit("terminated")
        await of_dave.until_lit("terminated")

    play(scene)


def test_a_blind_transfer() -> None:
    async def scene(world: World) -> None:
        alice, bob, dave, erin = await phones(world, "alice", "bob", "dave", "erin")
        of_alice, of_dave = await lamp(erin, "alice"), await lamp(erin, "dave")
        dave.reaction = Answer(0.5)
        at_alice, at_bob = await talk(world, alice, bob)
        assert await at_bob.transfer("104") == 200
        await of_alice.until(lambda watch: names(watch) == [world_name(world, "dave")])
        await of_dave.until(lambda watch: names(watch) == ["Alice Adams"])
        at_alice.hang_up()
        await of_alice.until_lit("terminated")
        await of_dave.until_lit("terminated")

    play(scene)


def world_name(world: World, user: str) -> str:
    return next(known.name for key, known in world.snapshot.users.items() if key == user)
