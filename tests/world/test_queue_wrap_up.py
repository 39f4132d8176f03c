"""When an agent's work after a call begins, whatever else happens at the agent's phones."""

import asyncio

from tests.world.queue_scene import call_in, support
from tests.world.test_queue_agents import ALICE, SUPPORT

from callwright.testing.world import World, play

ONLY_ALICE = [{"user": "alice"}]
ANOTHER = "+12065552369"


def test_wrap_up_begins_though_another_phone_call_rings() -> None:
    """It was skipped, and a new caller was offered to the agent at once."""

    async def scene(world: World) -> None:
        alice, dave = await world.phone("alice"), await world.phone("dave")
        call = call_in(world)
        (await alice.rings()).answer()
        await call.until_hears("alice")
        private = await dave.dial("101")
        await alice.rings()
        call.hang_up()
        await asyncio.sleep(1)
        wrap_up = world.node.floor.desk.wrap_up_of(ALICE)
        assert wrap_up is not None
        assert wrap_up.queue == SUPPORT
        waiting = call_in(world, ANOTHER)
        await waiting.until_hears("music")
        private.hang_up()
        await asyncio.sleep(50)
        assert world.node.floor.offer_of(ALICE) is None
        await alice.rings(within_s=10)

    play(scene, organisation=support(agents=ONLY_ALICE, presence_based=False, wrap_up_s=60))


def test_who_talks_to_somebody_else_begins_no_wrap_up_before_that_is_over() -> None:
    async def scene(world: World) -> None:
        alice, dave = await world.phone("alice"), await world.phone("dave")
        call = call_in(world)
        (await alice.rings()).answer()
        await call.until_hears("alice")
        private = await dave.dial("101")
        (await alice.rings()).answer()
        await private.answered()
        call.hang_up()
        await asyncio.sleep(30)
        assert world.node.floor.desk.wrap_up_of(ALICE) is None
        private.hang_up()
        await asyncio.sleep(1)
        assert world.node.floor.desk.wrap_up_of(ALICE) is not None

    play(scene, organisation=support(agents=ONLY_ALICE, wrap_up_s=60))
