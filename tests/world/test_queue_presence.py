"""Who is rung in which state, told exactly, as calls (SPEC 5.3; Teams' own docs disagreed)."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from tests.world.contoso_scene import File
from tests.world.queue_scene import call_in, support

from callwright.domains.queues.view import AgentCondition
from callwright.kernel.ids import CallQueueId, UserId
from callwright.testing.agent import Redirect
from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World, play

ALICE = UserId("alice")
SUPPORT = CallQueueId("support")
METHODS = ("attendant", "serial", "round-robin", "longest-idle")
State = Callable[[World, SimulatedPhone], Awaitable[None]]


async def free(world: World, alice: SimulatedPhone) -> None:
    """Signed in, and nothing else."""


async def offline(world: World, alice: SimulatedPhone) -> None:
    await alice.unregister()


async def in_call(world: World, alice: SimulatedPhone) -> None:
    dave = await world.phone("dave")
    call = await alice.dial("104")
    (await dave.rings()).answer()
    await call.answered()


async def opted_out(world: World, alice: SimulatedPhone) -> None:
    await world.node.queues.acts.opt_out(ALICE, SUPPORT)


async def paused(world: World, alice: SimulatedPhone) -> None:
    await world.node.queues.acts.pause(ALICE, None)


def undisturbed(file: File) -> None:
    file["users"]["alice"]["answering"] = {"do_not_disturb": True}


def nothing(file: File) -> None:
    """The file as it is."""


@pytest.mark.parametrize("routing", METHODS)
@pytest.mark.parametrize(
    ("state", "change", "with_presence", "without"),
    [
        (free, nothing, True, True),
        (offline, nothing, False, False),
        (in_call, nothing, False, True),
        (free, undisturbed, False, True),
        (opted_out, nothing, False, False),
        (paused, nothing, False, False),
    ],
    ids=["free", "offline", "in-call", "undisturbed", "opted-out", "paused"],
)
def test_who_rings(
    routing: str,
    state: State,
    change: Callable[[File], None],
    with_presence: bool,
    without: bool,
) -> None:
    """OfficeDocs-SkypeForBusiness#3847: agents who were offline rang, whatever was written."""

    def scene_of(rings: bool) -> Callable[[World], Awaitable[None]]:
        async def scene(world: World) -> None:
            alice = await world.phone("alice")
            await state(world, alice)
            before = len(alice.calls)
            call_in(world)
            await asyncio.sleep(1)
            assert len(alice.calls) == before + rings

        return scene

    for presence_based, rings in ((True, with_presence), (False, without)):
        if routing == "longest-idle" and not presence_based:
            continue  # always heeds presence; the file refuses anything else
        organisation = support(
            change,
            agents=[{"user": "alice"}],
            routing=routing,
            presence_based=presence_based,
        )
        play(scene_of(rings), organisation=organisation)


def test_what_an_agent_set_for_calls_does_not_touch_those_of_a_queue() -> None:
    """mikopbx/Core#408, ivozprovider#1096: agents' own forwards leaked into queues."""

    def forwarding(file: File) -> None:
        file["users"]["bob"]["answering"] = {"forward": {"to": {"user": "erin"}}}
        file["users"]["alice"]["answering"] = {"unanswered": {"after_s": 5, "to": "voicemail"}}

    async def scene(world: World) -> None:
        alice, bob, dave, erin = [
            await world.phone(name) for name in ("alice", "bob", "dave", "erin")
        ]
        dave.reaction = Redirect(("<sip:105@contoso.test>",))
        call = call_in(world)
        rung = await bob.rings()
        await asyncio.sleep(12)
        assert not rung.is_over
        assert erin.calls == []
        assert len(alice.live_calls) == 1, "the caller is not sent to the agent's mailbox"
        rung.answer()
        await call.until_hears("bob")

    team = [{"user": name} for name in ("alice", "bob", "dave")]
    play(scene, organisation=support(forwarding, agents=team, routing="attendant"))


def test_wrap_up_begins_when_the_agent_is_out_of_the_call_and_once() -> None:
    """asterisk#607: an attended transfer set it back."""

    async def scene(world: World) -> None:
        alice, dave = await world.phone("alice"), await world.phone("dave")
        call = call_in(world)
        rung = await alice.rings()
        rung.answer()
        await call.until_hears("alice")
        consultation = await alice.dial("104")
        (await dave.rings()).answer()
        await consultation.answered()
        assert await rung.transfer_to(consultation) in (200, 202)
        await call.until_hears("dave")
        await asyncio.sleep(10)
        view = world.node.floor.view(SUPPORT)
        assert view is not None
        agent = view.agents[0]
        assert agent.condition is AgentCondition.WRAP_UP
        assert agent.until is not None
        left_s = (agent.until - world.clock.utc()).total_seconds()
        assert 45 < left_s < 51
        call.hang_up()
        await asyncio.sleep(1)
        after = world.node.floor.view(SUPPORT)
        assert after is not None
        assert after.agents[0].until == agent.until

    play(scene, organisation=support(agents=[{"user": "alice"}], wrap_up_s=60))
