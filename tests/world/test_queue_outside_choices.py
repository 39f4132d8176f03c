"""What agents outside chose holds as users' choices do (row 131)."""

import asyncio
from dataclasses import replace

import pytest
from tests.world.queue_scene import call_in
from tests.world.test_queue_agents import SUPPORT
from tests.world.test_queue_outside_agents import MOBILE, with_mobile

from callwright.kernel.ids import UserId
from callwright.testing.world import World, play

OUTSIDE = UserId(MOBILE)


@pytest.mark.row(131)
def test_a_change_of_the_configuration_and_a_restart_end_no_opt_out_outside() -> None:
    """Each new revision brought back who is no user."""

    async def scene(world: World) -> None:
        assert await world.node.queues.acts.opt_out(OUTSIDE, SUPPORT) is None
        before = world.snapshot
        await world.use(replace(before, revision=before.revision + 1))
        call = call_in(world)
        await call.until_hears("music")
        await asyncio.sleep(20)
        assert not world.carrier("sbc1").invites
        call.hang_up()
        await world.record()
        await world.node.stop(0.5)
        await world.restart_node()
        again = call_in(world)
        await again.until_hears("music")
        await asyncio.sleep(20)
        assert not world.carrier("sbc1").invites

    play(scene, organisation=with_mobile())


def test_a_pause_outside_ends_when_no_queue_rings_the_number_any_longer() -> None:
    async def scene(world: World) -> None:
        assert await world.node.queues.acts.pause(OUTSIDE, None) is None
        before = world.snapshot
        await world.use(replace(before, revision=before.revision + 1))
        [absence] = world.node.floor.desk.absences()
        assert absence.user == OUTSIDE
        await world.use(replace(before, queues={}))
        assert world.node.floor.desk.absences() == ()
        assert not world.queue_store.absences

    play(scene, organisation=with_mobile())
