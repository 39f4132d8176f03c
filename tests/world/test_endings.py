"""How calls end, and that the record says what a person would say of them."""

import asyncio
from dataclasses import replace

import pytest

from callwright.calls.record import CallResult
from callwright.domains.queues.model import ExceptionAction
from callwright.kernel.ids import CallQueueId, UserId
from callwright.kernel.limits.media import MEDIA_TIMEOUT_HOLD_S, MEDIA_TIMEOUT_S
from callwright.kernel.reason import Reason
from callwright.kernel.target import Target, ToUser
from callwright.routing.snapshot import Snapshot
from callwright.testing.agent import Answer, Decline, Ignore, Ring
from callwright.testing.builders import contoso_queues, contoso_snapshot
from callwright.testing.world import World, play

SEATTLE = "+12065550199"


def support_that_times_out_to(target: Target) -> Snapshot:
    queues = contoso_queues()
    support = CallQueueId("support")
    timeout = ExceptionAction(target)
    queues[support] = replace(queues[support], timeout_s=15, timeout=timeout)
    return contoso_snapshot(queues=queues)


def test_a_queue_caller_who_is_served_after_the_timeout_was_answered() -> None:
    async def scene(world: World) -> None:
        dave = await world.phone("dave")
        dave.reaction = Answer(1)
        call = world.carrier("sbc1").call("+14255550151", calling="+12065550101")
        await call.answered()
        await call.until_hears("dave", within_s=60)
        call.hang_up()
        record = await world.record()
        assert (record.result, record.reason) == (CallResult.ANSWERED, Reason.NORMAL)
        assert record.callee_user == "dave"

    play(scene, organisation=support_that_times_out_to(ToUser(UserId("dave"))))


def test_a_talked_call_stays_answered_when_its_transfer_fails() -> None:
    async def scene(world: World) -> None:
        alice, bob, dave = [await world.phone(user) for user in ("alice", "bob", "dave")]
        bob.reaction = Answer(1)
        dave.reaction = Decline(486, after_s=3)
        call = await alice.dial("102")
        await call.answered()
        await asyncio.sleep(1)
        transfer = asyncio.ensure_future(bob.calls[0].transfer("104"))
        await asyncio.sleep(0.5)
        bob.calls[0].hang_up()
        await call.ended()
        transfer.cancel()
        record = await world.record()
        assert (record.result, record.sip_status) == (CallResult.ANSWERED, 200)
        assert record.reason is Reason.CALLEE_BUSY
        assert record.callee_user == "bob"

    play(scene)


def test_the_transferor_is_told_what_the_target_said() -> None:
    async def scene(world: World) -> None:
        alice, bob, dave = [await world.phone(user) for user in ("alice", "bob", "dave")]
        bob.reaction = Answer(1)
        dave.reaction = Decline(486)
        call = await alice.dial("102")
        await call.answered()
        assert await bob.calls[0].transfer("104") == 486
        await call.until_hears("bob")
        call.hang_up()
        await world.record()

    play(scene)


def test_the_target_of_a_transfer_sees_who_is_transferred() -> None:
    """asterisk#1780, wazo-calld#421: it saw who transferred."""

    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        alice = await world.phone("alice")
        alice.reaction = Answer(1)
        call = carrier.call("+14255550101", calling="+12065550101")
        await call.answered()
        assert await alice.calls[0].transfer(SEATTLE) == 200
        assert carrier.invites[-1].from_.uri.user == "+12065550101"
        call.hang_up()
        await world.record()

    play(scene)


def test_transfers_of_one_call_are_bounded() -> None:
    async def scene(world: World) -> None:
        alice, bob, dave = [await world.phone(user) for user in ("alice", "bob", "dave")]
        bob.reaction = dave.reaction = Answer(0.1)
        call = await alice.dial("102")
        await call.answered()
        statuses, holder = [], bob
        for _ in range(60):
            target, other = ("104", dave) if holder is bob else ("102", bob)
            status = await holder.calls[-1].transfer(target)
            statuses.append(status)
            if status != 200:
                break
            await asyncio.sleep(0.5)
            holder = other
        assert statuses.count(200) == 50
        assert statuses[-1] == 603
        await call.until_hears(holder.name)
        call.hang_up()
        assert (await world.record()).result is CallResult.ANSWERED

    play(scene)


@pytest.mark.parametrize("holds", [False, True])
def test_a_phone_that_vanished_is_noticed(holds: bool) -> None:
    async def scene(world: World) -> None:
        alice, bob = [await world.phone(user) for user in ("alice", "bob")]
        bob.reaction = Answer(1)
        call = await alice.dial("102")
        await call.answered()
        if holds:
            await bob.calls[0].hold()
        bob.vanish()
        limit_s = MEDIA_TIMEOUT_HOLD_S if holds else MEDIA_TIMEOUT_S
        await call.ended(within_s=limit_s + 10)
        record = await world.record()
        assert record.result is CallResult.ANSWERED
        assert record.reason in (Reason.MEDIA_TIMEOUT, Reason.PEER_LOST)

    play(scene)


def test_early_media_that_failed_over_becomes_ringing() -> None:
    async def scene(world: World) -> None:
        first, second = world.carrier("sbc1"), world.carrier("sbc2")
        first.reaction, second.reaction = Ignore(), Ring()
        alice = await world.phone("alice")
        call = await alice.dial(SEATTLE)
        await asyncio.sleep(1)
        first.calls[0].answer_early()
        await asyncio.sleep(1)
        first.calls[0].decline(503)
        await call.until_hears("ringback")
        call.hang_up()
        await world.record()

    play(scene)


@pytest.mark.parametrize("status", [302, 401, 407])
def test_what_is_between_us_and_the_gateway_is_not_told_to_the_phone(status: int) -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1").reaction = Decline(status)
        alice = await world.phone("alice")
        call = await alice.dial(SEATTLE)
        assert await call.ended() == 503
        assert (await world.record()).reason is Reason.GATEWAY_REFUSED

    play(scene)


def test_too_few_ports_leave_no_phone_ringing_for_nobody() -> None:
    async def scene(world: World) -> None:
        taken = []
        while world.ports.free_count > 10:
            taken.append(world.ports.take())
        alice = await world.phone("alice")
        office = world.nat()
        phones = [await world.phone("bob", name=f"bob-{number}", nat=office) for number in range(3)]
        # One joins alice's pair, one gets the last that is not kept for emergencies.
        call = await alice.dial("102")
        await asyncio.sleep(1)
        rung = [phone for phone in phones if phone.calls]
        assert len(rung) == 2
        call.hang_up()
        await world.record()
        for phone in rung:
            await phone.calls[0].ended()
        for port in taken:
            world.ports.give_back(port)

    play(scene)
