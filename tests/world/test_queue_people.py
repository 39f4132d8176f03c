"""Who is rung for a queue and what they see; colleagues who bring their callers to it."""

import asyncio
from typing import Any

import pytest
from tests.world.queue_scene import CUSTOMER, call_in, support

from callwright.calls.record import CallResult
from callwright.routing.snapshot import Snapshot
from callwright.testing.agent import Answer
from callwright.testing.phone_call import PhoneCall
from callwright.testing.world import World, play


def of_channel(**fields: object) -> Snapshot:
    def add_channel(file: dict[str, Any]) -> None:
        file["groups"]["sales-channel"] = {"members": ["alice", "bob", "erin"], "channel": True}

    channel = {"group": "sales-channel"}
    return support(add_channel, agents=[], channel=channel, routing="attendant", **fields)


@pytest.mark.row(161)
def test_everybody_of_a_channel_rings() -> None:
    async def scene(world: World) -> None:
        team = [await world.phone(name) for name in ("alice", "bob", "erin")]
        call = call_in(world)
        one, _, other = [await phone.rings() for phone in team]
        other.answer()
        await call.until_hears("erin")
        assert await one.ended() == 487

    play(scene, organisation=of_channel())


@pytest.mark.row(144)
@pytest.mark.parametrize("calling", [CUSTOMER, "+14255550105"])
@pytest.mark.parametrize(("written", "shown"), [(None, "support: "), ("Care", "Care: ")])
def test_the_agents_phone_shows_the_queue_and_the_callers_number(
    calling: str, written: str | None, shown: str
) -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        call_in(world, calling)
        name, number = (await alice.rings()).shown
        assert name.startswith(shown)
        assert number == calling

    play(scene, organisation=support(name=written))


def test_all_phones_of_an_agent_ring() -> None:
    """fusionpbx#2048: only one of a person's phones rang for a group."""

    async def scene(world: World) -> None:
        desk, mobile = await world.phone("alice"), await world.phone("alice", name="mobile")
        call = call_in(world)
        one, other = await desk.rings(), await mobile.rings()
        other.answer()
        await call.until_hears("mobile")
        assert await one.ended() == 487
        assert one.end is not None
        assert "cause=200" in (one.end.header("Reason") or "")

    play(scene, organisation=support())


async def customer_of_erin(world: World) -> tuple[PhoneCall, PhoneCall]:
    """A customer talks to Erin, who is no agent."""
    erin = await world.phone("erin")
    customer = world.carrier("sbc1").call("+14255550105", calling=CUSTOMER)
    rung = await erin.rings()
    rung.answer()
    await customer.until_hears("erin")
    return customer, rung


@pytest.mark.row(158)
def test_a_colleague_consults_an_agent_of_the_queue_and_leaves_the_caller_there() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        alice.reaction = Answer(after_s=2)
        customer, with_erin = await customer_of_erin(world)
        [erin] = [phone for phone in world.phones if phone.user == "erin"]
        await with_erin.hold()
        consulting = await erin.dial("support-line")
        await consulting.until_hears("alice")
        assert await with_erin.transfer_to(consulting) == 200
        await customer.until_hears("alice")
        [agent] = alice.live_calls
        await agent.until_hears(CUSTOMER)
        await asyncio.sleep(2)
        assert not erin.live_calls
        customer.hang_up()
        await asyncio.sleep(1)
        assert not alice.live_calls

    play(scene, organisation=support())


@pytest.mark.row(158)
def test_a_colleague_who_waits_in_the_queue_gives_the_place_to_the_caller() -> None:
    async def scene(world: World) -> None:
        customer, with_erin = await customer_of_erin(world)
        [erin] = [phone for phone in world.phones if phone.user == "erin"]
        await with_erin.hold()
        consulting = await erin.dial("support-line")
        await consulting.until_hears("music")
        assert await with_erin.transfer_to(consulting) == 200
        await customer.until_hears("music")
        assert not erin.live_calls
        alice = await world.phone("alice")
        rung = await alice.rings()
        assert rung.shown[1] == CUSTOMER
        rung.answer()
        await customer.until_hears("alice")
        customer.hang_up()
        results = {(await world.record(nth)).result for nth in (1, 2)}
        assert CallResult.ANSWERED in results

    play(scene, organisation=support())


def test_an_agent_who_calls_the_own_queue_is_not_rung_for_it() -> None:
    """Where agents in a call ring, too, the agent's other phone did, and nobody else's."""

    async def scene(world: World) -> None:
        desk, mobile = await world.phone("alice"), await world.phone("alice", name="mobile")
        bob = await world.phone("bob")
        call = await desk.dial("+14255550151")
        (await bob.rings(within_s=1)).answer()
        await call.until_hears("bob")
        assert not mobile.calls
        call.hang_up()

    agents = [{"user": "alice"}, {"user": "bob"}]
    play(scene, organisation=support(agents=agents, routing="serial", presence_based=False))
