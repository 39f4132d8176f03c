"""An emergency call is placed whatever else is wrong (design §5)."""

import asyncio

from callwright.calls.record import CallResult
from callwright.kernel.reason import Reason
from callwright.testing.agent import Answer, Ignore
from callwright.testing.world import World, play


def test_the_last_ports_are_kept_for_it() -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1").reaction = Answer(1)
        taken = []
        while world.ports.free_count > 8:
            taken.append(world.ports.take())
        alice, bob = await world.phone("alice"), await world.phone("bob")
        bob.reaction = Answer(1)
        ordinary = await alice.dial("102")
        assert await ordinary.ended() == 503
        assert (await world.record()).reason is Reason.OVERLOADED
        urgent = await alice.dial("911")
        await urgent.answered()
        await urgent.until_hears("911")
        urgent.hang_up()
        await world.record(2)
        for port in taken:
            world.ports.give_back(port)

    play(scene)


def test_a_gateway_that_says_trying_and_no_more_is_passed_over() -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1").reaction = Ignore()
        world.carrier("sbc2").reaction = Answer(1)
        alice = await world.phone("alice")
        call = await alice.dial("911")
        began_s = world.clock.monotonic()
        await call.answered(within_s=30)
        assert world.clock.monotonic() - began_s < 15
        call.hang_up()
        assert (await world.record()).gateway == "sbc2"

    play(scene)


def test_a_stopping_node_lets_it_go_on() -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1").reaction = Answer(1)
        alice = await world.phone("alice")
        call = await alice.dial("911")
        await call.answered()
        stopping = asyncio.ensure_future(world.node.stop(10))
        await asyncio.sleep(300)
        await call.until_hears("911")
        call.hang_up()
        await stopping
        assert (await world.record()).result is CallResult.ANSWERED

    play(scene)


def test_the_call_back_rings_whoever_called_before_any_forward() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        carrier.reaction = Answer(1)
        carol, bob = await world.phone("carol"), await world.phone("bob")
        call = await carol.dial("911")
        await call.answered()
        call.hang_up()
        await world.record()
        back = carrier.call("+14255550119", calling="911")
        await carol.rings()
        assert bob.calls == []
        back.hang_up()
        await world.record(2)

    play(scene)
