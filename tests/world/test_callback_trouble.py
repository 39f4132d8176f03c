"""Promised callbacks at bad moments: late agents, a stop, a switch or a recorder that is down."""

import asyncio

import pytest
from tests.world.queue_scene import CUSTOMER, call_in, callback, support
from tests.world.test_queue_callbacks import offering, serve, take_offer

from callwright.kernel.ids import UserId
from callwright.kernel.reason import Reason
from callwright.testing.agent import Answer, Ring
from callwright.testing.world import World, play

ALICE, BOB = UserId("alice"), UserId("bob")
OTHER = "+12064440001"


def test_a_request_whose_time_is_over_while_an_agent_rings_is_mailed_and_nobody_rings_on() -> None:
    async def scene(world: World) -> None:
        await take_offer(call_in(world))
        alice = await world.phone("alice")
        alice.reaction = Ring()
        await asyncio.sleep(150)
        assert alice.live_calls, "she lets it ring, again and again"
        await asyncio.sleep(150)
        assert not alice.live_calls
        [(_, why)] = world.postbox.failed_callbacks
        assert "no agent was free" in why
        assert not world.queue_store.callback_requests.kept
        assert len(world.journal.records) < 10

    organisation = support(callback=callback(after_wait_s=60), timeout={"after_s": 300})
    play(scene, organisation=organisation)


def test_a_promise_outlives_a_moment_without_any_agent() -> None:
    """A restart, after which phones come back one by one, or a switch that is replaced."""

    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        await world.node.queues.acts.pause(ALICE, None)
        await take_offer(call_in(world))
        await alice.unregister()
        await asyncio.sleep(20)
        assert not world.postbox.failed_callbacks
        await world.node.queues.acts.resume(ALICE)
        await alice.register()
        rung = await alice.rings(within_s=1)
        rung.answer()
        await rung.until_hears(CUSTOMER, within_s=5)

    organisation = support(callback=callback(after_wait_s=60), no_agents={"to": "disconnect"})
    play(scene, organisation=organisation)


def test_a_system_that_stops_calls_nobody_and_loses_no_attempt() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        await take_offer(call_in(world))
        await take_offer(call_in(world, OTHER))
        carrier.reaction = Ring()
        acts = world.node.queues.acts
        await acts.pause(BOB, None)
        alice, bob = await world.phone("alice"), await world.phone("bob")
        (await alice.rings(within_s=1)).answer()
        await asyncio.sleep(1)
        stopping = asyncio.ensure_future(world.node.stop(10))
        await acts.resume(BOB)
        await asyncio.sleep(5)
        assert not bob.calls
        await stopping
        await world.tasks.close()
        kept = world.queue_store.callback_requests.kept.values()
        assert [request.attempts for request in kept] == [0, 0]
        assert not world.postbox.failed_callbacks
        alice.reaction = bob.reaction = carrier.reaction = Answer(after_s=1)
        await world.restart_node()
        await asyncio.sleep(30)
        assert not kept
        world.hang_up()

    play(scene, organisation=offering(after_wait_s=60))


def test_who_asks_twice_is_called_once() -> None:
    async def scene(world: World) -> None:
        await take_offer(call_in(world))
        await take_offer(call_in(world), within_s=300)
        await serve(world, "alice")
        bob = await world.phone("bob")
        await asyncio.sleep(60)
        assert not bob.calls
        assert not world.postbox.failed_callbacks
        assert not world.queue_store.callback_requests.kept
        world.hang_up()

    play(scene, organisation=offering(at_waiting=1, after_wait_s=60))


def test_a_talk_that_was_promised_is_recorded_like_any_other() -> None:
    async def scene(world: World) -> None:
        await take_offer(call_in(world))
        rung = await serve(world, "alice")
        await asyncio.sleep(20)
        rung.hang_up()
        record = await world.record(2)
        await asyncio.sleep(1)
        [kept] = world.queue_store.recordings.kept
        assert (kept.call, kept.agent, kept.caller) == (record.id, "alice", CUSTOMER)
        assert kept.duration_s == pytest.approx(20, abs=1)

    recording = {"announcement": {"say": "This call is recorded."}, "strict": True}
    play(scene, organisation=support(callback=callback(after_wait_s=60), recording=recording))


def test_a_talk_that_was_promised_and_cannot_be_recorded_ends_where_it_has_to_be() -> None:
    async def scene(world: World) -> None:
        await take_offer(call_in(world))
        world.queue_store.recordings.is_down = True
        phone = await world.phone("alice")
        rung = await phone.rings(within_s=5)
        rung.answer()
        await rung.ended(within_s=20)
        assert (await world.record(2)).reason is Reason.RECORDER_DOWN

    recording = {"announcement": {"say": "This call is recorded."}, "strict": True}
    play(scene, organisation=support(callback=callback(after_wait_s=60), recording=recording))
