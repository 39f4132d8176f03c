"""Who is offered a callback, when, and who is not (SPEC 5.6)."""

import asyncio

import pytest
from tests.world.queue_scene import HEARD_OFFER, call_in, callback, support

from callwright.routing.snapshot import Snapshot
from callwright.testing.handset import Sources
from callwright.testing.world import World, play


def offering(**conditions: int) -> Snapshot:
    return support(callback=callback(**conditions))


def heard_an_offer(heard: list[Sources]) -> bool:
    return {HEARD_OFFER} in heard


@pytest.mark.row(149)
def test_who_finds_so_many_waiting_is_offered_a_callback_and_who_came_before_is_not() -> None:
    async def scene(world: World) -> None:
        calls = [call_in(world, f"+1206444{number:04}") for number in range(5)]
        heard = await asyncio.gather(*(call.listen(128) for call in calls[2:]))
        assert [heard_an_offer(sounds) for sounds in heard] == [False, False, True]

    play(scene, organisation=offering(at_waiting=4))


def test_the_key_is_not_asked_for_while_an_agent_rings() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        call = call_in(world)
        await alice.rings()
        heard = await call.listen(130)
        assert not heard_an_offer(heard)

    play(scene, organisation=support(callback=callback(after_wait_s=60), alert_s=180))


@pytest.mark.row(150)
@pytest.mark.parametrize(("callers", "is_offered"), [(4, False), (5, True)])
def test_more_than_twice_as_many_callers_as_agents_are_offered_a_callback(
    callers: int, is_offered: bool
) -> None:
    async def scene(world: World) -> None:
        calls = [call_in(world, f"+1206444{number:04}") for number in range(callers)]
        heard = await calls[-1].listen(128)
        assert heard_an_offer(heard) is is_offered

    play(scene, organisation=offering(over_ratio=2))


@pytest.mark.row(153)
@pytest.mark.parametrize(
    "calling", ["+19005551234", "anonymous", "4711", "+12065550123", "+18765551234"]
)
def test_who_cannot_be_called_back_is_offered_nothing(calling: str) -> None:
    async def scene(world: World) -> None:
        call = call_in(world, calling)
        assert not heard_an_offer(await call.listen(128))
        call.hang_up()
        record = await world.record()
        assert any(step.what == "no callback is offered" for step in record.steps)

    play(scene, organisation=offering(after_wait_s=60))


def test_another_key_than_the_queues_is_no_wish() -> None:
    async def scene(world: World) -> None:
        call = call_in(world)
        await call.until_hears(HEARD_OFFER, within_s=150)
        await call.press("2")
        await call.until_hears("music", within_s=8)
        assert not call.is_over

    play(scene, organisation=offering(after_wait_s=60))
