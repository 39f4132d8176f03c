"""What a call needed is free when it is over; no circle waits for the garbage collector."""

import gc
from collections.abc import Awaitable, Callable, Iterator

import pytest

from callwright.calls.call import Call
from callwright.calls.leg import Leg
from callwright.calls.media_leg import MediaLeg
from callwright.testing.agent import Answer
from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World, play


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


async def answered(alice: SimulatedPhone, bob: SimulatedPhone) -> None:
    call = await alice.dial("102")
    rung = await bob.rings()
    rung.answer()
    await call.answered()
    rung.hang_up()
    await call.ended()


async def declined(alice: SimulatedPhone, bob: SimulatedPhone) -> None:
    call = await alice.dial("102")
    (await bob.rings()).decline()
    await call.ended()


async def cancelled(alice: SimulatedPhone, bob: SimulatedPhone) -> None:
    call = await alice.dial("102")
    await bob.rings()
    call.hang_up()
    await call.ended()


async def left_a_message(alice: SimulatedPhone, bob: SimulatedPhone) -> None:
    call = await alice.dial("102")
    await call.answered()
    call.hang_up()
    await call.ended()


async def transferred(alice: SimulatedPhone, bob: SimulatedPhone) -> None:
    call = await alice.dial("102")
    rung = await bob.rings()
    rung.answer()
    await call.answered()
    alice.reaction = Answer()
    assert await rung.transfer("101") == 200
    call.hang_up()
    await call.ended()


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("course", [answered, declined, cancelled, left_a_message, transferred])
def test_nothing_of_a_call_is_left(
    course: Callable[[SimulatedPhone, SimulatedPhone], Awaitable[None]],
) -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        await course(alice, bob)
        await world.record()

    play(scene)
    left = [thing for thing in gc.get_objects() if isinstance(thing, (Call, Leg, MediaLeg))]
    assert left == []
