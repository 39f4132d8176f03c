"""Call queues with agents whose phones ring, answer together, decline or sleep (SPEC 5)."""

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from callwright.calls.record import CallResult
from callwright.domains.queues.model import CallQueue, ExceptionAction, RoutingMethod
from callwright.kernel.ids import CallQueueId, UserId
from callwright.kernel.prompt import Say
from callwright.kernel.reason import Reason
from callwright.kernel.target import Disconnect, ToUser
from callwright.routing.snapshot import Snapshot
from callwright.testing.agent import Answer, Decline, Ring
from callwright.testing.builders import SUPPORT, contoso_queues, contoso_snapshot
from callwright.testing.phone_call import PhoneCall
from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World, play

GREETING = "say: Thank you for calling support."
SUPPORT_NUMBER = "+14255550151"


def support(**fields: object) -> Snapshot:
    """The demo organisation with other settings of its support queue."""
    queues = contoso_queues()
    changed: CallQueue = replace(queues[SUPPORT], **fields)  # type: ignore[arg-type]
    return contoso_snapshot(queues={**queues, CallQueueId("support"): changed})


def agents(*names: str) -> tuple[UserId, ...]:
    return tuple(UserId(name) for name in names)


def call_in(world: World, number: int = 1) -> PhoneCall:
    return world.carrier("sbc1").call(SUPPORT_NUMBER, calling=f"+1206555010{number}")


async def phones(world: World, *names: str) -> list[SimulatedPhone]:
    return [await world.phone(name) for name in names]


@pytest.mark.row(121)
def test_the_greeting_comes_once_and_then_music() -> None:
    async def scene(world: World) -> None:
        await phones(world, "alice", "bob")
        call = call_in(world)
        await call.answered(within_s=1)
        heard = await call.listen(40)
        assert heard == [{GREETING}, {"music"}] or heard == [set(), {GREETING}, {"music"}]

    play(scene)


@pytest.mark.row(144)
def test_the_agent_sees_the_queue_and_the_caller() -> None:
    async def scene(world: World) -> None:
        alice, _ = await phones(world, "alice", "bob")
        call_in(world)
        rung = await alice.rings()
        name, number = rung.shown
        assert "support" in name
        assert number == "+12065550101"

    play(scene)


@pytest.mark.row(125)
def test_attendant_routing_rings_all_and_the_first_wins() -> None:
    async def scene(world: World) -> None:
        alice, bob = await phones(world, "alice", "bob")
        call = call_in(world)
        one, other = await alice.rings(), await bob.rings()
        other.answer()
        await call.until_hears("bob")
        assert await one.ended() == 487
        assert one.end is not None
        assert "cause=200" in (one.end.header("Reason") or "")

    play(scene, organisation=support(routing=RoutingMethod.ATTENDANT))


def test_two_agents_who_answer_at_the_same_instant_get_one_call_between_them() -> None:
    """asterisk#176: both answered, and both were given the caller."""

    async def scene(world: World) -> None:
        alice, bob = await phones(world, "alice", "bob")
        call = call_in(world)
        one, other = await alice.rings(), await bob.rings()
        one.answer()
        other.answer()
        await asyncio.sleep(2)
        assert [one.is_over, other.is_over].count(False) == 1
        winner = "bob" if one.is_over else "alice"
        await call.until_hears(winner)
        call.hang_up()
        await world.record()
        assert len(world.journal.records) == 1

    for seed in range(5):
        play(scene, organisation=support(routing=RoutingMethod.ATTENDANT), seed=seed)


@pytest.mark.row(126)
def test_serial_routing_goes_down_the_list_and_begins_again() -> None:
    async def scene(world: World) -> None:
        team = await phones(world, "alice", "bob", "erin")
        call_in(world)
        order = []
        for at in (0, 1, 2, 0):
            rung = await team[at].rings(within_s=16)
            order.append((team[at].name, round(world.clock.monotonic())))
            assert sum(len(phone.live_calls) for phone in team) == 1
            await rung.ended(within_s=15.5)
        first_s = order[0][1]
        assert [(name, at_s - first_s) for name, at_s in order] == [
            ("alice", 0), ("bob", 15), ("erin", 30), ("alice", 45),
        ]  # fmt: skip

    organisation = support(
        routing=RoutingMethod.SERIAL, agents=agents("alice", "bob", "erin"), timeout_s=120
    )
    play(scene, organisation=organisation)


@pytest.mark.row(127)
def test_round_robin_shares_calls_evenly() -> None:
    async def scene(world: World) -> None:
        team = await phones(world, "alice", "bob", "erin")
        for phone in team:
            phone.reaction = Answer(after_s=1)
        for _ in range(12):
            call = call_in(world)
            await asyncio.sleep(10)
            call.hang_up()
            await asyncio.sleep(5)
        answered = Counter(record.callee_user for record in world.journal.records)
        assert answered == {"alice": 4, "bob": 4, "erin": 4}

    organisation = support(agents=agents("alice", "bob", "erin"))
    play(scene, organisation=organisation)


@pytest.mark.row(128)
def test_the_longest_idle_rings_first() -> None:
    async def scene(world: World) -> None:
        team = await phones(world, "alice", "bob", "erin")
        talk = await team[0].dial("102")
        (await team[1].rings()).answer()
        await talk.answered()
        talk.hang_up()
        await asyncio.sleep(5)
        call_in(world)
        await team[2].rings(within_s=5)
        await asyncio.sleep(1)
        ringing = [phone.name for phone in team if phone.live_calls]
        assert len(ringing) == 2
        assert "erin" in ringing

    organisation = support(
        routing=RoutingMethod.LONGEST_IDLE, agents=agents("alice", "bob", "erin")
    )
    play(scene, organisation=organisation)


@pytest.mark.row(124)
def test_callers_are_served_in_the_order_in_which_they_came() -> None:
    async def scene(world: World) -> None:
        [alice] = await phones(world, "alice")
        first = call_in(world, 1)
        rung = await alice.rings()
        second = call_in(world, 2)
        await second.until_hears("music")
        rung.answer()
        await first.until_hears("alice")
        first.hang_up()
        again = await alice.rings()
        assert again.shown[1] == "+12065550102"
        again.answer()
        await second.until_hears("alice")

    play(scene)


@pytest.mark.row(129)
def test_an_agent_in_a_call_does_not_ring() -> None:
    async def scene(world: World) -> None:
        alice, bob, dave = await phones(world, "alice", "bob", "dave")
        talk = await alice.dial("104")
        (await dave.rings()).answer()
        await talk.answered()
        call_in(world)
        await bob.rings()
        await bob.rings(within_s=30)
        assert alice.calls == [talk]

    play(scene, organisation=support(timeout_s=120))


def test_an_agent_who_declines_rests_and_the_next_one_rings() -> None:
    async def scene(world: World) -> None:
        alice, bob = await phones(world, "alice", "bob")
        alice.reaction = bob.reaction = Decline(603)
        call = call_in(world)
        await alice.rings()
        await bob.rings(within_s=1)
        assert not call.is_over
        bob.reaction = alice.reaction = Ring()
        await call.until_hears("music")

    play(scene)


def test_an_agent_who_signs_in_gets_the_waiting_caller() -> None:
    async def scene(world: World) -> None:
        call = call_in(world)
        await asyncio.sleep(20)
        await call.until_hears("music")
        alice = await world.phone("alice")
        (await alice.rings(within_s=1)).answer()
        await call.until_hears("alice")

    play(scene)


@pytest.mark.row(159)
def test_a_caller_who_leaves_stops_the_ringing_and_counts_as_abandoned() -> None:
    async def scene(world: World) -> None:
        alice, _ = await phones(world, "alice", "bob")
        call = call_in(world)
        rung = await alice.rings()
        call.hang_up()
        await rung.ended(within_s=1)
        record = await world.record()
        assert (record.result, record.reason) == (CallResult.ABANDONED, Reason.QUEUE_ABANDONED)

    play(scene)


@pytest.mark.row(136)
def test_a_queue_without_room_acts_at_once() -> None:
    async def scene(world: World) -> None:
        call = call_in(world)
        assert await call.ended(within_s=1) == Reason.QUEUE_OVERFLOW.sip_status
        assert not call.is_answered
        assert (await world.record()).reason is Reason.QUEUE_OVERFLOW

    play(scene, organisation=support(max_waiting=0))


@pytest.mark.row(135)
def test_only_those_who_wait_count_towards_the_limit() -> None:
    async def scene(world: World) -> None:
        alice, bob = await phones(world, "alice", "bob")
        alice.reaction = bob.reaction = Answer(after_s=1)
        talking = [call_in(world, 1), call_in(world, 2)]
        await asyncio.sleep(10)
        assert all(call.is_answered for call in talking)
        waiting = [call_in(world, 3), call_in(world, 4)]
        await asyncio.sleep(5)
        assert not any(call.is_over for call in waiting)
        refused = call_in(world, 5)
        assert await refused.ended(within_s=1) == 486

    play(scene)


def test_overflow_may_lead_to_a_person_with_a_prompt() -> None:
    async def scene(world: World) -> None:
        [dave] = await phones(world, "dave")
        call = call_in(world)
        await call.until_hears("say: All lines are taken.")
        (await dave.rings()).answer()
        await call.until_hears("dave")

    overflow = ExceptionAction(ToUser(UserId("dave")), Say("All lines are taken."))
    play(scene, organisation=support(max_waiting=0, overflow=overflow))


@pytest.mark.row(138)
def test_waiting_ends_at_the_default_limit() -> None:
    async def scene(world: World) -> None:
        call = call_in(world)
        await call.answered()
        began_s = world.clock.monotonic()
        await call.ended(within_s=1_300)
        assert world.clock.monotonic() - began_s == pytest.approx(1_200, abs=1)
        assert (await world.record()).reason is Reason.QUEUE_TIMEOUT

    organisation = support(timeout_s=1_200, timeout=ExceptionAction(Disconnect()))
    play(scene, organisation=organisation)


def test_who_waited_too_long_leaves_a_message_in_the_shared_mailbox() -> None:
    async def scene(world: World) -> None:
        call = call_in(world)
        call.hush()
        await call.until_hears("beep", within_s=90)
        await call.until_hears()
        await call.talk_for(3)
        call.hang_up()
        await world.record()
        assert len(world.mailboxes.of("support")) == 1

    play(scene)


@pytest.mark.row(142)
def test_busy_agents_are_not_missing_agents() -> None:
    async def scene(world: World) -> None:
        alice, dave = await phones(world, "alice", "dave")
        talk = await alice.dial("104")
        (await dave.rings()).answer()
        await talk.answered()
        call = call_in(world)
        await call.until_hears("music")
        talk.hang_up()
        await alice.rings()

    no_agents = ExceptionAction(Disconnect())
    play(scene, organisation=support(no_agents=no_agents))


def test_without_any_agent_new_callers_are_sent_away() -> None:
    async def scene(world: World) -> None:
        call = call_in(world)
        await call.ended(within_s=1)
        assert not call.is_answered

    play(scene, organisation=support(no_agents=ExceptionAction(Disconnect())))


@pytest.mark.row(143)
def test_the_caller_hears_the_agent_at_once() -> None:
    async def scene(world: World) -> None:
        alice, _ = await phones(world, "alice", "bob")
        call = call_in(world)
        rung = await alice.rings()
        rung.answer()
        await call.until_hears("alice", within_s=0.5)
        await rung.until_hears("+12065550101", within_s=0.5)

    play(scene)


def test_an_agent_is_never_offered_two_calls_at_once() -> None:
    async def scene(world: World) -> None:
        team = await phones(world, "alice", "bob")
        for phone in team:
            phone.reaction = Answer(after_s=world.loop.random.uniform(0.5, 14))
        calls = [call_in(world, number) for number in range(1, 3)]
        for _ in range(400):
            await asyncio.sleep(0.25)
            assert all(len(phone.live_calls) <= 1 for phone in team)
            if world.loop.random.random() < 0.05:
                for call in calls:
                    call.hang_up()
                calls = [call_in(world, number) for number in range(1, 3)]

    for seed in range(10):
        play(scene, organisation=support(max_waiting=20), seed=seed)


@pytest.mark.parametrize(
    "seconds", [0.001, 0.012, 0.5, 2.0, 2.03, 2.06, 9.0, 17.05, 40.0, 61.0, 70.0]
)
def test_a_caller_may_leave_a_queue_at_any_step(seconds: float) -> None:
    async def scene(world: World) -> None:
        alice, bob = await phones(world, "alice", "bob")
        call = call_in(world)
        await asyncio.sleep(seconds)
        call.hang_up()
        await world.record()
        await asyncio.sleep(1)
        assert alice.live_calls == bob.live_calls == []
        assert world.node.floor.waiting_count(SUPPORT) == 0

    play(scene)


def test_a_phone_that_refuses_by_itself_is_not_rung_for_caller_after_caller() -> None:
    """A phone set to do-not-disturb refuses at once: each refusal brought the next caller's INVITE,
    a hundred each second."""

    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        alice.reaction = Decline(486)
        for caller in range(5):
            await call_in(world, caller).until_hears("music")
        await asyncio.sleep(20)
        assert 2 <= len(alice.calls) <= 6
        alice.reaction = Answer()
        await asyncio.sleep(6)
        assert alice.live_calls

    play(scene, organisation=support(agents=agents("alice"), max_waiting=50))
