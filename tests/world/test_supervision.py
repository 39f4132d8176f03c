"""Who hears whom in supervised calls, in every mode and after every change (SPEC 10.3)."""

import asyncio
from random import Random

import pytest
from tests.world.supervision_scene import (
    CUSTOMER,
    NO,
    hear,
    join,
    served,
    supervise,
    supervised,
)

from callwright.calls.record import CallResult
from callwright.kernel.limits.supervision import SUPERVISION_CHANGES_NOTED_MAX
from callwright.testing.network import Conditions
from callwright.testing.world import World, play


@pytest.mark.row(281)
def test_each_mode_has_its_audio_paths_and_keys_change_over() -> None:
    async def scene(world: World) -> None:
        talk = await served(world)
        dave = await join(world, talk)
        await hear(talk.customer, "alice")  # monitor: as before
        await hear(talk.agent, CUSTOMER)

        await dave.press("5")
        await hear(talk.agent, CUSTOMER, "dave")
        await hear(talk.customer, "alice")
        await hear(dave, "alice", CUSTOMER)

        await dave.press("6")
        await hear(talk.customer, "alice", "dave")
        await hear(talk.agent, CUSTOMER, "dave")
        await hear(dave, "alice", CUSTOMER)

        await dave.press("4")
        await hear(talk.customer, "alice")
        await hear(talk.agent, CUSTOMER)
        await hear(dave, "alice", CUSTOMER)

        await dave.press("7")
        await hear(talk.customer, "dave")
        await hear(dave, CUSTOMER)
        assert await talk.agent.ended() == 200
        await asyncio.sleep(10)
        talk.customer.hang_up()
        await dave.ended()
        records = [await world.record(1), await world.record(2)]
        assert {record.result for record in records} == {CallResult.ANSWERED}
        (theirs,) = [record for record in records if record.caller_user is None]
        told = [step.what for step in theirs.steps]
        assert "dave supervises alice: monitor" in told
        assert "dave takes the call over" in told

    play(scene, organisation=supervised())


def test_coming_and_going_makes_no_gap_and_no_echo() -> None:
    async def scene(world: World) -> None:
        talk = await served(world)
        ears = asyncio.gather(talk.customer.listen(40), talk.agent.listen(40))
        for _ in range(3):
            dave = await join(world, talk)
            await asyncio.sleep(3)
            dave.hang_up()
            await asyncio.sleep(3)
        heard = [set(sources) for one in await ears for sources in one]
        assert heard == [{"alice"}, {CUSTOMER}]

    play(scene, organisation=supervised())


@pytest.mark.parametrize("leaves", ["customer", "agent"])
def test_the_supervisor_leaves_with_the_call(leaves: str) -> None:
    async def scene(world: World) -> None:
        talk = await served(world)
        dave = await join(world, talk)
        await asyncio.sleep(1)  # an agent who leaves sooner answered by mistake
        (talk.customer if leaves == "customer" else talk.agent).hang_up()
        assert await dave.ended() == 200
        await world.record(2)
        assert not world.node.supervising.running()

    play(scene, organisation=supervised())


def test_hold_and_resume_go_on_under_supervision() -> None:
    async def scene(world: World) -> None:
        talk = await served(world)
        dave = await join(world, talk)
        await talk.agent.hold()
        await hear(talk.customer, "music")
        await hear(dave, "alice", CUSTOMER)  # a phone that says sendonly sends
        dave.hang_up()
        await asyncio.sleep(1)
        await hear(talk.customer, "music")
        dave = await supervise(world)
        await dave.answered()
        await hear(dave, "alice", CUSTOMER)
        await hear(talk.customer, "music")
        await talk.agent.resume()
        await hear(talk.customer, "alice")
        await hear(dave, "alice", CUSTOMER)

    play(scene, organisation=supervised())


def test_a_transfer_takes_the_caller_away_from_agent_and_supervisor() -> None:
    async def scene(world: World) -> None:
        talk = await served(world)
        dave = await join(world, talk)
        bob = await world.phone("bob")
        transfer = asyncio.ensure_future(talk.agent.transfer("102"))
        there = await bob.rings()
        await hear(dave)
        there.answer()
        assert await transfer == 200
        await hear(talk.customer, "bob")
        await hear(there, CUSTOMER)
        assert await dave.ended() == 200

    play(scene, organisation=supervised())


def test_a_transfer_that_fails_gives_all_three_back() -> None:
    async def scene(world: World) -> None:
        talk = await served(world)
        dave = await join(world, talk)
        await dave.press("5")
        await hear(talk.agent, CUSTOMER, "dave")
        bob = await world.phone("bob")
        transfer = asyncio.ensure_future(talk.agent.transfer("102"))
        there = await bob.rings()
        await dave.press("7")  # there is nothing to take over just now
        await hear(dave, NO)
        there.decline()
        assert await transfer == 603
        await hear(talk.agent, CUSTOMER, "dave")
        await hear(talk.customer, "alice")
        await hear(dave, "alice", CUSTOMER)

    play(scene, organisation=supervised())


def test_keys_reach_the_other_party_under_supervision_and_the_supervisors_reach_nobody() -> None:
    async def scene(world: World) -> None:
        talk = await served(world)
        dave = await join(world, talk)
        await talk.agent.press("12")
        await talk.customer.press("3")
        await dave.press("45")
        await asyncio.sleep(2)
        assert (talk.customer.digits, talk.agent.digits, dave.digits) == ("12", "3", "")
        dave.hang_up()
        await asyncio.sleep(1)
        await talk.agent.press("6")
        await asyncio.sleep(1)
        assert talk.customer.digits == "126"

    play(scene, organisation=supervised())


def test_an_agent_who_joins_two_parties_leaves_and_so_does_the_supervisor() -> None:
    async def scene(world: World) -> None:
        talk = await served(world)
        dave = await join(world, talk)
        bob = await world.phone("bob")
        await talk.agent.hold()
        consulted = await talk.alice.dial("102")
        there = await bob.rings()
        there.answer()
        await hear(there, "alice")
        assert await talk.agent.transfer_to(consulted) == 200
        await hear(talk.customer, "bob")
        await hear(there, CUSTOMER)
        assert await dave.ended() == 200

    play(scene, organisation=supervised())


def test_a_supervisor_who_was_given_the_call_may_transfer_it() -> None:
    async def scene(world: World) -> None:
        talk = await served(world)
        dave = await join(world, talk)
        assert await dave.transfer("102") == 603  # while he listens there is nothing to transfer
        await dave.press("7")
        await hear(dave, CUSTOMER)
        bob = await world.phone("bob")
        transfer = asyncio.ensure_future(dave.transfer("102"))
        there = await bob.rings()
        there.answer()
        assert await transfer == 200
        await hear(talk.customer, "bob")

    play(scene, organisation=supervised())


@pytest.mark.parametrize("seed", range(8))
def test_whoever_leaves_at_whatever_instant_nothing_is_left_behind(seed: int) -> None:
    """The world checks at its end that no leg, port, room or task outlived its call."""

    async def scene(world: World) -> None:
        talk = await served(world)
        dave = await supervise(world)
        chance = Random(seed)
        await asyncio.sleep(chance.random())
        for key in chance.choices("4567", k=3):
            if not dave.is_over:
                await dave.press(key)
        leavers = [dave, talk.customer, talk.agent]
        chance.shuffle(leavers)
        for each in leavers:
            await asyncio.sleep(chance.random() / 5)
            if not each.is_over:
                each.hang_up()
        await world.record(2)
        assert not world.node.supervising.running()

    play(scene, organisation=supervised(), seed=seed, conditions=Conditions(loss=0.1))


def test_an_agent_who_goes_on_with_another_phone_keeps_the_supervisor() -> None:
    async def scene(world: World) -> None:
        talk = await served(world)
        dave = await join(world, talk)
        await dave.press("5")
        await hear(talk.agent, CUSTOMER, "dave")
        mobile = await world.phone("alice", name="mobile")
        moved = await mobile.dial("101", headers=(("Replaces", talk.agent.replaces),))
        await moved.answered()
        await talk.agent.ended()
        await hear(talk.customer, "mobile")
        await hear(moved, CUSTOMER, "dave")
        await hear(dave, "mobile", CUSTOMER)
        moved.hang_up()
        assert await dave.ended() == 200
        await talk.customer.ended()

    play(scene, organisation=supervised())


def test_who_plays_with_the_keys_fills_no_record() -> None:
    async def scene(world: World) -> None:
        talk = await served(world)
        dave = await join(world, talk)
        for _ in range(SUPERVISION_CHANGES_NOTED_MAX):
            await dave.press("5")
            await dave.press("4")
        talk.customer.hang_up()
        await dave.ended()
        for nth in (1, 2):
            steps = (await world.record(nth)).steps
            changes = [step for step in steps if "changes over" in step.what]
            assert len(changes) == SUPERVISION_CHANGES_NOTED_MAX

    play(scene, organisation=supervised())
