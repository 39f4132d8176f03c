"""What a call needed is free when it is over; no circle waits for the garbage collector."""

import asyncio
import gc
from collections.abc import Awaitable, Callable, Iterator

import pytest

from callwright.calls.call import Call
from callwright.calls.leg import Leg
from callwright.calls.media_leg import MediaLeg
from callwright.sip.sdp import Proposal
from callwright.testing.agent import Answer, Decline
from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World, play

LONDON = "+442079460123"
DESK = "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"


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


async def asked_twice(alice: SimulatedPhone, bob: SimulatedPhone) -> None:
    bob.proposal = Proposal.SDES
    await answered(alice, bob)


def left_of_calls() -> list[object]:
    return [thing for thing in gc.get_objects() if isinstance(thing, (Call, Leg, MediaLeg))]


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize(
    "course", [answered, declined, cancelled, left_a_message, transferred, asked_twice]
)
def test_nothing_of_a_call_is_left(
    course: Callable[[SimulatedPhone, SimulatedPhone], Awaitable[None]],
) -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        await course(alice, bob)
        await world.record()

    play(scene)
    assert left_of_calls() == []


@pytest.mark.usefixtures("no_collector")
def test_nothing_is_left_of_a_call_over_the_other_flow() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        bob = await world.phone("bob", device=DESK, reg_id=1, transport="tcp")
        dead = await world.phone("bob", name="dead", device=DESK, reg_id=2, transport="tcp")
        dead.vanish()
        await answered(alice, bob)
        await world.record()

    play(scene)
    assert left_of_calls() == []


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("reaction", [Answer(), Decline(486)])
def test_nothing_is_left_of_a_paid_call(reaction: Answer | Decline) -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1").reaction = reaction
        alice = await world.phone("alice")
        call = await alice.dial(LONDON)
        await call.settled()
        await asyncio.sleep(100)
        call.hang_up()
        await world.record()
        assert world.wallet.charges or reaction != Answer()

    play(scene)
    assert left_of_calls() == []


@pytest.mark.usefixtures("no_collector")
def test_nothing_is_left_of_a_phone_for_which_there_was_no_port() -> None:
    async def scene(world: World) -> None:
        taken = []
        while world.ports.free_count > 10:
            taken.append(world.ports.take())
        alice = await world.phone("alice")
        office = world.nat()
        phones = [await world.phone("bob", name=f"bob-{number}", nat=office) for number in range(3)]
        # One joins alice's pair, one gets the last that is not kept for emergencies.
        call = await alice.dial("102")
        await asyncio.sleep(1)
        assert len([phone for phone in phones if phone.calls]) == 2
        call.hang_up()
        await world.record()
        for port in taken:
            world.ports.give_back(port)

    play(scene)
    assert left_of_calls() == []
