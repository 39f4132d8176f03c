"""Subscriptions: who may watch, how long, how often it is told, and how it ends (RFC 6665)."""

import asyncio
from dataclasses import replace

import pytest
from tests.world.lamp_scene import IDLE, lit, people

from callwright.kernel.ids import UserId
from callwright.testing.builders import contoso_snapshot, contoso_users
from callwright.testing.world import World, play

CAROL = UserId("carol")


def test_no_more_than_two_notifies_a_second_and_the_last_state_comes() -> None:
    async def scene(world: World) -> None:
        alice, _, carol = await people(world)
        lamp = await lit(world, carol)
        before = len(lamp.told)
        for _ in range(20):
            call = await alice.dial("102")
            await asyncio.sleep(0.2)
            call.hang_up()
            await asyncio.sleep(0.1)
        took_s = 20 * 0.3
        await asyncio.sleep(5)
        assert lamp.states == [IDLE]
        told = len(lamp.told) - before
        assert 5 <= told <= took_s / 0.5 + 2

    play(scene)


def test_the_whole_state_comes_with_each_subscription() -> None:
    async def scene(world: World) -> None:
        alice, bob, carol = await people(world)
        call = await alice.dial("102")
        (await bob.rings()).answer()
        await call.answered()
        lamp = carol.watch("dialog", "bob", expires_s=100)
        await lamp.until_lit("confirmed")
        await asyncio.sleep(85)  # refreshed after 80 s
        assert len(lamp.told) == 2
        assert lamp.states == ["confirmed"]
        lamp.unsubscribe()
        await lamp.until_over()
        assert lamp.reason == "timeout"
        call.hang_up()
        await asyncio.sleep(1)
        assert len(lamp.told) == 3
        assert len(world.node.events.notifier) == 0

    play(scene)


def test_a_look_at_a_lamp() -> None:
    async def scene(world: World) -> None:
        _, _, carol = await people(world)
        lamp = carol.watch("dialog", "bob", expires_s=0)
        await lamp.until_over()
        assert (lamp.states, lamp.reason) == ([IDLE], "timeout")
        assert len(world.node.events.notifier) == 0

    play(scene)


@pytest.mark.parametrize(
    ("event", "user", "headers", "told"),
    [
        ("dialog", "nobody", [], 404),
        ("dialog", "600", [], 404),
        ("weather", "bob", [], 489),
        ("dialog", "bob", [("Accept", "application/pidf+xml")], 406),
        ("reg", "bob", [], 403),
    ],
)
def test_what_cannot_be_watched(
    event: str, user: str, headers: list[tuple[str, str]], told: int
) -> None:
    async def scene(world: World) -> None:
        _, _, carol = await people(world)
        lamp = carol.watch(event, user, headers=headers)
        await lamp.until_over()
        assert lamp.refused == told
        assert len(world.node.events.notifier) == 0

    play(scene)


def test_strangers_watch_nobody() -> None:
    async def scene(world: World) -> None:
        await people(world)
        mallory = await world.phone("carol", name="mallory", password="guess", register=False)
        lamp = mallory.watch("dialog", "bob")
        await lamp.until_over()
        assert (lamp.refused, lamp.told) == (401, [])

    play(scene)


def test_the_event_keeps_its_id() -> None:
    async def scene(world: World) -> None:
        _, _, carol = await people(world)
        lamp = carol.watch("dialog;id=7", "bob")
        await lamp.until_lit(IDLE)
        assert lamp.told[0].header("Event") == "dialog;id=7"

    play(scene)


def test_who_has_another_password_watches_nobody_any_longer() -> None:
    async def scene(world: World) -> None:
        _, _, carol = await people(world)
        lamp = await lit(world, carol)
        users = contoso_users()
        users[CAROL] = replace(users[CAROL], sip_password="another")
        await world.use(contoso_snapshot(users=users))
        await lamp.until_over()
        assert lamp.reason == "rejected"

    play(scene)


def test_a_user_who_is_gone_is_watched_by_nobody() -> None:
    async def scene(world: World) -> None:
        _, _, carol = await people(world)
        lamp = await lit(world, carol)
        users = {key: user for key, user in contoso_users().items() if key != "bob"}
        await world.use(contoso_snapshot(users=users))
        await lamp.until_over()
        assert lamp.reason == "noresource"
        assert len(world.node.events.notifier) == 0

    play(scene)


def test_a_phone_that_went_away_is_forgotten_at_the_next_change() -> None:
    async def scene(world: World) -> None:
        alice, bob, carol = await people(world)
        await lit(world, carol)
        carol.restart()
        call = await alice.dial("102")
        await bob.rings()
        await asyncio.sleep(2)
        assert len(world.node.events.notifier) == 0
        call.hang_up()

    play(scene)


def test_a_node_that_restarted_knows_no_subscription_and_takes_new_ones() -> None:
    async def scene(world: World) -> None:
        _, _, carol = await people(world)
        lamp = carol.watch("dialog", "bob", expires_s=100)
        await lamp.until_lit(IDLE)
        await world.restart_node()
        await asyncio.sleep(85)
        assert lamp.refused == 481
        await lit(world, carol)

    play(scene)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_phone_that_hears_nothing_any_more_is_forgotten(transport: str) -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        carol = await world.phone("carol", transport=transport)
        await lit(world, carol)
        carol.host.is_up = False
        call = await alice.dial("102")
        await bob.rings()
        call.hang_up()
        await asyncio.sleep(70)
        assert len(world.node.events.notifier) == 0

    play(scene)
