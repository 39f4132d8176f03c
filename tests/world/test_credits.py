"""Prepaid calls: reserved before, cut in time, never overdrawn (ADR 0005)."""

import asyncio
from dataclasses import replace

import pytest

from callwright.kernel.ids import UserId
from callwright.kernel.money import Money
from callwright.kernel.reason import Reason
from callwright.routing.snapshot import Snapshot
from callwright.testing.agent import Answer, Decline
from callwright.testing.builders import contoso_credits, contoso_snapshot, usd
from callwright.testing.world import World, play

LONDON = "+442079460123"
LONDON_MOBILE = "+447900900123"


def with_balance(amount: str) -> Snapshot:
    return contoso_snapshot(credits=replace(contoso_credits(), opening_balance=usd(amount)))


def balance(world: World) -> Money:
    assert world.wallet.balance is not None
    return world.wallet.balance


def test_a_call_is_charged_by_started_minute_and_connection() -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1").reaction = Answer(after_s=2)
        alice = await world.phone("alice")
        call = await alice.dial(LONDON)
        await call.answered()
        await asyncio.sleep(150)
        call.hang_up()
        record = await world.record()
        assert record.charge == usd("0.07")  # 0.01 and three minutes of 0.02
        assert balance(world) == usd("49.93")

    play(scene)


def test_an_unanswered_call_costs_nothing() -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1").reaction = Decline(486, after_s=20)
        alice = await world.phone("alice")
        call = await alice.dial(LONDON)
        await call.ended()
        assert (await world.record()).charge == usd("0.00")
        assert balance(world) == usd("50.00")

    play(scene)


def test_a_free_destination_touches_nothing() -> None:
    """ASTPP#443: without a balance free destinations were refused, too."""

    async def scene(world: World) -> None:
        world.carrier("sbc1")
        alice = await world.phone("alice")
        call = await alice.dial("2065550199")
        await call.answered()
        await asyncio.sleep(600)
        call.hang_up()
        await world.record()
        assert world.wallet.charges == {}

    play(scene, organisation=with_balance("0.00"))


def test_a_balance_that_is_too_small_refuses_before_any_invite_leaves() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        alice = await world.phone("alice")
        call = await alice.dial(LONDON)
        assert await call.ended() == 403
        assert (await world.record()).reason is Reason.CREDITS_EXHAUSTED
        assert carrier.calls == []

    play(scene, organisation=with_balance("0.02"))


def test_a_call_ends_when_the_money_does() -> None:
    """magnusbilling#343: a balance for two minutes was talked on for ten."""

    async def scene(world: World) -> None:
        world.carrier("sbc1")
        alice = await world.phone("alice")
        call = await alice.dial(LONDON)
        await call.answered()
        began_s = world.clock.monotonic()
        await call.ended(within_s=200)
        assert world.clock.monotonic() - began_s == pytest.approx(120, abs=1)
        record = await world.record()
        assert record.reason is Reason.CREDITS_EXHAUSTED
        assert record.charge == usd("0.05")
        assert balance(world) == usd("0.00")

    play(scene, organisation=with_balance("0.05"))


def test_money_that_a_call_holds_stays_with_it_whatever_is_edited_meanwhile() -> None:
    """ASTPP#145: who moved his balance to another account while he talked had talked for free."""

    async def scene(world: World) -> None:
        world.carrier("sbc1")
        alice = await world.phone("alice")
        call = await alice.dial(LONDON)
        await call.answered()
        alice_now = replace(world.snapshot.users[UserId("alice")], licences=frozenset())
        users = {**world.snapshot.users, alice_now.id: alice_now}
        await world.use(replace(with_balance("0.00"), users=users))
        await asyncio.sleep(150)
        assert not call.is_over
        call.hang_up()
        assert (await world.record()).charge == usd("0.07")
        assert balance(world) == usd("49.93")
        assert world.wallet.reserved == usd("0.00")

    play(scene)


def test_a_user_without_a_credits_licence_may_not_spend() -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1")
        carol = await world.phone("carol")
        call = await carol.dial(LONDON)
        assert await call.ended() == 403
        assert (await world.record()).reason is Reason.NO_CREDITS_LICENCE

    play(scene)


@pytest.mark.row(190)
def test_a_freephone_call_needs_a_balance() -> None:
    """ASTPP#476, #474: numbers that cost by the minute went on taking calls below zero."""

    async def scene(world: World) -> None:
        call = world.carrier("sbc1").call("+18005550100", calling="2065550123")
        await call.ended()
        assert not call.is_answered
        assert (await world.record()).reason is Reason.CREDITS_EXHAUSTED

    play(scene, organisation=with_balance("0.00"))


@pytest.mark.row(49)
def test_without_money_calls_still_come_in() -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1")
        alice = await world.phone("alice")
        refused = await alice.dial(LONDON)
        assert await refused.ended() == 403
        world.carrier("sbc1").call("4255550101", calling="2065550123")
        await alice.rings()

    play(scene, organisation=with_balance("0.00"))


@pytest.mark.parametrize("seed", range(5))
def test_twenty_calls_at_once_never_overdraw(seed: int) -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        alice = await world.phone("alice")
        random = world.loop.random
        calls = []
        for _ in range(20):
            calls.append(await alice.dial(LONDON_MOBILE))
            await asyncio.sleep(random.choice((0, 0, 0.001, 0.01)))
        carrier.reaction = Answer(after_s=random.uniform(0.5, 3))
        await asyncio.sleep(random.uniform(100, 400))
        for call in calls:
            call.hang_up()
        await world.record(20)
        charged = sum((r.charge.micros for r in world.journal.records if r.charge), 0)
        assert balance(world).micros == 3_000_000 - charged
        assert world.wallet.lowest is not None
        assert world.wallet.lowest.micros >= 0
        answered = [r for r in world.journal.records if r.answered_at is not None]
        refused = [r for r in world.journal.records if r.answered_at is None]
        assert len(answered) + len(refused) == 20
        assert answered
        for record in world.journal.records:
            if record.answered_at is None:
                continue
            assert record.charge is not None
            minutes = -(-record.duration_s // 60)
            assert record.charge.micros == pytest.approx(10_000 + minutes * 100_000, abs=1)

    play(scene, organisation=with_balance("3.00"), seed=seed)


def test_a_low_balance_is_told_once() -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1")
        alice = await world.phone("alice")
        for _ in range(3):
            call = await alice.dial(LONDON_MOBILE)
            await call.answered()
            call.hang_up()
            await call.ended()
        assert len(world.postbox.low_balances) == 1

    play(scene, organisation=with_balance("5.05"))


def low_balances(world: World) -> int:
    return len(world.postbox.low_balances)


async def short_call(world: World) -> None:
    alice = world.phones[0]
    call = await alice.dial(LONDON_MOBILE)
    await call.answered()
    call.hang_up()
    await world.record(len(world.journal.records) + 1)


def test_calls_that_reserve_and_release_at_the_threshold_tell_once() -> None:
    """The balance stays above it, what is available passes it with each call."""

    async def scene(world: World) -> None:
        world.carrier("sbc1").reaction = Decline(486)
        alice = await world.phone("alice")
        for _ in range(3):
            await (await alice.dial(LONDON_MOBILE)).ended()
            await asyncio.sleep(5)
        assert balance(world) == usd("5.05")
        assert low_balances(world) == 1

    play(scene, organisation=with_balance("5.05"))


def test_a_top_up_that_helped_lets_the_next_low_balance_be_told() -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1")
        await world.phone("alice")
        await short_call(world)
        assert low_balances(world) == 1
        world.wallet.balance = balance(world) + usd("0.01")
        await short_call(world)
        assert low_balances(world) == 1
        world.wallet.balance = usd("5.05")
        await world.node.wallet.refresh()
        await short_call(world)
        assert low_balances(world) == 2

    play(scene, organisation=with_balance("5.05"))


def test_a_balance_that_stays_low_is_told_once_a_day() -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1")
        await world.phone("alice")
        await short_call(world)
        for hour in range(1, 50):
            await asyncio.sleep(3_600)
            await world.node.wallet.refresh()
            assert low_balances(world) == 1 + hour // 24

    play(scene, organisation=with_balance("5.05"))


def test_an_answer_is_noted_for_the_case_that_the_node_is_killed() -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1").reactions[LONDON] = Decline(486, after_s=5)
        alice = await world.phone("alice")
        await (await alice.dial(LONDON)).ended()
        assert world.wallet.answered == []
        call = await alice.dial(LONDON_MOBILE)
        await call.answered()
        assert len(world.wallet.answered) == 1

    play(scene)
