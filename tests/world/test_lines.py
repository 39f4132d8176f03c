"""Numbers that people share, dial among each other, and are known by (SPEC 3.2, 3.9)."""

import asyncio
from dataclasses import replace

import pytest
from tests.world.edited_file import edited

from callwright.calls.record import Direction
from callwright.routing.snapshot import Snapshot
from callwright.testing.agent import Answer
from callwright.testing.builders import BOB
from callwright.testing.world import World, play

SHARED = "+14255550110"
ALICE, BOB_NUMBER = '"+14255550101"', '"+14255550102"'
CALLER = "+12065550123"
USERS_RANGE = '  - {range: "+14255550101..+14255550119", kind: user, source: direct-routing}\n'
SKIPPING = (
    '  - {range: "+14255550103..+14255550119", kind: user, source: direct-routing}\n'
    '  - {number: "+14255550101", kind: user, source: direct-routing}\n'
    '  - {number: "+14255550102", kind: user, source: direct-routing,\n'
    "     reverse_lookup: skip-internal}\n"
)


def shared_by_extension(*more: tuple[str, str]) -> Snapshot:
    return edited((ALICE, f'"{SHARED};ext=1001"'), (BOB_NUMBER, f'"{SHARED};ext=1002"'), *more)


@pytest.mark.row(21)
@pytest.mark.parametrize(
    ("uri", "rung"),
    [
        (f"{SHARED};ext=1001", "alice"),
        (f"{SHARED};ext=1002", "bob"),
        ("+1425555-0110;ext=10-02", "bob"),
    ],
)
def test_an_invite_with_an_extension_reaches_whose_it_is(uri: str, rung: str) -> None:
    async def scene(world: World) -> None:
        phones = {name: await world.phone(name) for name in ("alice", "bob")}
        call = world.carrier("sbc1").call(uri, calling=CALLER)
        (await phones.pop(rung).rings()).answer()
        await call.until_hears(rung)
        [(_, other)] = phones.items()
        assert other.calls == []
        call.hang_up()

    play(scene, organisation=shared_by_extension())


@pytest.mark.row(21)
def test_a_shared_number_without_extension_is_its_own_holders() -> None:
    async def scene(world: World) -> None:
        erin = await world.phone("erin")
        alice, carrier = await world.phone("alice"), world.carrier("sbc1")
        for dialled in (SHARED, f"{SHARED};ext=7777"):
            call = carrier.call(dialled, calling=CALLER)
            await erin.rings()
            call.hang_up()
            await asyncio.sleep(1)
        assert alice.calls == []

    play(scene, organisation=shared_by_extension(('"+14255550105"', f'"{SHARED}"')))


def test_a_shared_number_that_nobody_has_alone_is_nobodys() -> None:
    async def scene(world: World) -> None:
        call = world.carrier("sbc1").call(SHARED, calling=CALLER)
        assert await call.ended() == 404

    play(scene, organisation=shared_by_extension())


def test_a_colleague_dials_an_extension_of_a_shared_number() -> None:
    async def scene(world: World) -> None:
        carrier, alice, erin = (
            world.carrier("sbc1"),
            await world.phone("alice"),
            await world.phone("erin"),
        )
        call = await erin.dial(f"{SHARED};ext=1001")
        await alice.rings()
        call.hang_up()
        assert carrier.invites == []

    play(scene, organisation=shared_by_extension())


def test_a_call_is_transferred_to_an_extension_of_a_shared_number() -> None:
    async def scene(world: World) -> None:
        alice, dave, erin = [await world.phone(name) for name in ("alice", "dave", "erin")]
        alice.reaction = Answer()
        call = await erin.dial("104")
        at_dave = await dave.rings()
        at_dave.answer()
        await call.until_hears("dave")
        assert await at_dave.transfer(f"{SHARED};ext=1001") == 200
        await call.until_hears("alice")

    play(scene, organisation=shared_by_extension())


def test_who_shares_a_number_shows_it() -> None:
    async def scene(world: World) -> None:
        carrier, alice = world.carrier("sbc1"), await world.phone("alice")
        call = await alice.dial("+12065550199")
        await call.answered()
        assert carrier.invites[0].from_.uri.user == SHARED

    play(scene, organisation=shared_by_extension())


@pytest.mark.row(28)
@pytest.mark.parametrize("dialled", ["+14255550102", "4255550102", "5550102"])
def test_a_colleagues_number_rings_inside(dialled: str) -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await alice.dial(dialled)
        (await bob.rings()).answer()
        await call.until_hears("bob")
        assert carrier.invites == []
        call.hang_up()
        record = await world.record()
        assert (record.direction, record.callee_user) == (Direction.INTERNAL, "bob")

    play(scene)


@pytest.mark.row(29)
def test_a_number_that_skips_the_look_up_is_called_through_the_trunk() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await alice.dial("4255550102")
        await call.answered()
        [invite] = carrier.invites
        assert invite.parsed_uri.user == "+14255550102"
        assert bob.calls == []
        back = carrier.call("+14255550102", calling="+14255550101")
        await bob.rings()
        back.hang_up()
        inside = await alice.dial("102")
        await bob.rings()
        inside.hang_up()

    play(scene, organisation=edited((USERS_RANGE, SKIPPING)))


def test_a_forward_to_such_a_number_leaves_too() -> None:
    async def scene(world: World) -> None:
        carrier, erin = world.carrier("sbc1"), await world.phone("erin")
        bob = await world.phone("bob")
        call = await erin.dial("101")
        await call.answered()
        assert carrier.invites[0].parsed_uri.user == "+14255550102"
        assert bob.calls == []

    forward = (
        "      unanswered: {after_s: 5, to: voicemail}\n",
        '      forward: {to: {external: "+14255550102"}}\n',
    )
    play(scene, organisation=edited((USERS_RANGE, SKIPPING), forward))


CONTACTS = f"""
contacts:
  jane:
    name: Jane of Fabrikam
    phones: ["{CALLER}"]

resource_accounts:
"""


@pytest.mark.row(30)
@pytest.mark.parametrize(
    ("calling", "shown"),
    [
        (CALLER, "Jane of Fabrikam"),
        ("2065550123", "Jane of Fabrikam"),
        ("+14255550105", "Erin Evans"),
        ("+12065550170", "Erin Evans"),
        ("+12065550124", "CARRIER CNAM"),
    ],
)
def test_who_is_known_is_shown_by_name(calling: str, shown: str) -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        world.carrier("sbc1").call("+14255550102", calling=calling, name="CARRIER CNAM")
        assert (await bob.rings()).shown[0] == shown

    mobile = (
        "    name: Erin Evans\n",
        '    name: Erin Evans\n    profile: {phones: {mobile: "+12065550170"}}\n',
    )
    play(scene, organisation=edited(("\nresource_accounts:\n", CONTACTS), mobile))


def test_a_known_caller_who_hides_stays_hidden() -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        world.carrier("sbc1").call("+14255550102", calling=CALLER, headers=(("Privacy", "id"),))
        assert "Jane" not in (await bob.rings()).shown[0]

    play(scene, organisation=edited(("\nresource_accounts:\n", CONTACTS)))


def test_agents_of_a_queue_see_the_name_too() -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        world.carrier("sbc1").call("+14255550152", calling=CALLER)
        assert (await bob.rings(within_s=30)).shown[0] == "sales: Jane of Fabrikam"

    demo = edited(("\nresource_accounts:\n", CONTACTS))
    queues = {key: replace(queue, agents=(BOB,)) for key, queue in demo.queues.items()}
    play(scene, organisation=replace(demo, queues=queues))
