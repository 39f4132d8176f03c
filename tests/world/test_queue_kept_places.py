"""Who keeps a place over a restart: callers whom the stop itself cut off, one place each."""

import asyncio

from tests.world.queue_scene import call_in, support
from tests.world.test_queue_agents import SUPPORT

from callwright.testing.world import World, play

ONLY_ALICE = [{"user": "alice"}]
FIRST, STRANGER = "+12065552001", "+12065552003"


def waiting(world: World) -> list[str]:
    view = world.node.floor.view(SUPPORT)
    assert view is not None
    return [each.caller for each in view.waiting]


def test_who_is_served_while_the_system_drains_keeps_no_place() -> None:
    """After the restart that caller overtook everybody."""

    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        served = call_in(world, FIRST)
        await served.until_hears("music")
        await asyncio.sleep(10)
        stopping = asyncio.ensure_future(world.node.stop(60))
        (await alice.rings(within_s=40)).answer()
        await served.until_hears("alice")
        await asyncio.sleep(5)
        served.hang_up()
        await stopping
        assert not world.queue_store.places
        await world.restart_node()
        stranger = call_in(world, STRANGER)
        await stranger.until_hears("music")
        again = call_in(world, FIRST)
        await again.until_hears("music")
        assert waiting(world) == [STRANGER, FIRST]

    play(scene, organisation=support(agents=ONLY_ALICE))


def test_who_hangs_up_while_the_system_drains_keeps_no_place_and_who_is_cut_off_does() -> None:
    async def scene(world: World) -> None:
        leaving, staying = call_in(world, FIRST), call_in(world, STRANGER)
        await staying.until_hears("music")
        stopping = asyncio.ensure_future(world.node.stop(10))
        await asyncio.sleep(1)
        leaving.hang_up()
        await stopping
        assert [place.number for place in world.queue_store.places.values()] == [STRANGER]

    play(scene, organisation=support(agents=ONLY_ALICE))


def test_whose_time_is_up_while_the_system_drains_keeps_no_place() -> None:
    async def scene(world: World) -> None:
        call = call_in(world)
        await call.until_hears("music")
        await asyncio.sleep(10)
        await world.node.stop(20)
        assert call.is_over
        assert not world.queue_store.places

    play(scene, organisation=support(agents=ONLY_ALICE, timeout={"after_s": 15}))


def test_each_caller_behind_a_shared_number_gets_a_place_back() -> None:
    """The first who called again used up the places of all."""

    async def scene(world: World) -> None:
        first = call_in(world, FIRST)
        await first.until_hears("music")
        second = call_in(world, FIRST)
        await second.until_hears("music")
        await asyncio.sleep(60)
        await world.node.stop(0.5)
        await first.ended()
        await second.ended()
        await world.restart_node()
        stranger = call_in(world, STRANGER)
        await stranger.until_hears("music")
        for _ in range(3):
            again = call_in(world, FIRST)
            await again.until_hears("music")
        assert waiting(world) == [FIRST, FIRST, STRANGER, FIRST]

    play(scene, organisation=support(agents=ONLY_ALICE))
