"""Things that go wrong at a bad moment: phones die, ports run out, the node stops."""

import asyncio
from dataclasses import replace

import pytest

from callwright.calls.record import CallResult
from callwright.domains.directory.model import Answering
from callwright.kernel.e164 import E164
from callwright.kernel.ids import UserId
from callwright.kernel.money import Money
from callwright.kernel.target import ToExternal
from callwright.testing.agent import Answer, Decline
from callwright.testing.builders import SUPPORT, contoso_snapshot
from callwright.testing.phone_call import PhoneCall
from callwright.testing.world import World, play


async def talking(world: World) -> tuple[PhoneCall, PhoneCall]:
    alice, bob = await world.phone("alice"), await world.phone("bob")
    made = await alice.dial("102")
    taken = await bob.rings()
    taken.answer()
    await made.answered()
    return made, taken


def test_one_phone_is_busy_and_the_other_answers() -> None:
    async def scene(world: World) -> None:
        alice, desk = await world.phone("alice"), await world.phone("bob", name="desk")
        mobile = await world.phone("bob", name="mobile")
        desk.reaction, mobile.reaction = Decline(486), Answer(after_s=2)
        call = await alice.dial("102")
        await call.answered()
        await call.until_hears("mobile")

    play(scene)


def test_one_phone_is_dead_and_the_other_answers() -> None:
    async def scene(world: World) -> None:
        alice, desk = await world.phone("alice"), await world.phone("bob", name="desk")
        mobile = await world.phone("bob", name="mobile")
        desk.vanish()
        mobile.reaction = Answer(after_s=15)
        call = await alice.dial("102")
        await call.answered()
        await call.until_hears("mobile")

    play(scene)


def test_a_caller_who_vanishes_while_waiting_leaves_the_queue() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        call = carrier.call("+14255550151", calling="2065550123")
        await call.until_hears("music")
        carrier.vanish()
        await world.record(within_s=700)
        assert world.node.floor.waiting_count(SUPPORT) == 0

    demo = contoso_snapshot()
    support = replace(demo.queues[SUPPORT], timeout_s=2_700)
    play(scene, organisation=replace(demo, queues={**demo.queues, SUPPORT: support}))


def test_an_agent_whose_phone_dies_while_it_rings_does_not_hold_up_the_caller() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = world.carrier("sbc1").call("+14255550151", calling="2065550123")
        await alice.rings()
        alice.vanish()
        (await bob.rings(within_s=16)).answer()
        await call.until_hears("bob")

    play(scene)


def test_both_hold_at_the_same_instant() -> None:
    async def scene(world: World) -> None:
        made, taken = await talking(world)
        await asyncio.gather(made.hold(), taken.hold())
        assert (made.hears(), taken.hears()) == (frozenset(), frozenset())
        await asyncio.gather(made.resume(), taken.resume())
        await made.until_hears("bob")
        await taken.until_hears("alice")

    play(scene)


def test_both_hang_up_at_the_same_instant() -> None:
    async def scene(world: World) -> None:
        made, taken = await talking(world)
        made.hang_up()
        taken.hang_up()
        record = await world.record()
        assert record.result is CallResult.ANSWERED

    play(scene)


def test_keys_pass_between_two_who_talk() -> None:
    async def scene(world: World) -> None:
        made, taken = await talking(world)
        await made.press("12#")
        await taken.press("9")
        await asyncio.sleep(1)
        assert (made.digits, taken.digits) == ("9", "12#")

    play(scene)


def test_a_transfer_to_oneself_harms_nobody() -> None:
    async def scene(world: World) -> None:
        made, taken = await talking(world)
        asyncio.get_running_loop().call_later(60, made.hang_up)
        await taken.transfer("102", within_s=100)

    play(scene)


def test_both_transfer_at_the_same_instant() -> None:
    async def scene(world: World) -> None:
        dave, erin = await world.phone("dave"), await world.phone("erin")
        dave.reaction = erin.reaction = Answer()
        made, taken = await talking(world)
        statuses = await asyncio.gather(
            made.transfer("104"), taken.transfer("105"), return_exceptions=True
        )
        assert len([status for status in statuses if status == 200]) == 1

    play(scene)


def test_a_transferor_who_leaves_at_once_does_not_end_the_transfer() -> None:
    async def scene(world: World) -> None:
        dave = await world.phone("dave")
        made, taken = await talking(world)
        transfer = asyncio.get_running_loop().create_task(taken.transfer("104"))
        rung = await dave.rings()
        taken.hang_up()
        await asyncio.sleep(1)
        rung.answer()
        await made.until_hears("dave")
        transfer.cancel()

    play(scene)


def test_a_transferee_who_leaves_ends_the_transfer() -> None:
    async def scene(world: World) -> None:
        dave = await world.phone("dave")
        made, taken = await talking(world)
        transfer = asyncio.get_running_loop().create_task(taken.transfer("104"))
        rung = await dave.rings()
        made.hang_up()
        await rung.ended(within_s=1)
        await taken.ended(within_s=1)
        transfer.cancel()

    play(scene)


def test_unanswered_calls_may_go_to_an_outside_number_that_costs_money() -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1")
        dave = await world.phone("dave")
        await world.phone("alice")
        call = await dave.dial("101")
        await call.answered(within_s=8)
        await call.until_hears("+442079460123")
        await asyncio.sleep(10)
        call.hang_up()
        record = await world.record()
        assert record.charge == Money.parse("0.03", "USD")

    demo = contoso_snapshot()
    alice = demo.users[UserId("alice")]
    away = Answering(unanswered_after_s=5, unanswered_to=ToExternal(E164("+442079460123")))
    users = {**demo.users, alice.id: replace(alice, answering=away)}
    play(scene, organisation=replace(demo, users=users))


def test_one_pair_of_ports_serves_everyone_whose_packets_can_be_told_apart() -> None:
    async def scene(world: World) -> None:
        made, _ = await talking(world)
        dave, erin = await world.phone("dave"), await world.phone("erin")
        erin.reaction = Answer()
        call = await dave.dial("105")
        await call.answered()
        await call.until_hears("erin")
        await made.until_hears("bob")
        again = await made.agent.dial("105")
        assert await again.ended() == 503, "the phone has a call on this port already"
        made.hang_up()
        call.hang_up()
        await world.record(3)
        later = await made.agent.dial("105")
        await later.answered()
        await later.until_hears("erin")

    play(scene, rtp_ports=(20_000, 20_001))


@pytest.mark.parametrize("grace_s", [1.0, 30.0])
def test_a_node_that_stops_ends_its_calls_in_time(grace_s: float) -> None:
    async def scene(world: World) -> None:
        made, taken = await talking(world)
        began_s = world.clock.monotonic()
        await world.node.stop(grace_s)
        assert world.clock.monotonic() - began_s == pytest.approx(grace_s, abs=1)
        await made.ended(within_s=1)
        await taken.ended(within_s=1)
        refused = await world.phones[0].dial("102")
        assert await refused.ended() == 503

    play(scene)
