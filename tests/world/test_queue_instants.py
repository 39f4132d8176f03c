"""Answers in the very instant in which a time limit of the queue is reached."""

import asyncio

import pytest
from tests.world.queue_scene import CUSTOMER, HEARD_OFFER, call_in, callback, support

from callwright.testing.network import PERFECT
from callwright.testing.phone_call import PhoneCall
from callwright.testing.world import World, play

ALICE = [{"user": "alice"}]


def timer_near(world: World, at_s: float) -> float:
    """When exactly the timer fires that is set for about then."""
    return min((each.when() for each in world.loop.timers()), key=lambda when: abs(when - at_s))


def answer_at(world: World, rung: PhoneCall, at_s: float) -> None:
    """The answer reaches the system then."""
    world.loop.call_at(at_s - PERFECT.delay_s, rung.answer)


@pytest.mark.parametrize("announce", [None, {"every_s": 600}])
def test_an_agent_who_answers_when_the_callers_time_is_up_has_the_caller(
    announce: dict[str, object] | None,
) -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        call = call_in(world)
        await call.answered()
        limit_s = timer_near(world, world.clock.monotonic() - PERFECT.delay_s + 60)
        answer_at(world, await alice.rings(), limit_s)
        await call.until_hears("alice", within_s=61)
        await asyncio.sleep(30)
        assert call.hears() == {"alice"}

    queue = support(agents=ALICE, announce=announce, alert_s=180, timeout={"after_s": 60})
    play(scene, organisation=queue)


@pytest.mark.parametrize("off_s", [-0.001, 0.0, 0.001, PERFECT.delay_s, 0.009])
def test_whenever_an_agent_answers_nobody_is_left_alone(off_s: float) -> None:
    """Around the end of the alert time: the two talk, or the phone is free and the caller waits."""

    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        call = call_in(world)
        rung = await alice.rings()
        ends_s = timer_near(world, world.clock.monotonic() - PERFECT.delay_s + 15)
        answer_at(world, rung, ends_s + off_s)
        await asyncio.sleep(ends_s + 1 - world.clock.monotonic())
        assert rung.is_over is (call.hears() != {"alice"})
        if rung.is_over:
            (await alice.rings()).answer()
        await call.until_hears("alice")
        assert len(alice.live_calls) == 1

    play(scene, organisation=support(agents=ALICE, alert_s=15))


def test_an_agent_who_answers_when_the_time_of_a_callback_is_up_talks_to_the_customer() -> None:
    async def scene(world: World) -> None:
        call = call_in(world)
        await call.answered()
        joined_s = world.clock.monotonic() - PERFECT.delay_s
        await call.until_hears(HEARD_OFFER, within_s=150)
        await call.press("1")
        await call.ended(within_s=10)
        await asyncio.sleep(joined_s + 299 - world.clock.monotonic())
        rung = await (await world.phone("alice")).rings()
        await asyncio.sleep(0.1)
        answer_at(world, rung, timer_near(world, joined_s + 300))
        await rung.until_hears(CUSTOMER, within_s=5)

    queue = support(agents=ALICE, callback=callback(after_wait_s=60), timeout={"after_s": 300})
    play(scene, organisation=queue)
