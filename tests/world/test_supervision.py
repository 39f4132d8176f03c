"""Supervisors in agents' calls: who hears whom, in every mode and after every change (SPEC 10.3).

Each party has a tone of its own; ``until_hears`` names all that a party hears, and no other.
"""

import asyncio
from dataclasses import dataclass, replace
from typing import Any

import pytest

from callwright.calls.record import CallResult
from callwright.domains.policies.model import VoiceApplicationsPolicy
from callwright.domains.queues.model import RoutingMethod
from callwright.kernel.ids import UserId
from callwright.kernel.policy import PolicyKind
from callwright.kernel.reason import Reason
from callwright.kernel.supervision import SupervisionMode
from callwright.routing.snapshot import Snapshot
from callwright.testing.builders import SUPPORT, contoso_queues, contoso_snapshot, contoso_users
from callwright.testing.phone_call import PhoneCall
from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World, play

SUPPORT_NUMBER = "+14255550151"
CUSTOMER = "+12065550101"
JOINED = "say: A supervisor has joined."
NO = "say: That is not allowed."
DAVE, ERIN = UserId("dave"), UserId("erin")


def supervised(most: SupervisionMode | None = SupervisionMode.TAKEOVER, **policy: Any) -> Snapshot:
    """The demo organisation, where dave and erin lead support, whose one agent is alice."""
    queues, users = contoso_queues(), contoso_users()
    leads = {PolicyKind.VOICE_APPLICATIONS: "leads"}
    for lead in (DAVE, ERIN):
        users[lead] = replace(users[lead], policies=leads)
    queue = replace(
        queues[SUPPORT], agents=(UserId("alice"),), routing=RoutingMethod.SERIAL, greeting=None
    )
    return contoso_snapshot(
        users=users,
        queues={**queues, SUPPORT: queue},
        voice_application_policies={"leads": VoiceApplicationsPolicy(supervision=most, **policy)},
        entrusted_queues={DAVE: frozenset({SUPPORT}), ERIN: frozenset({SUPPORT})},
    )


@dataclass
class Served:
    """A customer whom alice serves."""

    customer: PhoneCall
    agent: PhoneCall
    alice: SimulatedPhone


async def served(world: World) -> Served:
    alice = await world.phone("alice")
    customer = world.carrier("sbc1").call(SUPPORT_NUMBER, calling=CUSTOMER)
    agent = await alice.rings()
    agent.answer()
    await hear(customer, "alice")
    await hear(agent, CUSTOMER)
    return Served(customer, agent, alice)


async def hear(call: PhoneCall, *others: str) -> None:
    await call.until_hears(*others, within_s=5)


async def supervise(world: World, user: str = "dave", extension: str = "101") -> PhoneCall:
    phone = await world.phone(user)
    return await phone.dial(f"*44{extension}")


async def join(world: World, talk: Served) -> PhoneCall:
    """dave listens."""
    dave = await supervise(world)
    await dave.answered()
    await hear(dave, "alice", CUSTOMER)
    return dave


async def hears_for(call: PhoneCall, seconds: float, *others: str) -> None:
    """Nothing else, and no gap."""
    assert await call.listen(seconds) == [frozenset(others)]


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


def test_the_agent_is_told_where_the_policy_says_so() -> None:
    async def scene(world: World) -> None:
        talk = await served(world)
        ear = asyncio.ensure_future(talk.agent.listen(10))
        await join(world, talk)
        assert await ear == [{CUSTOMER}, {CUSTOMER, JOINED}, {CUSTOMER}]
        await hears_for(talk.customer, 1, "alice")

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


@pytest.mark.parametrize("leaves", ["customer", "agent"])
def test_the_supervisor_leaves_with_the_call(leaves: str) -> None:
    async def scene(world: World) -> None:
        talk = await served(world)
        dave = await join(world, talk)
        (talk.customer if leaves == "customer" else talk.agent).hang_up()
        assert await dave.ended() == 200
        await world.record(2)
        assert not list(world.node.supervisions)

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
        (await bob.rings()).decline()
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
