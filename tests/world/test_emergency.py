"""Emergency calls: never refused, told to those who must know, called back (SPEC 3.12)."""

import asyncio
from dataclasses import replace

import pytest

from callwright.apps.services import EmergencyNotice
from callwright.kernel.ids import LocationId, UserId
from callwright.routing.snapshot import Snapshot
from callwright.testing.builders import contoso_snapshot, contoso_users
from callwright.testing.world import World, play

ELIN = "+14255550119"


def at_headquarters(*names: str) -> Snapshot:
    users = contoso_users()
    for name in names:
        users[UserId(name)] = replace(users[UserId(name)], location=LocationId("hq"))
    return contoso_snapshot(users=users)


@pytest.mark.row(249)
@pytest.mark.parametrize("user", ["alice", "dave", "erin"])
def test_everybody_reaches_emergency_services(user: str) -> None:
    """Dave has no licence, nobody has money."""

    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        phone = await world.phone(user)
        call = await phone.dial("911")
        await call.answered()
        await call.until_hears("911")
        [invite] = carrier.invites
        assert invite.parsed_uri.user == "911"
        assert invite.uri.startswith("sip:911@")

    play(scene)


def test_the_second_sbc_is_tried_when_the_first_is_silent() -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1").is_silent = True
        second = world.carrier("sbc2")
        alice = await world.phone("alice")
        call = await alice.dial("911")
        await call.answered(within_s=10)
        assert len(second.calls) == 1

    play(scene)


def test_those_who_must_know_are_told_while_it_rings() -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1")
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await bob.dial("911")
        await call.answered()
        [text] = alice.texts
        assert "911" in text
        assert "bob" in text
        assert "1 Contoso Way" in text
        [notice] = world.postbox.emergencies
        assert (notice.dial_string, notice.user) == ("911", "bob")

    play(scene, organisation=at_headquarters("bob"))


def test_a_call_goes_out_when_nobody_can_be_told() -> None:
    async def scene(world: World) -> None:
        def fail(snapshot: Snapshot, notice: EmergencyNotice) -> None:
            raise ValueError("a name that cannot be mailed")

        world.postbox.emergency_called = fail  # type: ignore[method-assign]
        world.carrier("sbc1")
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await bob.dial("911")
        await call.answered()
        assert len(alice.texts) == 1

    play(scene, organisation=at_headquarters("bob"))


def test_the_call_goes_out_before_anybody_is_told() -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1")
        await world.phone("alice")
        bob = await world.phone("bob")
        call = await bob.dial("911")
        await call.answered()
        sent = [p.data.split(b" ", 1)[0] for p in world.recorder.passages if p.sender == "node"]
        assert sent.index(b"INVITE") < sent.index(b"MESSAGE")

    play(scene, organisation=at_headquarters("bob"))


@pytest.mark.row(256)
def test_a_call_back_to_the_place_reaches_who_called() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        bob = await world.phone("bob")
        call = await bob.dial("911")
        await call.answered()
        [invite] = carrier.invites
        assert invite.from_.uri.user == ELIN
        call.hang_up()
        await asyncio.sleep(1_800)
        carrier.call(ELIN, calling="911")
        await bob.rings()
        await asyncio.sleep(3_600)
        late = carrier.call(ELIN, calling="911")
        assert await late.ended() == 404

    play(scene, organisation=at_headquarters("bob"))
