"""Agents of queues who opt in and out, pause and resume by dialling (SPEC 5.2, ADR 0036)."""

import asyncio

import pytest
from tests.world.contoso_scene import File
from tests.world.lamp_scene import IDLE, lit
from tests.world.queue_scene import call_in, support

from callwright.domains.queues.view import AgentCondition
from callwright.kernel.ids import CallQueueId, UserId
from callwright.kernel.reason import Reason
from callwright.testing.world import World, play

SUPPORT = CallQueueId("support")


@pytest.mark.parametrize(
    ("code", "said", "then"),
    [
        ("*52", "You take no more calls of your queues.", AgentCondition.OPTED_OUT),
        ("*532", "You are on a break.", AgentCondition.PAUSED),
    ],
)
def test_an_agent_says_by_code_whether_to_ring(code: str, said: str, then: AgentCondition) -> None:
    def reasons(file: File) -> None:
        file["organisation"]["pause_reasons"] = ["Lunch", "Training"]

    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        call = await alice.dial(code)
        await call.until_hears(f"say: {said}")
        await call.ended(within_s=10)
        view = world.node.floor.view(SUPPORT)
        assert view is not None
        agent = view.agents[0]
        assert agent.condition is then
        assert agent.reason == ("Training" if then is AgentCondition.PAUSED else None)
        call_in(world)
        await asyncio.sleep(20)
        assert alice.calls == [call]
        back = await alice.dial("*51" if then is AgentCondition.OPTED_OUT else "*54")
        await back.ended(within_s=10)
        await alice.rings(within_s=0.5)

    play(scene, organisation=support(reasons, agents=[{"user": "alice"}]))


@pytest.mark.parametrize("code", ["*51", "*52", "*53", "*54"])
def test_what_cannot_be_stored_is_not_promised(code: str) -> None:
    async def scene(world: World) -> None:
        world.queue_store.is_failing = True
        call = await (await world.phone("alice")).dial(code)
        await call.until_hears("say: That could not be stored. Nothing was changed.")
        await call.ended(within_s=10)
        assert (await world.record()).reason is Reason.CHOICE_NOT_STORED
        assert world.node.floor.desk.absences() == ()

    play(scene, organisation=support(agents=[{"user": "alice"}]))


def test_where_nobody_may_opt_out_the_code_is_refused() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        call = await alice.dial("*52")
        await call.until_hears("say: Sorry, your queues do not let you opt out.")
        await call.ended(within_s=10)
        assert (await world.record()).reason is Reason.OPT_OUT_FORBIDDEN
        assert await (await alice.dial("*539")).ended() == 404

    def strict(file: File) -> None:
        for queue in file["call_queues"].values():
            queue["opt_out"] = False

    play(scene, organisation=support(strict, agents=[{"user": "alice"}]))


def test_who_is_no_agent_dials_nothing_by_these_codes() -> None:
    async def scene(world: World) -> None:
        dave = await world.phone("dave")
        assert await (await dave.dial("*52")).ended() == 404

    def nobody(file: File) -> None:
        for queue in file["call_queues"].values():
            queue["agents"] = [{"user": "alice"}]

    play(scene, organisation=support(nobody, agents=[{"user": "alice"}]))


def test_the_lamp_of_the_key_is_lit_while_the_agent_is_away() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        out, pause = await lit(world, alice, "*52"), await lit(world, alice, "*53")
        others = await lit(world, bob, "*53")
        acts = world.node.queues.acts
        await acts.pause(UserId("alice"), None)
        await pause.until_lit("confirmed")
        assert out.states == others.states == [IDLE], "each key shows its own"
        await acts.opt_out(UserId("alice"), SUPPORT)
        await out.until_lit("confirmed")
        await world.use(support(agents=[{"user": "alice"}, {"user": "bob"}], alert_s=20))
        assert pause.states == ["confirmed"], "a new configuration changes nothing"
        await acts.resume(UserId("alice"))
        await pause.until_lit(IDLE)

    play(scene, organisation=support(agents=[{"user": "alice"}, {"user": "bob"}]))
