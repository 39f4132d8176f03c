"""When a supervisor is out of a call before it ends: it is one for help, or the right is gone."""

import asyncio
from dataclasses import replace

import pytest
from tests.world.supervision_scene import (
    CUSTOMER,
    DAVE,
    NO,
    hear,
    hears_for,
    join,
    served,
    supervise,
    supervised,
)

from callwright.kernel.reason import Reason
from callwright.kernel.supervision import SupervisionMode
from callwright.routing.snapshot import Snapshot
from callwright.testing.builders import contoso_users
from callwright.testing.phone_call import PhoneCall
from callwright.testing.world import World, play

NO_LEADS = replace(supervised(), entrusted_queues={})
GONE = replace(supervised(), users={**supervised().users, DAVE: contoso_users()[DAVE]})
LESS = supervised(SupervisionMode.MONITOR)


def test_nobody_listens_to_a_call_for_help() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        help_call = await alice.dial("911")
        (await world.carrier("sbc1").rings()).answer()
        await help_call.answered()
        call = await supervise(world)
        assert await call.ended() == 403
        assert "call for help" in str((await world.record()).steps)

    play(scene, organisation=supervised())


def test_a_supervisor_is_out_as_soon_as_the_agent_is_put_through_to_help() -> None:
    """A colleague who called the queue hands its agent on to the emergency number."""

    async def scene(world: World) -> None:
        asked, agent = await asked_by_bob(world)
        dave = await supervise(world)
        await dave.answered()
        await dave.press("6")
        await hear(asked, "alice", "dave")
        transfer = asyncio.ensure_future(asked.transfer("911"))
        helper = await world.carrier("sbc1").rings()
        assert await dave.ended(within_s=1) == 200  # while it rings
        assert not world.node.supervising.running()
        helper.answer()
        await transfer
        await hear(helper, "alice")
        await agent.press("5")
        await hears_for(helper, 3, "alice")
        own = await world.record()
        assert own.reason is Reason.SUPERVISION_FORBIDDEN
        assert "call for help" in str(own.steps)
        helper.hang_up()
        assert "call for help" in str((await world.record(2)).steps)

    play(scene, organisation=supervised())


def test_a_supervisor_is_out_as_soon_as_the_caller_is_put_through_to_help() -> None:
    async def scene(world: World) -> None:
        talk = await served(world)
        dave = await join(world, talk)
        transfer = asyncio.ensure_future(talk.agent.transfer("911"))
        helper = await world.carrier("sbc1").rings()
        assert await dave.ended(within_s=1) == 200
        helper.answer()
        assert await transfer == 200
        await hear(helper, CUSTOMER)

    play(scene, organisation=supervised())


def test_who_is_given_back_because_no_help_came_can_be_supervised_again() -> None:
    async def scene(world: World) -> None:
        asked, agent = await asked_by_bob(world)
        transfer = asyncio.ensure_future(asked.transfer("911"))
        (await world.carrier("sbc1").rings()).decline()
        await transfer
        await hear(agent, "bob")
        dave = await supervise(world)
        await dave.answered()
        await hear(dave, "alice", "bob")

    play(scene, organisation=supervised())


async def asked_by_bob(world: World) -> tuple[PhoneCall, PhoneCall]:
    """bob calls the queue and alice answers: his call, and hers."""
    alice, bob = await world.phone("alice"), await world.phone("bob")
    asked = await bob.dial("+14255550151")
    agent = await alice.rings()
    agent.answer()
    await hear(asked, "alice")
    return asked, agent


@pytest.mark.parametrize("now", [supervised(most=None), NO_LEADS, GONE, LESS])
def test_who_loses_the_right_while_he_is_in_the_call_is_out(now: Snapshot) -> None:
    async def scene(world: World) -> None:
        talk = await served(world)
        dave = await join(world, talk)
        await dave.press("5")
        await hear(talk.agent, CUSTOMER, "dave")
        await hear(dave, "alice", CUSTOMER)
        await world.use(supervised(SupervisionMode.WHISPER))
        await hears_for(dave, 2, "alice", CUSTOMER)
        await world.use(now)
        assert await dave.ended(within_s=1) == 200
        await hear(talk.agent, CUSTOMER)
        await hear(talk.customer, "alice")
        assert (await world.record()).reason is Reason.SUPERVISION_FORBIDDEN

    play(scene, organisation=supervised())


def test_keys_do_what_the_right_is_now() -> None:
    async def scene(world: World) -> None:
        talk = await served(world)
        dave = await join(world, talk)
        await world.use(LESS)
        await dave.press("6")
        await hear(dave, NO, "alice", CUSTOMER)
        await hears_for(talk.customer, 2, "alice")
        await world.use(supervised(SupervisionMode.BARGE))
        await dave.press("6")
        await hear(talk.customer, "alice", "dave")

    play(scene, organisation=supervised())
