"""What a queue's live view shows while calls come, wait, are served and end (SPEC 10.2)."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from tests.world.supervision_scene import join, served, supervised

from callwright.domains.queues.board import aged
from callwright.domains.queues.model import RoutingMethod
from callwright.kernel.ids import UserId
from callwright.routing.snapshot import Snapshot
from callwright.runtime.live_board import LiveBoard
from callwright.testing.builders import SUPPORT, contoso_queues, contoso_snapshot
from callwright.testing.world import World, play

NUMBER = "+14255550151"
FIRST, SECOND = "+12065550101", "+12065550102"


def support() -> Snapshot:
    queues = contoso_queues()
    agents = (UserId("alice"), UserId("bob"))
    queue = replace(queues[SUPPORT], agents=agents, routing=RoutingMethod.SERIAL, greeting=None)
    return contoso_snapshot(queues={**queues, SUPPORT: queue})


async def shown(world: World, live: LiveBoard) -> dict[str, Any]:
    (board,) = [board for board in await live.boards() if board["queue"] == SUPPORT]
    return aged(board, world.clock.utc())


def states(board: dict[str, Any]) -> dict[str, str]:
    return {agent["agent"]: agent["state"] for agent in board["agents"]}


@pytest.mark.row(266)
def test_waiting_callers_and_agents_are_shown_as_they_are() -> None:
    async def scene(world: World) -> None:
        live = LiveBoard(world.node.floor, world.node.supervising)
        one = world.carrier("sbc1").call(NUMBER, calling=FIRST)
        await one.answered()
        await asyncio.sleep(30)
        two = world.carrier("sbc1").call(NUMBER, calling=SECOND)
        await two.answered()
        await asyncio.sleep(10)
        board = await shown(world, live)
        assert [caller["caller"] for caller in board["waiting"]] == [FIRST, SECOND]
        assert [caller["position"] for caller in board["waiting"]] == [1, 2]
        assert board["longest_wait_s"] == pytest.approx(40, abs=1)
        assert states(board) == {"alice": "offline", "bob": "offline"}

        alice = await world.phone("alice")
        rung = await alice.rings()
        board = await shown(world, live)
        assert states(board) == {"alice": "ringing", "bob": "offline"}
        assert board["waiting"][0]["ringing"] == ["alice"]
        rung.answer()
        await one.until_hears("alice")
        board = await shown(world, live)
        assert states(board)["alice"] == "in-call"
        assert board["agents"][0]["talks_with"] == FIRST
        assert [caller["caller"] for caller in board["waiting"]] == [SECOND]
        two.hang_up()
        await asyncio.sleep(1)
        assert (await shown(world, live))["longest_wait_s"] is None

    play(scene, organisation=support())


def test_an_agents_talk_begins_when_the_agent_answers() -> None:
    """Not when the queue answered: the caller heard music for half a minute."""

    async def scene(world: World) -> None:
        live = LiveBoard(world.node.floor, world.node.supervising)
        one = world.carrier("sbc1").call(NUMBER, calling=FIRST)
        await one.answered()
        await asyncio.sleep(30)
        (await (await world.phone("alice")).rings()).answer()
        await one.until_hears("alice")
        await asyncio.sleep(5)
        alice = (await shown(world, live))["agents"][0]
        assert (alice["state"], alice["in_queue"]) == ("in-call", SUPPORT)
        assert alice["for_s"] == pytest.approx(6, abs=2)

    play(scene, organisation=support())


def test_a_private_talk_beside_a_queues_call_is_no_talk_of_the_queue() -> None:
    async def scene(world: World) -> None:
        live = LiveBoard(world.node.floor, world.node.supervising)
        talk = await served(world)
        assert (await shown(world, live))["agents"][0]["in_queue"] == SUPPORT
        dave = await world.phone("dave")
        await talk.agent.hold()
        friend = await talk.alice.dial("104")
        (await dave.rings()).answer()
        await friend.until_hears("dave", within_s=5)
        talk.customer.hang_up()
        await talk.agent.ended()
        await live.look()
        (alice,) = (await shown(world, live))["agents"]
        assert (alice["state"], alice["talks_with"], alice["in_queue"]) == ("in-call", "104", None)

    play(scene, organisation=supervised())


def test_who_watches_is_told_at_once_and_only_of_changes() -> None:
    async def scene(world: World) -> None:
        live = LiveBoard(world.node.floor, world.node.supervising)
        await asyncio.sleep(1)
        assert not await live.wait_past(live.version, within_s=60)
        version = live.version
        call = world.carrier("sbc1").call(NUMBER, calling=FIRST)
        assert await live.wait_past(version, within_s=5)
        await call.answered()
        await asyncio.sleep(1)
        version = live.version
        watching = asyncio.ensure_future(live.wait_past(version, within_s=60))
        await asyncio.sleep(1)
        call.hang_up()
        assert await watching

    play(scene, organisation=support())


def test_a_supervisor_is_shown_beside_the_agent_at_once() -> None:
    async def scene(world: World) -> None:
        live = LiveBoard(world.node.floor, world.node.supervising)
        talk = await served(world)
        dave = await join(world, talk)
        for key, mode in (("5", "whisper"), ("4", "monitor")):
            version = live.version
            await dave.press(key)
            assert await live.wait_past(version, within_s=1)
            (agent,) = (await shown(world, live))["agents"]
            assert (agent["supervisor"], agent["supervision"]) == ("dave", mode)
        dave.hang_up()
        await asyncio.sleep(1)
        assert (await shown(world, live))["agents"][0]["supervisor"] is None

    play(scene, organisation=supervised())


def test_an_agent_who_talks_to_a_friend_is_found_by_looking() -> None:
    async def scene(world: World) -> None:
        live = LiveBoard(world.node.floor, world.node.supervising)
        alice, dave = await world.phone("alice"), await world.phone("dave")
        await live.look()
        assert states(await shown(world, live))["alice"] == "available"
        await alice.dial("104")
        (await dave.rings()).answer()
        await asyncio.sleep(1)
        version = live.version
        await live.look()
        assert live.version > version
        assert states(await shown(world, live))["alice"] == "in-call"
        version = live.version
        await live.look()
        assert live.version == version  # who watches is told of changes only

    play(scene, organisation=support())
