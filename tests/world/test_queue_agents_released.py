"""An agent is free for the next caller when the own talk is over, however it ended."""

import asyncio

from tests.world.queue_scene import call_in, support

from callwright.domains.queues.view import AgentCondition
from callwright.kernel.ids import CallQueueId
from callwright.kernel.limits.media import MEDIA_TIMEOUT_S
from callwright.testing.world import World, play

TEAM = [{"user": "alice"}, {"user": "bob"}]


def conditions(world: World) -> list[AgentCondition]:
    """Of alice and of bob."""
    view = world.node.floor.view(CallQueueId("support"))
    assert view is not None
    return [each.condition for each in view.agents]


def test_wrap_up_of_one_agent_waits_for_nobody_elses_talk() -> None:
    """opensips#2679: nobody was free again before the last agent had finished."""

    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        calls = []
        for phone, calling in ((alice, "+12065552368"), (bob, "+12065552369")):
            call = call_in(world, calling)
            (await phone.rings()).answer()
            await call.until_hears(phone.name)
            calls.append(call)
        calls[0].hang_up()
        await asyncio.sleep(1)
        assert conditions(world) == [AgentCondition.WRAP_UP, AgentCondition.IN_CALL]
        next_one = call_in(world, "+12065552370")
        (await alice.rings(within_s=31)).answer()
        await next_one.until_hears("alice")
        assert calls[1].hears() == {"bob"}

    play(scene, organisation=support(agents=TEAM, routing="serial", wrap_up_s=30))


def test_an_agent_whose_phone_dies_in_a_talk_is_not_in_it_for_ever() -> None:
    """opensips#3123: whose call had ended unnoticed stayed "in call" until the next restart."""

    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        call = call_in(world)
        (await alice.rings()).answer()
        await call.until_hears("alice")
        alice.vanish()
        await call.ended(within_s=MEDIA_TIMEOUT_S + 5)
        assert AgentCondition.IN_CALL not in conditions(world)
        again = await world.phone("alice")
        await asyncio.sleep(1)
        next_one = call_in(world, "+12065552369")
        (await again.rings(within_s=31)).answer()
        await next_one.until_hears(again.name)

    play(scene, organisation=support(agents=TEAM[:1]))
