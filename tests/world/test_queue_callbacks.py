"""Callers who hang up and keep their place: they are called when an agent is there (SPEC 5.6)."""

import asyncio
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from tests.world.queue_scene import (
    CUSTOMER,
    HEARD_OFFER,
    SUPPORT_NUMBER,
    call_in,
    callback,
    repairs,
    support,
)

from callwright.calls.record import CallRecord, CallResult, Direction
from callwright.calls.visits import QueueResult, QueueVisit
from callwright.kernel.ids import CallQueueId
from callwright.kernel.reason import Reason
from callwright.routing.snapshot import Snapshot
from callwright.testing.agent import Answer, Decline, Reaction, Ring
from callwright.testing.phone_call import PhoneCall
from callwright.testing.world import World, play

PROMISE = "say: We will call you back. Goodbye."
SUPPORT = CallQueueId("support")


def offering(**conditions: int) -> Snapshot:
    return support(callback=callback(**conditions))


async def take_offer(call: PhoneCall, *, within_s: float = 150) -> None:
    await call.until_hears(HEARD_OFFER, within_s=within_s)
    await call.press("1")
    await call.until_hears(PROMISE, within_s=3)
    await call.ended(within_s=10)


def visit_of(record: CallRecord) -> QueueVisit:
    [visit] = record.visits
    assert isinstance(visit, QueueVisit)
    return visit


@pytest.mark.row(148)
def test_who_waited_a_minute_is_offered_a_callback_after_the_music_and_let_go() -> None:
    async def scene(world: World) -> None:
        call = call_in(world)
        await call.answered()
        began_s = world.clock.monotonic()
        await call.until_hears(HEARD_OFFER, within_s=150)
        assert world.clock.monotonic() - began_s == pytest.approx(120, abs=1)  # the music's length
        await call.press("1")
        await call.until_hears(PROMISE, within_s=3)
        await call.ended(within_s=10)
        record = await world.record()
        assert (record.result, record.reason) == (CallResult.ANSWERED, Reason.CALLBACK_PROMISED)
        assert visit_of(record).result is QueueResult.CALLBACK_REQUESTED
        assert world.node.floor.waiting_count(SUPPORT) == 1
        [kept] = world.queue_store.callback_requests.kept.values()
        assert (kept.number, kept.account, kept.call) == (CUSTOMER, "support-line", record.id)
        await serve(world, "alice")

    play(scene, organisation=offering(after_wait_s=60))


async def serve(world: World, agent: str) -> PhoneCall:
    """The agent signs in, answers the callback, and talks to the customer."""
    phone = await world.phone(agent)
    rung = await phone.rings(within_s=5)
    rung.answer()
    await rung.until_hears(CUSTOMER, within_s=10)
    return rung


@pytest.mark.row(151)
def test_the_agent_is_called_first_then_the_customer_and_both_records_are_linked() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        call = call_in(world)
        await take_offer(call)
        alice = await world.phone("alice")
        rung = await alice.rings(within_s=1)
        assert rung.shown == ("support: +12065552368", CUSTOMER) or CUSTOMER in rung.shown[1]
        assert not carrier.invites, "the customer is called when an agent is there"
        rung.answer()
        await rung.until_hears(CUSTOMER, within_s=5)
        [invite] = carrier.invites
        assert invite.uri.partition("@")[0] == f"sip:{CUSTOMER}"
        assert invite.from_.uri.user == SUPPORT_NUMBER
        [customer] = carrier.live_calls
        await customer.until_hears("alice", within_s=1)
        await asyncio.sleep(30)
        rung.hang_up()
        asked, called = await world.record(), await world.record(2)
        assert called.direction is Direction.OUTBOUND
        assert (called.caller, called.callee) == (SUPPORT_NUMBER, CUSTOMER)
        assert (called.result, called.caller_user) == (CallResult.ANSWERED, "alice")
        visit = visit_of(called)
        assert visit.callback_of == asked.id
        assert (visit.result, visit.agent) == (QueueResult.CALLBACK_ANSWERED, "alice")
        assert visit.started_at == visit_of(asked).started_at
        [offer] = visit.offers
        assert offer.talk_s == pytest.approx(30, abs=2)
        assert not world.queue_store.callback_requests.kept

    play(scene, organisation=offering(after_wait_s=60))


@pytest.mark.row(152)
def test_a_callback_that_nobody_serves_in_time_is_mailed_to_the_group() -> None:
    async def scene(world: World) -> None:
        await take_offer(call_in(world))
        await asyncio.sleep(300)
        [(request, why)] = world.postbox.failed_callbacks
        assert request.number == CUSTOMER
        assert "no agent was free" in why
        assert world.node.floor.waiting_count(SUPPORT) == 0
        assert not world.queue_store.callback_requests.kept

    organisation = support(callback=callback(after_wait_s=60), timeout={"after_s": 300})
    play(scene, organisation=organisation)


def test_a_customer_who_does_not_answer_is_tried_three_times_and_then_mailed() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        await take_offer(call_in(world))
        carrier.reaction = Ring()
        alice = await world.phone("alice")
        alice.reaction = Answer(after_s=1)
        await asyncio.sleep(600)
        assert len(carrier.invites) == 3
        records = [r for r in world.journal.records if visit_of(r).callback_of is not None]
        assert {visit_of(r).result for r in records} == {QueueResult.CALLBACK_FAILED}
        apart = [later.started_at - one.ended_at for one, later in pairwise(records)]
        assert all(gap >= timedelta(minutes=2) for gap in apart)
        [(request, why)] = world.postbox.failed_callbacks
        assert request.attempts == 2
        assert "could not be reached" in why
        assert not alice.live_calls
        assert repairs(world) == 0

    play(scene, organisation=offering(after_wait_s=60))


def test_the_agent_hears_that_the_customer_was_not_reached() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        await take_offer(call_in(world))
        carrier.reaction = Decline(486)
        alice = await world.phone("alice")
        rung = await alice.rings(within_s=1)
        rung.answer()
        await rung.until_hears("say: The customer could not be reached.", within_s=5)
        await rung.ended(within_s=10)
        world.carrier("sbc1").reaction = Answer(after_s=1)
        again = await alice.rings(within_s=130)
        again.answer()
        await again.until_hears(CUSTOMER, within_s=5)

    play(scene, organisation=offering(after_wait_s=60))


def test_a_callback_keeps_the_place_before_who_came_later() -> None:
    async def scene(world: World) -> None:
        await take_offer(call_in(world))
        later = call_in(world, "+12065550177")
        await later.until_hears("music")
        alice = await world.phone("alice")
        rung = await alice.rings(within_s=1)
        assert rung.shown[1] == CUSTOMER
        rung.answer()
        await rung.until_hears(CUSTOMER, within_s=5)
        rung.hang_up()
        assert (await alice.rings()).shown[1] == "+12065550177"

    play(scene, organisation=offering(after_wait_s=60))


def test_a_callback_survives_a_restart() -> None:
    async def scene(world: World) -> None:
        await take_offer(call_in(world))
        await world.node.stop(0)
        await world.tasks.close()
        await world.restart_node()
        alice = await world.phone("alice")
        rung = await alice.rings(within_s=5)
        rung.answer()
        await rung.until_hears(CUSTOMER, within_s=5)
        assert not world.queue_store.callback_requests.kept

    play(scene, organisation=offering(after_wait_s=60))


def test_a_disk_that_is_full_promises_nothing_and_the_caller_waits_on() -> None:
    async def scene(world: World) -> None:
        world.queue_store.callback_requests.is_full = True
        call = call_in(world)
        await call.until_hears(HEARD_OFFER, within_s=150)
        await call.press("1")
        sorry = "say: Sorry, we cannot call you back now. Please hold the line."
        await call.until_hears(sorry, within_s=3)
        await call.until_hears("music", within_s=10)
        assert world.node.floor.waiting_count(SUPPORT) == 1
        alice = await world.phone("alice")
        (await alice.rings()).answer()
        await call.until_hears("alice")

    play(scene, organisation=offering(after_wait_s=60))


def test_a_disk_that_fills_up_later_does_not_end_the_attempts() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        await take_offer(call_in(world))
        world.queue_store.callback_requests.is_full = True
        carrier.reaction = Decline(486)
        alice = await world.phone("alice")
        (await alice.rings(within_s=1)).answer()
        await asyncio.sleep(10)
        carrier.reaction = Answer(after_s=1)
        again = await alice.rings(within_s=130)
        again.answer()
        await again.until_hears(CUSTOMER, within_s=5)

    play(scene, organisation=offering(after_wait_s=60))


def without_support(file: dict[str, Any]) -> None:
    del file["call_queues"]["support"]
    file["resource_accounts"]["support-line"]["answers"] = {"call_queue": "sales"}
    file["auto_attendants"]["reception"]["open"]["menu"]["keys"].pop("1")


def test_a_customer_who_calls_again_and_is_served_is_not_called_back() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        await take_offer(call_in(world))
        again = call_in(world)
        await again.until_hears("music")
        alice, bob = await world.phone("alice"), await world.phone("bob")
        for_callback = await alice.rings(within_s=1)
        for_caller = await bob.rings(within_s=1)
        for_caller.answer()
        await again.until_hears("bob")
        await for_callback.ended(within_s=1)
        await asyncio.sleep(300)
        assert not carrier.invites
        assert not world.postbox.failed_callbacks
        assert not world.queue_store.callback_requests.kept
        assert world.node.floor.waiting_count(SUPPORT) == 0

    play(scene, organisation=offering(after_wait_s=60))


def test_an_agent_who_hangs_up_on_the_ringing_customer_does_not_lose_the_request() -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1").reaction = Ring()
        await take_offer(call_in(world))
        alice = await world.phone("alice")
        rung = await alice.rings(within_s=1)
        rung.answer()
        await asyncio.sleep(5)
        rung.hang_up()
        await asyncio.sleep(1)
        assert not world.carrier("sbc1").live_calls
        world.carrier("sbc1").reaction = Answer(after_s=1)
        again = await alice.rings(within_s=130)
        again.answer()
        await again.until_hears(CUSTOMER, within_s=5)

    play(scene, organisation=offering(after_wait_s=60))


def test_an_agent_who_answers_before_the_promise_is_kept_has_the_caller_and_nobody_is_called() -> (
    None
):
    async def scene(world: World) -> None:
        world.queue_store.callback_requests.disk_s = 2.0
        call = call_in(world)
        await call.until_hears(HEARD_OFFER, within_s=150)
        await call.press("1")
        alice = await world.phone("alice")
        (await alice.rings(within_s=1)).answer()
        await call.until_hears("alice", within_s=1)
        await asyncio.sleep(5)
        assert not world.queue_store.callback_requests.kept
        assert world.node.floor.waiting_count(SUPPORT) == 0
        call.hang_up()

    play(scene, organisation=offering(after_wait_s=60))


def test_a_caller_who_hangs_up_right_after_the_key_is_called_back() -> None:
    async def scene(world: World) -> None:
        world.queue_store.callback_requests.disk_s = 2.0
        call = call_in(world)
        await call.until_hears(HEARD_OFFER, within_s=150)
        await call.press("1")
        await asyncio.sleep(1)
        call.hang_up()
        await asyncio.sleep(2)
        await serve(world, "alice")

    play(scene, organisation=offering(after_wait_s=60))


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_to_callbacks_nothing_is_left_behind(seed: int) -> None:
    """Customers who answer, decline or let it ring, agents who come and go: every request is served
    or mailed, and every record of an attempt names the call that asked."""

    async def scene(world: World) -> None:
        random, carrier = world.loop.random, world.carrier("sbc1")
        customers: list[Reaction] = [Answer(after_s=2), Ring(), Decline(486)]
        agents: list[Reaction] = [Answer(after_s=1), Decline(603), Answer(after_s=14)]
        for number in range(3):
            call = call_in(world, f"+1206444{number:04}")
            await take_offer(call, within_s=300)
        carrier.reactions = {
            f"+1206444{number:04}": random.choice(customers) for number in range(3)
        }
        for name in ("alice", "bob"):
            phone = await world.phone(name)
            phone.reaction = random.choice(agents)
        for _ in range(80):
            await asyncio.sleep(random.uniform(1, 30))
            for each in world.phones:
                if each.live_calls and random.random() < 0.3:
                    each.live_calls[0].hang_up()
        world.hang_up()
        await asyncio.sleep(1_000)
        assert not world.queue_store.callback_requests.kept
        asked = {r.id for r in world.journal.records if r.reason is Reason.CALLBACK_PROMISED}
        attempts = [visit_of(r) for r in world.journal.records if r.id not in asked]
        assert {visit.callback_of for visit in attempts} <= asked
        talked = {v.callback_of for v in attempts if v.agent is not None}
        mailed = {request.call for request, _ in world.postbox.failed_callbacks}
        assert talked | mailed == asked
        assert repairs(world) == 0
        assert not talked & mailed

    play(scene, organisation=offering(after_wait_s=30), seed=seed)
