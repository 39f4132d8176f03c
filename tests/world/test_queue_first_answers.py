"""The first agent who answers is gone again before anybody could talk, and others still ring."""

import asyncio

import pytest
from tests.world.queue_scene import call_in, repairs, support

from callwright.domains.queues.view import AgentCondition
from callwright.kernel.ids import CallQueueId
from callwright.testing.world import World, play

TEAM = [{"user": "alice"}, {"user": "bob"}, {"user": "erin"}]
SUPPORT = CallQueueId("support")


@pytest.mark.parametrize("routing", ["attendant", "serial"])
def test_a_caller_whose_first_agent_hangs_up_at_once_goes_to_the_others(routing: str) -> None:
    """asterisk#1557: all other phones had been let go, and the caller waited for a new round."""

    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = call_in(world)
        rung = await alice.rings()
        rung.answer()
        rung.session._send_bye(())  # without waiting for the ACK (RFC 3261 §15)
        await asyncio.sleep(1)
        assert not call.is_over
        assert len(bob.live_calls) == 1
        bob.live_calls[0].answer()
        await call.until_hears("bob")
        assert repairs(world) == 0

    play(scene, organisation=support(agents=TEAM, routing=routing, alert_s=180))


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
        view = world.node.floor.view(SUPPORT)
        assert view is not None
        conditions = {each.agent: each.condition for each in view.agents}
        assert conditions["alice"] is AgentCondition.WRAP_UP
        assert conditions["bob"] is AgentCondition.IN_CALL
        next_one = call_in(world, "+12065552370")
        (await alice.rings(within_s=31)).answer()
        await next_one.until_hears("alice")
        assert calls[1].hears() == {"bob"}

    play(scene, organisation=support(agents=TEAM[:2], routing="serial", wrap_up_s=30))
