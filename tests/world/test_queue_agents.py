"""Agents who opt out, pause, wrap up, work for several queues, and come and go (SPEC 5.2, 5.3)."""

import asyncio
from dataclasses import replace

import pytest
from tests.world.contoso_scene import File
from tests.world.queue_scene import call_in, support

from callwright.domains.queues.view import AgentCondition
from callwright.kernel.ids import CallQueueId, UserId
from callwright.testing.agent import Answer, Decline, Ring
from callwright.testing.phone_call import PhoneCall
from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World, play

ALICE, BOB, ERIN = UserId("alice"), UserId("bob"), UserId("erin")
SUPPORT, SALES = CallQueueId("support"), CallQueueId("sales")
SALES_NUMBER = "+14255550152"
TEAM = [{"user": "alice"}, {"user": "bob"}]


def call_sales(world: World, calling: str = "+12065552369") -> PhoneCall:
    return world.carrier("sbc1").call(SALES_NUMBER, calling=calling)


def condition(world: World, agent: UserId, queue: CallQueueId = SUPPORT) -> AgentCondition:
    view = world.node.floor.view(queue)
    assert view is not None
    return next(each.condition for each in view.agents if each.agent == agent)


async def talking(phone: SimulatedPhone, to: SimulatedPhone, extension: str) -> PhoneCall:
    call = await phone.dial(extension)
    (await to.rings()).answer()
    await call.answered()
    return call


@pytest.mark.row(130)
def test_without_presence_a_busy_agent_rings() -> None:
    async def scene(world: World) -> None:
        alice, dave = await world.phone("alice"), await world.phone("dave")
        talk = await talking(alice, dave, "104")
        call_in(world)
        rung = await alice.rings()
        assert rung is not talk

    play(scene, organisation=support(agents=TEAM, presence_based=False))


@pytest.mark.row(131)
def test_an_agent_who_opted_out_never_rings_though_free() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        assert await world.node.queues.acts.opt_out(ALICE, SUPPORT) is None
        call_in(world)
        await bob.rings()
        await bob.rings(within_s=40)
        assert alice.calls == []
        assert condition(world, ALICE) is AgentCondition.OPTED_OUT

    play(scene, organisation=support(agents=TEAM, presence_based=False))


def test_opting_out_ends_nothing_that_rings_already_and_opting_in_counts_at_once() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        acts = world.node.queues.acts
        await acts.opt_out(ALICE, SUPPORT)
        call = call_in(world)
        await asyncio.sleep(20)
        await acts.opt_in(ALICE, SUPPORT)
        (await alice.rings(within_s=0.5)).answer()
        await call.until_hears("alice")

    play(scene, organisation=support(agents=TEAM))


@pytest.mark.row(132)
def test_where_nobody_may_opt_out_who_did_is_in_again() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        acts = world.node.queues.acts
        assert await acts.opt_out(ALICE, SUPPORT) is None
        call_in(world)
        await asyncio.sleep(10)
        assert alice.calls == []
        await world.use(support(agents=TEAM, opt_out=False))
        await alice.rings(within_s=0.5)
        objection = await acts.opt_out(ALICE, SUPPORT)
        assert objection is not None
        assert objection.code == "no-opt-out"

    play(scene, organisation=support(agents=TEAM))


def test_what_an_agent_chose_outlives_a_restart() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        acts = world.node.queues.acts
        await acts.opt_out(ALICE, SUPPORT)
        await acts.pause(BOB, "Lunch")
        await world.restart_node()
        assert condition(world, ALICE) is AgentCondition.OPTED_OUT
        assert condition(world, BOB) is AgentCondition.PAUSED
        call_in(world)
        await asyncio.sleep(60)
        assert alice.calls == bob.calls == []

    play(scene, organisation=support(agents=TEAM))


def test_who_gets_the_key_of_somebody_who_left_begins_without_that_ones_choices() -> None:
    async def scene(world: World) -> None:
        await world.phone("alice")
        acts = world.node.queues.acts
        await acts.opt_out(ALICE, SUPPORT)
        await acts.pause(BOB, None)
        before = world.snapshot
        users = {key: user for key, user in before.users.items() if key != BOB}
        await world.use(replace(before, users=users, queues={}))
        await world.use(before)
        await world.restart_node()
        assert world.node.floor.desk.absences() == ()

    play(scene, organisation=support(agents=TEAM))


def test_a_pause_holds_in_every_queue_and_has_one_of_the_reasons() -> None:
    def reasons(file: File) -> None:
        file["organisation"]["pause_reasons"] = ["Lunch", "Training"]
        file["call_queues"]["sales"]["agents"] = [{"user": "alice"}]

    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        acts = world.node.queues.acts
        refused = await acts.pause(ALICE, "Smoking")
        assert refused is not None
        assert refused.remedy == "choose one of Lunch, Training"
        assert await acts.pause(ALICE, "Lunch") is None
        call_in(world)
        call_sales(world)
        await asyncio.sleep(30)
        assert alice.calls == []
        await acts.resume(ALICE)
        await alice.rings(within_s=0.5)

    play(scene, organisation=support(reasons, agents=[{"user": "alice"}]))


def test_wrap_up_belongs_to_the_agent_and_another_queue_does_not_end_it() -> None:
    """asterisk#1006: wrap-up ended early for who works for several queues."""

    def two_queues(file: File) -> None:
        file["call_queues"]["sales"]["agents"] = [{"user": "alice"}]

    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        call = call_in(world)
        rung = await alice.rings()
        rung.answer()
        await call.until_hears("alice")
        waiting = call_sales(world)
        await waiting.answered()
        call.hang_up()
        await rung.ended()
        ended_s = world.clock.monotonic()
        assert condition(world, ALICE, SALES) is AgentCondition.WRAP_UP
        view = world.node.floor.view(SALES)
        assert view is not None
        agent = view.agents[0]
        assert agent.in_queue == SUPPORT
        assert agent.until is not None
        assert round((agent.until - world.clock.utc()).total_seconds()) == 40
        await alice.rings(within_s=45)
        assert round(world.clock.monotonic() - ended_s) == 40

    play(scene, organisation=support(two_queues, agents=[{"user": "alice"}], wrap_up_s=40))


def test_an_agent_ends_or_extends_wrap_up() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        acts = world.node.queues.acts
        alice.reaction = Answer(after_s=1)
        call = call_in(world)
        await call.until_hears("alice")
        alice.reaction = Ring()
        call.hang_up()
        await asyncio.sleep(1)
        assert acts.extend_wrap_up(ALICE, 100) is None
        call_in(world)
        await asyncio.sleep(100)
        assert len(alice.calls) == 1
        assert acts.end_wrap_up(ALICE) is None
        await alice.rings(within_s=0.5)
        assert acts.end_wrap_up(ALICE) is not None

    play(scene, organisation=support(agents=[{"user": "alice"}], wrap_up_s=40))


@pytest.mark.row(147)
def test_a_call_of_a_higher_priority_overtakes() -> None:
    def urgent_sales(file: File) -> None:
        overflow = {"to": {"call_queue": "support", "priority": 1}}
        file["call_queues"]["sales"] |= {"max_waiting": 0, "overflow": overflow}

    async def scene(world: World) -> None:
        alice, dave = await world.phone("alice"), await world.phone("dave")
        talk = await talking(alice, dave, "104")
        usual = call_in(world)
        await usual.until_hears("music")
        urgent = call_sales(world)
        await urgent.until_hears("music")
        talk.hang_up()
        (await alice.rings()).answer()
        await urgent.until_hears("alice")
        await usual.until_hears("music")

    play(scene, organisation=support(urgent_sales, agents=[{"user": "alice"}]))


def test_an_agent_of_two_queues_gets_whoever_waits_longest() -> None:
    """SPEC leaves it open, and elsewhere it is chance (Wazo): here the first of all callers."""

    def two_queues(file: File) -> None:
        file["call_queues"]["sales"]["agents"] = [{"user": "alice"}]

    async def scene(world: World) -> None:
        alice, dave = await world.phone("alice"), await world.phone("dave")
        talk = await talking(alice, dave, "104")
        first = call_sales(world)
        await asyncio.sleep(5)
        call_in(world)
        await asyncio.sleep(5)
        talk.hang_up()
        (await alice.rings()).answer()
        await first.until_hears("alice")

    play(scene, organisation=support(two_queues, agents=[{"user": "alice"}]))


def test_a_skill_is_asked_for_until_the_caller_waited_too_long_for_it() -> None:
    def skilled(file: File) -> None:
        file["users"]["bob"]["skills"] = {"french": 7}
        file["users"]["alice"]["skills"] = {"french": 3}

    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        bob = await world.phone("bob")
        bob.reaction = alice.reaction = Ring()
        call_in(world)
        began_s = world.clock.monotonic()
        await bob.rings()
        await asyncio.sleep(20)
        assert alice.calls == []
        await alice.rings(within_s=30)
        assert round(world.clock.monotonic() - began_s) == 40

    skills = {"require": {"french": 5}, "relax_after_s": 40}
    play(scene, organisation=support(skilled, agents=TEAM, skills=skills, routing="attendant"))


def test_longest_idle_passes_over_who_let_the_last_caller_ring() -> None:
    """FreePBX#40: "least recent" rang the same agent again and again."""

    async def scene(world: World) -> None:
        alice, bob, erin = [await world.phone(name) for name in ("alice", "bob", "erin")]
        call_in(world)
        await asyncio.sleep(14)
        assert [len(phone.live_calls) for phone in (alice, bob, erin)] == [1, 1, 0]
        await erin.rings(within_s=2)
        await erin.calls[0].ended(within_s=16)
        await bob.rings(within_s=1)
        assert len(bob.calls) == 2

    agents = [{"user": name} for name in ("alice", "bob", "erin")]
    play(scene, organisation=support(agents=agents, routing="longest-idle", alert_s=15))


def test_who_rang_and_was_not_the_quickest_is_idle_no_less_long() -> None:
    async def scene(world: World) -> None:
        alice, bob, erin = [await world.phone(name) for name in ("alice", "bob", "erin")]
        call = call_in(world)
        (await alice.rings()).answer()
        await call.until_hears("alice")
        await bob.calls[0].ended()
        call_in(world, "+12065552369")
        await bob.rings()
        assert erin.calls == []

    agents = [{"user": name} for name in ("alice", "bob", "erin")]
    play(scene, organisation=support(agents=agents, routing="longest-idle"))


def test_one_agent_who_declines_stops_nobody_elses_phone() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        alice.reaction = Decline(603)
        call = call_in(world)
        rung = await bob.rings()
        await asyncio.sleep(2)
        assert not rung.is_over
        rung.answer()
        await call.until_hears("bob")

    play(scene, organisation=support(agents=TEAM, routing="attendant"))


def test_an_agent_who_comes_while_others_ring_rings_as_well() -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        call = call_in(world)
        rung = await bob.rings()
        alice = await world.phone("alice")
        late = await alice.rings(within_s=0.5)
        assert not rung.is_over
        late.answer()
        await call.until_hears("alice")
        await rung.ended(within_s=1)

    play(scene, organisation=support(agents=TEAM, routing="attendant"))


def test_a_dozen_agents_ring_at_once_and_all_but_one_are_free_again() -> None:
    """freeswitch#2540, #2901: of more than ten who rang some stayed reserved, or rang twice."""
    names = [f"agent{number:02}" for number in range(12)]

    def dozen(file: File) -> None:
        file["licences"]["phone-system"] += len(names)
        for name in names:
            licences = ["phone-system"]
            file["users"][name] = {"name": name, "licences": licences, "sip": {"password": name}}

    async def scene(world: World) -> None:
        team = [await world.phone(name) for name in names]
        call = call_in(world)
        rung = [await phone.rings() for phone in team]
        rung[7].answer()
        rung[3].answer()
        await call.until_hears("agent07")
        await asyncio.sleep(1)
        assert [one.is_over for one in rung].count(False) == 1
        assert dict(world.node.floor.offers()) == {}
        call_in(world, "+12065552369")
        await asyncio.sleep(1)
        ringing = [phone.name for phone in team if phone.live_calls]
        assert ringing == names
        assert all(len(phone.live_calls) == 1 for phone in team)

    organisation = support(dozen, agents=[{"user": name} for name in names], routing="attendant")
    play(scene, organisation=organisation)


@pytest.mark.row(135)
def test_however_many_talk_nobody_is_turned_away() -> None:
    names = [f"agent{number:02}" for number in range(50)]

    def fifty(file: File) -> None:
        file["licences"]["phone-system"] += len(names)
        file["groups"]["team"] = {"members": names}
        for name in names:
            licences = ["phone-system"]
            file["users"][name] = {"name": name, "licences": licences, "sip": {"password": name}}

    async def scene(world: World) -> None:
        for name in names:
            (await world.phone(name)).reaction = Answer(after_s=0.1)
        calls = [call_in(world, f"+1206555{2000 + number}") for number in range(50)]
        await asyncio.sleep(1)
        assert world.node.floor.waiting_count(SUPPORT) == 0
        assert all(call.is_answered and not call.is_over for call in calls)
        one_more = call_in(world, "+12065552999")
        await one_more.until_hears("music")

    organisation = support(fifty, agents=[{"group": "team"}], routing="longest-idle")
    play(scene, organisation=organisation)
