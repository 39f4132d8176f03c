"""An agent answers and hangs up at once: by mistake, and the caller waits on (SPEC 5.1)."""

import asyncio

import pytest
from tests.world.queue_scene import CUSTOMER, call_in, repairs, support
from tests.world.test_queue_agents import ALICE, SUPPORT, TEAM

from callwright.calls.record import CallResult
from callwright.calls.visits import OfferOutcome, QueueResult, QueueVisit
from callwright.kernel.reason import Reason
from callwright.testing.phone_call import PhoneCall
from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World, play

ONLY_ALICE = [{"user": "alice"}]


async def slips(phone: SimulatedPhone, call: PhoneCall) -> None:
    rung = await phone.rings()
    rung.answer()
    await asyncio.sleep(0.5)
    rung.hang_up()
    await call.until_hears("music", within_s=2)


def test_the_caller_waits_on_and_the_others_ring_again() -> None:
    """The call was over; a ring group's caller was not lost so."""

    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = call_in(world)
        await call.until_hears("music")
        began_s = world.clock.monotonic()
        await bob.rings()
        await slips(alice, call)
        assert not call.is_over
        (await bob.rings()).answer()
        await call.until_hears("bob")
        await asyncio.sleep(10)
        call.hang_up()
        waited_s = world.clock.monotonic() - began_s - 10
        record = await world.record()
        assert (record.result, record.callee_user) == (CallResult.ANSWERED, "bob")
        [visit] = record.visits
        assert isinstance(visit, QueueVisit)
        assert (visit.result, visit.agent) == (QueueResult.AGENT_JOINED_CONFERENCE, "bob")
        outcomes = [(offer.agent, offer.outcome) for offer in visit.offers]
        assert (ALICE, OfferOutcome.DECLINED) in outcomes
        assert [agent for agent, outcome in outcomes if outcome is OfferOutcome.ANSWERED] == ["bob"]
        assert visit.wait_s == pytest.approx(waited_s, abs=0.5), "the time waited goes on"
        talks = [offer.talk_s for offer in visit.offers if offer.talk_s is not None]
        assert talks == [pytest.approx(10, abs=0.5)]
        assert repairs(world) == 0

    play(scene, organisation=support(agents=TEAM, routing="attendant"))


def test_the_caller_keeps_the_place_and_the_agent_rests_without_wrap_up() -> None:
    async def scene(world: World) -> None:
        first = call_in(world)
        await first.until_hears("music")
        second = call_in(world, "+12065552369")
        await second.until_hears("music")
        alice = await world.phone("alice")
        await slips(alice, first)
        view = world.node.floor.view(SUPPORT)
        assert view is not None
        assert [each.caller for each in view.waiting] == [CUSTOMER, "+12065552369"]
        assert len(world.queue_store.places) == 2
        assert world.node.floor.offer_of(ALICE) is None
        (await alice.rings(within_s=6)).answer()
        await first.until_hears("alice")
        await asyncio.sleep(5)
        first.hang_up()
        await asyncio.sleep(1)
        assert world.node.floor.desk.wrap_up_of(ALICE) is not None

    play(scene, organisation=support(agents=ONLY_ALICE, wrap_up_s=60))


def test_the_time_limit_counts_from_the_first_moment() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        call = call_in(world)
        await call.answered()
        began_s = world.clock.monotonic()
        await asyncio.sleep(20)
        await slips(alice, call)
        await call.ended(within_s=60)
        assert world.clock.monotonic() - began_s == pytest.approx(60, abs=0.5)
        [visit] = (await world.record()).visits
        assert isinstance(visit, QueueVisit)
        assert visit.result is QueueResult.TIMED_OUT

    play(scene, organisation=support(agents=ONLY_ALICE, timeout={"after_s": 60}, alert_s=180))


def test_a_caller_who_leaves_after_a_slip_abandoned_the_queue() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        call = call_in(world)
        await slips(alice, call)
        await alice.unregister()
        await asyncio.sleep(10)
        call.hang_up()
        record = await world.record()
        assert (record.result, record.reason) == (CallResult.ABANDONED, Reason.QUEUE_ABANDONED)
        assert record.callee_user is None
        [visit] = record.visits
        assert isinstance(visit, QueueVisit)
        assert (visit.result, visit.agent) == (QueueResult.ABANDONED, None)

    play(scene, organisation=support(agents=ONLY_ALICE))


def test_who_hangs_up_after_a_word_has_served_the_caller() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        call = call_in(world)
        rung = await alice.rings()
        rung.answer()
        await asyncio.sleep(1.5)
        rung.hang_up()
        await call.ended(within_s=1)
        [visit] = (await world.record()).visits
        assert isinstance(visit, QueueVisit)
        assert visit.result is QueueResult.AGENT_JOINED_CONFERENCE

    play(scene, organisation=support(agents=TEAM))
