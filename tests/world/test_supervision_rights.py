"""Who may supervise whom, how it is asked for, and who is told (SPEC 10.3)."""

import asyncio
from dataclasses import replace

import pytest
from tests.world.lamp_scene import IDLE, lit
from tests.world.queue_scene import CUSTOMER as CALLED_BACK
from tests.world.queue_scene import HEARD_OFFER, call_in, callback, support
from tests.world.supervision_scene import (
    CUSTOMER,
    DAVE,
    ERIN,
    JOINED,
    NO,
    hear,
    hears_for,
    join,
    served,
    supervise,
    supervised,
)

from callwright.kernel.ids import UserId
from callwright.kernel.reason import Reason
from callwright.kernel.supervision import SupervisionMode
from callwright.routing.request import Supervise
from callwright.testing.builders import SALES
from callwright.testing.world import World, play


@pytest.mark.row(281)
def test_a_second_supervisor_is_refused_and_so_is_a_second_session() -> None:
    async def scene(world: World) -> None:
        talk = await served(world)
        dave = await join(world, talk)
        erin = await supervise(world, "erin")
        assert await erin.ended() == 486
        again = await world.phones[1].dial("*44101")
        assert await again.ended() == 486
        await hear(dave, "alice", CUSTOMER)
        assert (await world.record(1)).reason is Reason.SUPERVISED_ALREADY
        dave.hang_up()
        await hear(talk.customer, "alice")
        later = await world.phones[2].dial("*44101")
        await later.answered()
        await hear(later, "alice", CUSTOMER)

    play(scene, organisation=supervised())


def test_the_agent_is_told_where_the_policy_says_so() -> None:
    async def scene(world: World) -> None:
        talk = await served(world)
        ear = asyncio.ensure_future(talk.agent.listen(10))
        await join(world, talk)
        assert await ear == [{CUSTOMER}, {CUSTOMER, JOINED}, {CUSTOMER}]
        await hears_for(talk.customer, 1, "alice")

    play(scene, organisation=supervised(tells_agent=True))


def test_the_agent_is_told_in_the_organisations_language() -> None:
    async def scene(world: World) -> None:
        talk = await served(world)
        ear = asyncio.ensure_future(talk.agent.listen(10))
        await join(world, talk)
        assert {CUSTOMER, "say: Ein Supervisor hört jetzt mit."} in await ear

    play(scene, organisation=replace(supervised(tells_agent=True), language="de-DE"))


def test_an_agent_on_hold_is_told_too() -> None:
    """Music is no reason to be listened to unawares."""

    async def scene(world: World) -> None:
        talk = await served(world)
        await talk.customer.hold()
        await hear(talk.agent, "music")
        ear = asyncio.ensure_future(talk.agent.listen(10))
        dave = await supervise(world)
        await dave.answered()
        assert await ear == [{"music"}, {JOINED}, {"music"}]
        await talk.customer.resume()
        await hear(talk.agent, CUSTOMER)

    play(scene, organisation=supervised(tells_agent=True))


def test_whoever_may_only_whisper_does_not_barge_in() -> None:
    async def scene(world: World) -> None:
        talk = await served(world)
        dave = await join(world, talk)
        for key in "67":
            await dave.press(key)
            await hear(dave, "alice", CUSTOMER, NO)
            await hear(talk.customer, "alice")
            await hear(dave, "alice", CUSTOMER)
        await dave.press("5")
        await hear(talk.agent, CUSTOMER, "dave")

    play(scene, organisation=supervised(SupervisionMode.WHISPER))


@pytest.mark.parametrize("user", ["dave", "bob"])
def test_without_the_policy_or_without_being_listed_nobody_listens(user: str) -> None:
    async def scene(world: World) -> None:
        talk = await served(world)
        call = await supervise(world, user)
        assert await call.ended() == 403
        assert (await world.record()).reason is Reason.SUPERVISION_FORBIDDEN
        await hears_for(talk.customer, 2, "alice")

    play(scene, organisation=supervised(None if user == "dave" else SupervisionMode.TAKEOVER))


def test_a_call_that_no_queue_brought_is_nobodys_to_hear() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        made = await bob.dial("101")
        taken = await alice.rings()
        taken.answer()
        await hear(made, "alice")
        call = await supervise(world)
        assert await call.ended() == 403

    play(scene, organisation=supervised())


def test_an_agent_who_talks_to_nobody_cannot_be_supervised() -> None:
    async def scene(world: World) -> None:
        await world.phone("alice")
        call = await supervise(world)
        assert await call.ended() == 480
        assert (await world.record()).reason is Reason.AGENT_NOT_TALKING

    play(scene, organisation=supervised())


def test_whether_others_talk_is_told_to_nobody() -> None:
    """dave leads support; bob is in no queue of his."""

    async def scene(world: World) -> None:
        bob, erin = await world.phone("bob"), await world.phone("erin")
        idle = await supervise(world, extension="102")
        assert await idle.ended() == 403
        made = await bob.dial("105")
        (await erin.rings()).answer()
        await hear(made, "erin")
        talking = await world.phones[2].dial("*44102")
        assert await talking.ended() == 403
        made.hang_up()
        records = [await world.record(1), await world.record(2)]
        dave = [each for each in records if each.caller_user == DAVE]
        assert len(dave) == 2
        assert dave[0].steps[-1] == dave[1].steps[-1]

    play(scene, organisation=supervised())


def ring(
    world: World, mode: SupervisionMode = SupervisionMode.MONITOR, user: UserId = DAVE
) -> Reason | None:
    wanted = Supervise(user, UserId("alice"), mode)
    return world.node.supervising.ring(world.snapshot, wanted).value


@pytest.mark.parametrize("mode", list(SupervisionMode))
def test_a_supervisor_is_rung_and_joins_with_the_answer(mode: SupervisionMode) -> None:
    heard_by_agent = {"whisper": {CUSTOMER, "dave"}, "barge": {CUSTOMER, "dave"}}

    async def scene(world: World) -> None:
        talk = await served(world)
        phone = await world.phone("dave")
        assert ring(world, mode) is None
        assert ring(world) is Reason.SUPERVISED_ALREADY  # his phone rings
        rung = await phone.rings()
        assert "Alice Adams" in rung.shown[0]
        rung.answer()
        if mode is SupervisionMode.TAKEOVER:
            await hear(talk.customer, "dave")
            await hear(rung, CUSTOMER)
            await talk.agent.ended()
            return
        await hear(rung, "alice", CUSTOMER)
        await hear(talk.agent, *heard_by_agent.get(mode.value, {CUSTOMER}))
        (state,) = world.node.supervising.running()
        assert (state.supervisor, state.agent, state.mode) == ("dave", "alice", mode)
        world.node.supervising.change(DAVE, SupervisionMode.BARGE)
        await hear(talk.customer, "alice", "dave")
        assert world.node.supervising.end(DAVE)
        assert await rung.ended() == 200
        await hear(talk.customer, "alice")
        assert not world.node.supervising.running()

    play(scene, organisation=supervised())


def test_a_supervisor_who_does_not_answer_or_has_no_phone_changes_nothing() -> None:
    async def scene(world: World) -> None:
        talk = await served(world)
        assert ring(world) is Reason.CALLEE_OFFLINE
        phone = await world.phone("dave")
        assert ring(world) is None
        (await phone.rings()).decline()
        await asyncio.sleep(1)
        assert ring(world) is None
        rung = await phone.rings()
        assert await rung.ended(within_s=40) == 487
        assert ring(world) is None
        rung = await phone.rings()
        talk.agent.hang_up()
        await talk.customer.ended()
        rung.answer()  # too late: the agent talks to nobody
        assert await rung.ended() == 200
        assert not world.node.supervising.running()

    play(scene, organisation=supervised())


def test_a_supervisor_who_is_rung_or_listens_is_left_alone_by_queues() -> None:
    async def scene(world: World) -> None:
        talk = await served(world)
        phone = await world.phone("erin")
        assert ring(world, user=ERIN) is None
        rung = await phone.rings()
        buyer = world.carrier("sbc1").call("+14255550152", calling="+12065550188")
        await asyncio.sleep(5)
        assert phone.calls == [rung]
        rung.answer()
        await hear(rung, "alice", CUSTOMER)
        await asyncio.sleep(5)
        assert phone.calls == [rung]
        rung.hang_up()
        sale = await phone.rings()
        sale.answer()
        await hear(sale, "+12065550188")
        buyer.hang_up()
        talk.customer.hang_up()

    snapshot = supervised()
    sales = replace(snapshot.queues[SALES], agents=(ERIN,), presence_based=True)
    play(scene, organisation=replace(snapshot, queues={**snapshot.queues, SALES: sales}))


def test_a_supervisor_whose_phone_rings_in_vain_has_a_record_and_can_be_called_off() -> None:
    async def scene(world: World) -> None:
        talk = await served(world)
        phone = await world.phone("dave")
        assert ring(world) is None
        rung = await phone.rings()
        assert world.node.supervising.end(DAVE)
        assert await rung.ended(within_s=1) == 487
        record = await world.record()
        assert (record.caller_user, record.via) == (DAVE, "supervision")
        assert record.reason is Reason.ENDED_BY_ADMINISTRATOR
        assert not world.node.supervising.end(DAVE)
        await hear(talk.customer, "alice")

    play(scene, organisation=supervised())


def test_another_phone_of_the_supervisor_does_not_take_the_ringing_over() -> None:
    """Nobody is on the line whom it could talk to."""

    async def scene(world: World) -> None:
        await served(world)
        desk, mobile = await world.phone("dave"), await world.phone("dave")
        assert ring(world) is None
        rung = await desk.rings()
        taking = await mobile.dial("104", headers=(("Replaces", rung.replaces),))
        assert await taking.ended() == 481
        rung.answer()
        await hear(rung, "alice", CUSTOMER)

    play(scene, organisation=supervised())


@pytest.mark.parametrize("is_rung", [False, True])
def test_a_supervisors_lamp_tells_nobody_whom_he_hears(is_rung: bool) -> None:
    """The agent might watch it, who is not told."""

    async def scene(world: World) -> None:
        talk = await served(world)
        phone = await world.phone("dave")
        lamp = await lit(world, talk.alice, "dave")
        own = await lit(world, phone, "dave")
        if is_rung:
            assert ring(world) is None
            dave = await phone.rings()
            dave.answer()
        else:
            dave = await phone.dial("*44101")
        await hear(dave, "alice", CUSTOMER)
        await lamp.until_lit("confirmed")
        await own.until_lit("confirmed")
        told = b"".join(notify.body for notify in lamp.told).decode()
        assert not any(word in told for word in ("Alice", "0101@", "*44"))
        assert "Alice" in own.body
        dave.hang_up()
        await lamp.until_lit(IDLE)

    play(scene, organisation=supervised())


def test_an_agent_who_calls_a_customer_back_can_be_supervised() -> None:
    async def scene(world: World) -> None:
        asking = call_in(world)
        await asking.until_hears(HEARD_OFFER, within_s=150)
        await asking.press("1")
        await asking.ended()
        agent = await (await world.phone("alice")).rings()
        agent.answer()
        await hear(agent, CALLED_BACK)
        dave = await supervise(world)
        await dave.answered()
        await hear(dave, "alice", CALLED_BACK)
        await dave.press("7")
        await hear(dave, CALLED_BACK)
        await agent.ended()

    led = supervised()
    snapshot = support(callback=callback(after_wait_s=60))
    wanted = ("users", "voice_application_policies", "entrusted_queues")
    rights = {name: getattr(led, name) for name in wanted}
    play(scene, organisation=replace(snapshot, **rights))
