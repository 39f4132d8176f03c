"""Who waits, who leaves, and what a queue does when things change while callers wait (SPEC 5)."""

import asyncio
from dataclasses import replace

import pytest
from tests.world.contoso_scene import File
from tests.world.queue_scene import call_in, support

from callwright.calls.record import CallResult
from callwright.calls.visits import FinalAction, OfferOutcome, QueueResult, QueueVisit
from callwright.domains.queues.view import AgentCondition, WaitingState
from callwright.kernel.ids import CallQueueId, UserId
from callwright.kernel.reason import Reason
from callwright.testing.agent import Answer
from callwright.testing.world import World, play

ALICE, BOB = UserId("alice"), UserId("bob")
SUPPORT = CallQueueId("support")
TEAM = [{"user": "alice"}, {"user": "bob"}]
BYE = {"to": "disconnect"}


async def visit_of(world: World, nth: int = 1) -> QueueVisit:
    visit = (await world.record(nth)).visits[0]
    assert isinstance(visit, QueueVisit)
    return visit


@pytest.mark.row(134)
def test_the_51st_waiting_caller_hears_busy() -> None:
    def default_limit(file: File) -> None:
        del file["call_queues"]["support"]["max_waiting"]

    async def scene(world: World) -> None:
        calls = [call_in(world, f"+1206555{number}") for number in range(2000, 2050)]
        await asyncio.sleep(1)
        assert not any(call.is_over for call in calls)
        assert await call_in(world, "+12065552100").ended(within_s=1) == 486
        visit = await visit_of(world)
        assert (visit.result, visit.final_action, visit.waiting_before) == (
            QueueResult.OVERFLOWN,
            FinalAction.DISCONNECT_WITH_BUSY,
            50,
        )

    play(scene, organisation=support(default_limit, agents=TEAM))


@pytest.mark.row(139)
@pytest.mark.parametrize(("written", "meant"), [(47, 45), (53, 60), (2_700, 2_700), (1, 0)])
def test_a_time_limit_is_rounded_to_a_quarter_of_a_minute(written: int, meant: int) -> None:
    async def scene(world: World) -> None:
        call = call_in(world)
        await call.answered()
        began_s = world.clock.monotonic()
        await call.ended(within_s=2_800)
        assert world.clock.monotonic() - began_s == pytest.approx(meant, abs=1)
        visit = await visit_of(world)
        assert visit.result is QueueResult.TIMED_OUT

    play(scene, organisation=support(agents=TEAM, timeout={"after_s": written}))


@pytest.mark.row(139)
def test_without_any_time_the_greeting_is_heard_and_then_the_target_rings() -> None:
    async def scene(world: World) -> None:
        alice, dave = await world.phone("alice"), await world.phone("dave")
        call = call_in(world)
        await call.until_hears("say: Welcome.")
        (await dave.rings(within_s=10)).answer()
        await call.until_hears("dave")
        assert alice.calls == []

    def greeted(file: File) -> None:
        file["call_queues"]["support"]["greeting"] = {"say": "Welcome."}

    timeout = {"after_s": 0, "to": {"user": "dave"}}
    play(scene, organisation=support(greeted, agents=TEAM, timeout=timeout))


def test_time_is_up_on_time_though_an_agent_still_rings() -> None:
    """Elsewhere the limit waits for the end of an alert (SPEC 5.1, row 7 of the flow)."""

    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        call = call_in(world)
        await call.answered()
        began_s = world.clock.monotonic()
        rung = await alice.rings()
        await call.ended(within_s=60)
        assert world.clock.monotonic() - began_s == pytest.approx(45, abs=0.5)
        await rung.ended(within_s=1)
        visit = await visit_of(world)
        assert [offer.outcome for offer in visit.offers] == [OfferOutcome.WITHDRAWN]

    play(scene, organisation=support(agents=TEAM, alert_s=180, timeout={"after_s": 45}))


@pytest.mark.row(140)
def test_when_the_last_agent_goes_everybody_leaves() -> None:
    async def scene(world: World) -> None:
        alice, dave = await world.phone("alice"), await world.phone("dave")
        talk = await alice.dial("104")
        (await dave.rings()).answer()
        await talk.answered()
        calls = [call_in(world, f"+1206555200{number}") for number in range(3)]
        await asyncio.sleep(10)
        assert not any(call.is_over for call in calls), "who talks is there"
        await world.node.queues.acts.opt_out(ALICE, SUPPORT)
        await calls[1].until_hears("say: Nobody is here.")
        for call in calls:
            await call.ended(within_s=10)
        visits = [await visit_of(world, nth) for nth in (1, 2, 3)]
        assert {visit.result for visit in visits} == {QueueResult.NO_AGENTS}
        assert world.journal.records[0].reason is Reason.QUEUE_NO_AGENTS

    no_agents = BYE | {"prompt": {"say": "Nobody is here."}}
    play(scene, organisation=support(agents=[{"user": "alice"}], no_agents=no_agents))


@pytest.mark.row(140)
def test_a_phone_that_signs_off_was_the_last_one() -> None:
    async def scene(world: World) -> None:
        alice, dave = await world.phone("alice"), await world.phone("dave")
        talk = await alice.dial("104")
        (await dave.rings()).answer()
        await talk.answered()
        call = call_in(world)
        await call.until_hears("music")
        await alice.unregister()
        await call.ended(within_s=1)

    play(scene, organisation=support(agents=[{"user": "alice"}], no_agents=BYE))


@pytest.mark.row(141)
@pytest.mark.parametrize("routing", ["attendant", "serial", "round-robin", "longest-idle"])
def test_who_waits_already_may_stay_when_the_last_agent_goes(routing: str) -> None:
    async def scene(world: World) -> None:
        await world.phone("alice")
        acts = world.node.queues.acts
        early = call_in(world)
        await early.until_hears("music")
        await world.phones[0].rings()
        await acts.opt_out(ALICE, SUPPORT)
        late = call_in(world, "+12065552369")
        assert await late.ended(within_s=1) == 480
        await asyncio.sleep(30)
        assert not early.is_over
        await acts.opt_in(ALICE, SUPPORT)
        (await world.phones[0].rings()).answer()
        await early.until_hears("alice")

    no_agents = BYE | {"applies_to": "new-calls"}
    organisation = support(agents=[{"user": "alice"}], no_agents=no_agents, routing=routing)
    play(scene, organisation=organisation)


def test_an_agent_who_is_taken_off_a_queue_stops_ringing_and_a_new_one_begins() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = call_in(world)
        rung = await alice.rings()
        await world.use(support(agents=[{"user": "bob"}]))
        await rung.ended(within_s=1)
        (await bob.rings(within_s=1)).answer()
        await call.until_hears("bob")

    play(scene, organisation=support(agents=[{"user": "alice"}]))


def test_nobody_is_stuck_in_a_queue_that_was_removed() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        waiting, talking = call_in(world), None
        rung = await alice.rings()
        rung.answer()
        await waiting.until_hears("alice")
        talking, waiting = waiting, call_in(world, "+12065552369")
        await waiting.until_hears("music")
        await world.use(replace(world.snapshot, queues={}))
        await waiting.ended(within_s=1)
        assert (await world.record()).reason is Reason.QUEUE_CLOSED
        assert not talking.is_over, "who talks goes on"

    play(scene, organisation=support(agents=[{"user": "alice"}]))


def test_another_routing_method_holds_for_who_waits() -> None:
    """Wazo: a queue's strategy could not be changed without making it anew."""

    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call_in(world)
        await alice.rings()
        await asyncio.sleep(5)
        assert bob.calls == []
        await world.use(support(agents=TEAM, routing="attendant"))
        await bob.rings(within_s=0.5)

    play(scene, organisation=support(agents=TEAM, routing="serial"))


def test_two_agents_who_answer_at_once_share_nobody() -> None:
    """asterisk#176: both were connected to one caller."""

    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = call_in(world)
        one, other = await alice.rings(), await bob.rings()
        one.answer()
        other.answer()
        await asyncio.sleep(1)
        assert [one.is_over, other.is_over].count(False) == 1
        call.hang_up()
        visit = await visit_of(world)
        outcomes = sorted(offer.outcome.value for offer in visit.offers)
        assert outcomes == ["answered", "withdrawn"]

    play(scene, organisation=support(agents=TEAM, routing="attendant"))


@pytest.mark.parametrize("after_s", [0.0, 0.001, 0.005, 0.02, 0.05])
def test_no_agent_answers_a_caller_who_has_left(after_s: float) -> None:
    """freeswitch#2529: a caller left while the phone was being called; an agent answered nobody."""

    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        alice.reaction = Answer(after_s=after_s)
        call = call_in(world)
        await call.answered()
        await asyncio.sleep(after_s)
        call.hang_up()
        record = await world.record()
        await asyncio.sleep(1)
        assert alice.live_calls == []
        assert record.result in (CallResult.ABANDONED, CallResult.ANSWERED)
        assert dict(world.node.floor.offers()) == {}

    play(scene, organisation=support(agents=TEAM))


def test_what_an_agent_shows_ends_with_the_call() -> None:
    """freeswitch#1973: members were shown as answered for hours."""

    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        call = call_in(world)
        rung = await alice.rings()
        shown = world.node.floor.view(SUPPORT)
        assert shown is not None
        assert shown.agents[0].condition is AgentCondition.RINGING
        assert shown.waiting[0].state is WaitingState.RINGING
        rung.answer()
        await call.until_hears("alice")
        shown = world.node.floor.view(SUPPORT)
        assert shown is not None
        agent = shown.agents[0]
        assert (agent.condition, agent.talks_with) == (AgentCondition.IN_CALL, "+12065552368")
        assert agent.in_queue == SUPPORT
        assert shown.waiting == ()
        call.hang_up()
        await rung.ended()
        shown = world.node.floor.view(SUPPORT)
        assert shown is not None
        assert shown.agents[0].condition is AgentCondition.AVAILABLE

    play(scene, organisation=support(agents=TEAM))


def test_a_caller_whom_a_restart_cut_off_gets_the_place_back() -> None:
    async def scene(world: World) -> None:
        alice, dave = await world.phone("alice"), await world.phone("dave")
        first, second = call_in(world, "+12065552001"), call_in(world, "+12065552002")
        await second.until_hears("music")
        await alice.rings()
        await asyncio.sleep(10)
        await world.node.stop(0.5)
        await first.ended()
        await second.ended()
        await world.restart_node()
        talk = await alice.dial("104")
        (await dave.rings()).answer()
        await talk.answered()
        stranger = call_in(world, "+12065552003")
        await stranger.until_hears("music")
        again = call_in(world, "+12065552002")
        await again.until_hears("music")
        view = world.node.floor.view(SUPPORT)
        assert view is not None
        assert [each.caller for each in view.waiting] == ["+12065552002", "+12065552003"]
        talk.hang_up()
        (await alice.rings()).answer()
        await again.until_hears("alice")

    play(scene, organisation=support(agents=[{"user": "alice"}]))


def test_a_second_restart_soon_after_the_first_loses_no_place() -> None:
    async def scene(world: World) -> None:
        first, second = call_in(world, "+12065552001"), call_in(world, "+12065552002")
        await second.until_hears("music")
        await world.node.stop(0.5)
        await second.ended()
        for _ in range(2):
            await world.restart_node()
            await asyncio.sleep(100)
            await world.node.stop(0.5)
        await world.restart_node()
        stranger = call_in(world, "+12065552003")
        await stranger.until_hears("music")
        again = call_in(world, "+12065552002")
        await again.until_hears("music")
        view = world.node.floor.view(SUPPORT)
        assert view is not None
        assert [each.caller for each in view.waiting] == ["+12065552002", "+12065552003"]
        again.hang_up()
        stranger.hang_up()
        await asyncio.sleep(301)
        assert first.is_over
        assert not world.queue_store.places, "who did not come back has no place for ever"

    play(scene, organisation=support(agents=TEAM))


def test_the_floor_is_sound_and_nobody_waits_for_a_free_agent() -> None:
    async def scene(world: World) -> None:
        await world.phone("alice")
        call_in(world)
        call_in(world, "+12065552369")
        await asyncio.sleep(300)
        text = world.node.metrics.registry.get_sample_value
        assert text("callwright_queue_oldest_idle_wait_seconds") == 0.0
        assert text("callwright_queue_callers") == 2.0
        assert text("callwright_queue_repairs_total", {"fault": "unserved"}) is None

    play(scene, organisation=support(agents=TEAM))


def test_a_caller_waits_on_while_no_port_is_left_for_an_agents_phone() -> None:
    async def scene(world: World) -> None:
        alice, dave = await world.phone("alice"), await world.phone("dave")
        talk = await alice.dial("104")
        (await dave.rings()).answer()
        await talk.answered()
        call = call_in(world)
        await call.until_hears("music")
        await asyncio.sleep(20)
        assert not call.is_over
        assert not alice.calls[1:]
        talk.hang_up()
        (await alice.rings(within_s=6)).answer()
        await call.until_hears("alice")

    organisation = support(agents=[{"user": "alice"}], presence_based=False)
    play(scene, organisation=organisation, rtp_ports=(20_000, 20_001))
