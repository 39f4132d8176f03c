"""Promises to call back that are given twice, taken back, or outlive their queue (SPEC 5.6)."""

import asyncio

import pytest
from tests.world.contoso_scene import contoso
from tests.world.queue_scene import CUSTOMER, HEARD_OFFER, call_in, callback, support
from tests.world.test_queue_callbacks import (
    offering,
    serve,
    take_offer,
    visit_of,
    without_support,
)

from callwright.calls.record import CallRecord
from callwright.calls.visits import QueueResult
from callwright.kernel.ids import CallQueueId
from callwright.kernel.reason import Reason
from callwright.testing.world import World, play

SUPPORT = CallQueueId("support")


def check_end(world: World, record: CallRecord, asked: CallRecord, reason: Reason) -> None:
    assert (record.reason, record.callee) == (reason, CUSTOMER)
    assert record.answered_at is None
    visit = visit_of(record)
    assert (visit.result, visit.callback_of) == (QueueResult.CALLBACK_FAILED, asked.id)
    assert not world.postbox.failed_callbacks, "there is nobody who should call by hand"
    assert not world.queue_store.callback_requests.kept
    assert world.node.floor.waiting_count(SUPPORT) == 0


def test_a_queue_that_is_removed_while_an_agent_rings_ends_its_callbacks() -> None:
    async def scene(world: World) -> None:
        await take_offer(call_in(world))
        rung = await (await world.phone("alice")).rings(within_s=1)
        await world.use(contoso(without_support))
        await rung.ended(within_s=1)
        check_end(world, await world.record(3), await world.record(), Reason.QUEUE_CLOSED)

    play(scene, organisation=offering(after_wait_s=60))


def test_a_queue_that_is_gone_after_a_restart_ends_its_callbacks() -> None:
    async def scene(world: World) -> None:
        await take_offer(call_in(world))
        await world.node.stop(0)
        await world.tasks.close()
        world.snapshot = contoso(without_support)
        await world.restart_node()
        check_end(world, await world.record(2), await world.record(), Reason.QUEUE_CLOSED)

    play(scene, organisation=offering(after_wait_s=60))


@pytest.mark.parametrize("rings", [False, True])
def test_a_callback_that_is_cancelled_rings_nobody_and_says_who_did(rings: bool) -> None:
    async def scene(world: World) -> None:
        await take_offer(call_in(world))
        asked = await world.record()
        rung = await (await world.phone("alice")).rings(within_s=1) if rings else None
        assert world.node.callback_desk.cancel(asked.id, "olga")
        if rung is not None:
            await rung.ended(within_s=1)
        await asyncio.sleep(1)
        record = world.journal.records[-1]
        check_end(world, record, asked, Reason.CALLBACK_CANCELLED)
        assert any(step.because == "olga cancelled it" for step in record.steps)
        assert not world.node.callback_desk.cancel(asked.id, "olga")
        await asyncio.sleep(130)
        assert not world.carrier("sbc1").invites
        assert not (await world.phone("bob")).calls

    play(scene, organisation=offering(after_wait_s=60))


def test_a_customer_who_asks_twice_is_called_once_in_the_first_place() -> None:
    async def scene(world: World) -> None:
        await take_offer(call_in(world))
        await take_offer(call_in(world))
        first, second = await world.record(), await world.record(2)
        assert second.reason is Reason.CALLBACK_PROMISED
        assert any(first.id in step.because for step in second.steps)
        [kept] = world.queue_store.callback_requests.kept.values()
        assert (kept.call, kept.joined_at) == (first.id, visit_of(first).started_at)
        assert world.node.floor.waiting_count(SUPPORT) == 1
        rung = await serve(world, "alice")
        rung.hang_up()
        await asyncio.sleep(300)
        assert len(world.carrier("sbc1").invites) == 1
        assert not world.postbox.failed_callbacks

    play(scene, organisation=offering(after_wait_s=60))


@pytest.mark.parametrize("is_full", [False, True])
def test_a_customer_who_asks_on_two_lines_at_once_is_called_once(is_full: bool) -> None:
    """Or on neither, where nothing can be kept: both wait on."""

    async def scene(world: World) -> None:
        stored = world.queue_store.callback_requests
        stored.disk_s, stored.is_full = 2.0, is_full
        first = call_in(world, "+12065550177")
        both = [call_in(world), call_in(world)]
        for call in both:
            await call.until_hears(HEARD_OFFER, within_s=150)
        for call in both:
            await call.press("1")
        await asyncio.sleep(10)
        assert [call.is_over for call in both] == [not is_full, not is_full]
        assert len(stored.kept) == (0 if is_full else 1)
        assert world.node.floor.waiting_count(SUPPORT) == (3 if is_full else 2)
        first.hang_up()
        if is_full:
            (await (await world.phone("alice")).rings()).answer()
            await both[0].until_hears("alice")
        else:
            await serve(world, "alice")
            await asyncio.sleep(300)
            assert len(world.carrier("sbc1").invites) == 1

    play(scene, organisation=support(callback=callback(at_waiting=1)))


def test_a_promise_that_is_given_again_holds_as_long_as_the_second_caller_could_have_waited() -> (
    None
):
    async def scene(world: World) -> None:
        await take_offer(call_in(world))
        await take_offer(call_in(world))
        await asyncio.sleep(100)  # of the first promise 300 s are over
        assert not world.postbox.failed_callbacks
        await serve(world, "alice")

    queue = support(callback=callback(after_wait_s=60), timeout={"after_s": 300})
    play(scene, organisation=queue)


def test_who_is_to_be_called_back_takes_one_of_the_places_that_callers_may_have() -> None:
    async def scene(world: World) -> None:
        await take_offer(call_in(world))
        assert await call_in(world, "+12065550177").ended(within_s=1) == 486
        assert (await world.record(2)).reason is Reason.QUEUE_OVERFLOW
        await serve(world, "alice")

    play(scene, organisation=support(callback=callback(after_wait_s=60), max_waiting=1))
