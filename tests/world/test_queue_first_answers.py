"""The first agent who answers is gone again before anybody could talk, and others still ring."""

import asyncio

import pytest
from tests.world.queue_scene import call_in, repairs, support

from callwright.testing.world import World, play

TEAM = [{"user": "alice"}, {"user": "bob"}, {"user": "erin"}]


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
