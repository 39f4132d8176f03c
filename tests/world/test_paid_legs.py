"""Money follows the leg that costs it: from its answer to its end, and not a second longer."""

import asyncio
from dataclasses import replace

from callwright.calls.record import CallRecord, CallResult
from callwright.domains.credits.model import Credits
from callwright.kernel.ids import CallQueueId, ResourceAccountId
from callwright.kernel.money import Money
from callwright.kernel.reason import Reason
from callwright.kernel.target import ToQueue
from callwright.storage.faults import DatabaseError
from callwright.testing.agent import Answer, Decline
from callwright.testing.builders import (
    RECEPTION,
    contoso_credits,
    contoso_resource_accounts,
    contoso_snapshot,
    reception,
    usd,
)
from callwright.testing.world import World, play

LONDON = "+442079460123"
LONDON_MOBILE = "+447900900123"
SEATTLE = "+12065550199"


def credits_of(amount: str) -> Credits:
    return replace(contoso_credits(), opening_balance=usd(amount))


def test_a_failed_transfer_costs_nothing_and_holds_nothing() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        carrier.reactions[LONDON] = Decline(486)
        carrier.reaction = Answer(1)
        alice = await world.phone("alice")
        alice.reaction = Answer(1)
        call = carrier.call("+14255550101", calling="+12065550101")
        await call.answered()
        await asyncio.sleep(2)
        assert await alice.calls[0].transfer(LONDON) == 486
        await asyncio.sleep(2)
        assert world.wallet.reserved == usd("0.00")
        assert await alice.calls[0].transfer(SEATTLE) == 200
        await asyncio.sleep(130)
        call.hang_up()
        assert (await world.record()).charge == usd("0.00")
        assert world.wallet.balance == usd("50.00")

    play(scene)


def test_the_meter_stops_when_the_paid_party_leaves() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        carrier.reaction = Answer(1)
        alice, bob = await world.phone("alice"), await world.phone("bob")
        bob.reaction = Answer(1)
        call = await alice.dial(LONDON)
        await call.answered()
        await asyncio.sleep(30)
        assert await carrier.calls[0].transfer("102") == 200
        await call.until_hears("bob")
        await asyncio.sleep(1)
        assert world.wallet.balance == usd("49.97")  # 0.01 and one minute, settled already
        await asyncio.sleep(600)
        call.hang_up()
        assert (await world.record()).charge == usd("0.03")

    play(scene)


def test_a_wallet_that_cannot_answer_grants_nothing() -> None:
    """A full disk in mid-call: the paid minute is talked, not a second one."""

    async def scene(world: World) -> None:
        async def fail(key: str, slice_number: int, amount: Money) -> bool:
            raise DatabaseError("the disk is full")

        world.carrier("sbc1").reaction = Answer(1)
        alice = await world.phone("alice")
        call = await alice.dial(LONDON_MOBILE)
        await call.answered()
        world.wallet.reserve = fail  # type: ignore[method-assign]
        world.node.wallet._store.reserve = fail  # type: ignore[method-assign]
        await call.ended(within_s=70)
        record = await world.record()
        assert (record.result, record.reason) == (CallResult.ANSWERED, Reason.CREDITS_EXHAUSTED)
        assert record.charge == usd("0.11")

    play(scene)


def test_a_paid_call_is_refused_while_the_balance_cannot_be_asked() -> None:
    """Free ones are not: they touch no money."""

    async def scene(world: World) -> None:
        async def fail(key: str, slice_number: int, amount: Money) -> bool:
            raise DatabaseError("the disk is full")

        world.node.wallet._store.reserve = fail  # type: ignore[method-assign]
        world.carrier("sbc1").reaction = Answer(1)
        alice = await world.phone("alice")
        assert await (await alice.dial(LONDON_MOBILE)).ended() == 503
        assert (await world.record()).reason is Reason.CREDITS_UNAVAILABLE
        await (await alice.dial("+12065550177")).answered()
        assert not world.failures

    play(scene)


def test_a_call_whose_settlement_fails_ends_all_the_same() -> None:
    async def scene(world: World) -> None:
        async def fail(key: str, amount: Money) -> None:
            raise DatabaseError("the disk is full")

        world.carrier("sbc1").reaction = Answer(1)
        alice = await world.phone("alice")
        call = await alice.dial(LONDON_MOBILE)
        await call.answered()
        whole = world.wallet.settle
        world.node.wallet._store.settle = fail  # type: ignore[method-assign]
        call.hang_up()
        record = await world.record()
        assert record.charge == usd("0.11")
        assert len(world.node.calls) == 0
        world.failures.clear()
        await whole(f"{record.id}/0", usd("0.11"))  # what a start after a crash does

    play(scene)


def test_a_stop_does_not_lose_a_call_that_is_being_settled() -> None:
    async def scene(world: World) -> None:
        whole = world.wallet.settle

        async def slowly(key: str, amount: Money) -> None:
            await asyncio.sleep(8)
            await whole(key, amount)

        world.carrier("sbc1").reaction = Answer(1)
        alice = await world.phone("alice")
        call = await alice.dial(LONDON_MOBILE)
        await call.answered()
        world.node.wallet._store.settle = slowly  # type: ignore[method-assign]
        call.hang_up()
        await asyncio.sleep(1)
        await world.node.stop(5)
        record: CallRecord = await world.record()
        assert record.charge == usd("0.11")
        assert world.wallet.balance == usd("49.89")

    play(scene)


def test_a_freephone_caller_who_is_cut_off_was_answered() -> None:
    """ASTPP#476: a call to such a number went on when the money was used up."""
    accounts = contoso_resource_accounts()
    free_line = ResourceAccountId("free-line")
    accounts[free_line] = replace(accounts[free_line], answers=ToQueue(CallQueueId("sales")))

    async def scene(world: World) -> None:
        call = world.carrier("sbc1").call("+18005550100", calling="+12065550101")
        await call.answered()
        await call.ended(within_s=300)
        record = await world.record()
        assert (record.result, record.sip_status) == (CallResult.ANSWERED, 200)
        assert record.reason is Reason.CREDITS_EXHAUSTED
        assert record.charge == usd("0.03")

    organisation = contoso_snapshot(credits=credits_of("0.05"), resource_accounts=accounts)
    play(scene, organisation=organisation)


def test_a_user_without_licence_does_not_get_outside_through_the_attendant() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        dave = await world.phone("dave")
        call = await dave.dial("main-line")
        await call.answered()
        await asyncio.sleep(1)
        await call.press("9")
        await call.ended(within_s=15)
        assert (await world.record()).reason is Reason.NO_PHONE_LICENCE
        assert carrier.calls == []

    without_operator = {RECEPTION: reception(operator=None)}
    play(scene, organisation=contoso_snapshot(attendants=without_operator))
