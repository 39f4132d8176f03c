"""A user who is gone, or has another password, has no phone any longer."""

import asyncio
from dataclasses import replace

import pytest

from callwright.kernel.ids import UserId
from callwright.routing.snapshot import Snapshot
from callwright.testing.builders import contoso_snapshot, contoso_users
from callwright.testing.world import World, play

BOB = UserId("bob")


def with_bob(**changes: object) -> Snapshot:
    users = contoso_users()
    users[BOB] = replace(users[BOB], **changes)  # type: ignore[arg-type]
    return contoso_snapshot(users=users)


def without_bob() -> Snapshot:
    return contoso_snapshot(users={key: u for key, u in contoso_users().items() if key != BOB})


LOCKED_OUT = [without_bob(), with_bob(sip_password=None), with_bob(sip_password="another")]


@pytest.mark.parametrize("changed", LOCKED_OUT, ids=["gone", "no password", "another password"])
def test_the_phone_is_not_rung_any_more(changed: Snapshot) -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        await bob.watch("message-summary", "bob").until_says("Voice-Message: 0/0")
        assert len(world.registrations.bindings["bob"]) == 1
        await world.use(changed)
        assert world.registrations.bindings["bob"] == ()
        await asyncio.sleep(1)
        assert world.node.events.notifier.watchers() == ()
        call = await alice.dial("102")
        await asyncio.sleep(5)
        call.hang_up()
        await world.record()
        assert bob.calls == []
        assert (await bob.try_register()).status in (401, 403)

    play(scene)


def test_phones_of_everybody_else_stay() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        await world.use(with_bob(name="Robert Brown"))
        call = await alice.dial("102")
        (await bob.rings()).answer()
        await call.answered()

    play(scene)


def test_a_new_password_lets_the_phone_in_again() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        await world.phone("bob")
        await world.use(with_bob(sip_password="another"))
        bob = await world.phone("bob", name="bob again", password="another")
        call = await alice.dial("102")
        (await bob.rings()).answer()
        await call.answered()

    play(scene)
