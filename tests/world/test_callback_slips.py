"""Agents who answer a callback and leave before the customer could answer (SPEC 5.6)."""

import asyncio

from tests.world.queue_scene import CUSTOMER, call_in
from tests.world.test_queue_callbacks import offering, take_offer

from callwright.testing.agent import Answer, Ring
from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World, play


async def leaves_early(phone: SimulatedPhone) -> None:
    rung = await phone.rings(within_s=70)
    rung.answer()
    await asyncio.sleep(2)
    rung.hang_up()


def test_agents_who_leave_use_up_none_of_the_customers_attempts() -> None:
    """After three of them the request was mailed as one that could not be reached."""

    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        carrier.reaction = Ring()
        await take_offer(call_in(world))
        alice = await world.phone("alice")
        for _ in range(3):
            await leaves_early(alice)
            await asyncio.sleep(1)
            [kept] = world.queue_store.callback_requests.kept.values()
            assert kept.attempts == 0
            assert not world.postbox.failed_callbacks
        carrier.reaction = Answer(after_s=1)
        rung = await alice.rings(within_s=70)
        rung.answer()
        await rung.until_hears(CUSTOMER, within_s=5)
        assert not world.queue_store.callback_requests.kept

    play(scene, organisation=offering(after_wait_s=60))


def test_another_agent_is_asked_at_once_and_the_customer_is_not_rung_every_few_seconds() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        carrier.reaction = Ring()
        await take_offer(call_in(world))
        alice = await world.phone("alice")
        await leaves_early(alice)
        await asyncio.sleep(50)
        assert len(carrier.invites) == 1
        assert len(alice.calls) == 1
        bob = await world.phone("bob")
        carrier.reaction = Answer(after_s=1)
        rung = await bob.rings(within_s=1)
        rung.answer()
        await rung.until_hears(CUSTOMER, within_s=5)

    play(scene, organisation=offering(after_wait_s=60))


def test_who_leaves_while_being_told_that_the_customer_is_not_there_counts_the_attempt() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        carrier.reaction = Ring()
        await take_offer(call_in(world))
        alice = await world.phone("alice")
        rung = await alice.rings()
        rung.answer()
        await rung.until_hears("say: The customer could not be reached.", within_s=50)
        rung.hang_up()
        await asyncio.sleep(1)
        [kept] = world.queue_store.callback_requests.kept.values()
        assert kept.attempts == 1
        carrier.reaction = Answer(after_s=1)
        again = await alice.rings(within_s=130)
        again.answer()
        await again.until_hears(CUSTOMER, within_s=5)

    play(scene, organisation=offering(after_wait_s=60))
