"""People without a number of their own who call with a resource account's (SPEC 3.12)."""

import asyncio
from dataclasses import replace

import pytest
from tests.world.edited_file import edited

from callwright.domains.emergency.model import Location
from callwright.kernel.ids import LocationId
from callwright.kernel.reason import Reason
from callwright.routing.snapshot import Snapshot
from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World, play

MAIN = "+14255550150"
LENT = ("+14255550115", "+14255550116")
FRIEND, LONDON = "+12065550199", "+442079460000"
CENTRE = "911"
HOUR_S = 3_600.0
EVERYBODY = """
policies:
  shared_calling: {default: {resource_account: main-line}}

users:
"""


def sharing(*users: str, emergency_numbers: tuple[str, ...] = LENT) -> Snapshot:
    """Users share the number of the main line."""
    numbers = ", ".join(f'"{number}"' for number in emergency_numbers)
    policy = f"{{resource_account: main-line, emergency_numbers: [{numbers}]}}"
    edits = [("\nusers:\n", f"\npolicies:\n  shared_calling: {{desk: {policy}}}\n\nusers:\n")]
    for user in users:
        edits.append((f"  {user}:\n", f"  {user}:\n    policies: {{shared_calling: desk}}\n"))
    numbers_of = {"alice": "+14255550101", "bob": "+14255550102", "erin": "+14255550105"}
    edits += [(f'    number: "{numbers_of[u]}"\n', "") for u in users if u in numbers_of]
    return edited(("    licences: []  ", "    licences: [phone-system]  "), *edits)


async def call_for_help(world: World, phone: SimulatedPhone) -> str:
    """Returns the number that the emergency centre saw."""
    carrier = world.carrier("sbc1")
    call = await phone.dial(CENTRE)
    await call.answered()
    shown = carrier.invites[-1].from_.uri.user
    call.hang_up()
    await asyncio.sleep(1)
    return shown


@pytest.mark.row(42)
@pytest.mark.parametrize("user", ["dave", "erin"])
def test_a_user_without_a_number_calls_with_the_shared_one(user: str) -> None:
    async def scene(world: World) -> None:
        carrier, phone = world.carrier("sbc1"), await world.phone(user)
        call = await phone.dial(FRIEND)
        await call.answered()
        [invite] = carrier.invites
        assert invite.from_.uri.user == MAIN

    play(scene, organisation=sharing("dave", "erin"))


def test_who_shares_a_number_spends_through_its_resource_account() -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1")
        dave = await world.phone("dave")
        call = await dave.dial(LONDON)
        await call.answered()
        call.hang_up()
        charge = (await world.record()).charge
        assert charge is not None
        assert charge.micros > 0

    play(scene, organisation=sharing("dave"))


def test_a_licence_is_still_needed() -> None:
    async def scene(world: World) -> None:
        call = await (await world.phone("dave")).dial(FRIEND)
        assert await call.ended() == 403
        assert (await world.record()).reason is Reason.NO_PHONE_LICENCE

    play(scene, organisation=edited(("\nusers:\n", EVERYBODY)))


def test_who_has_a_number_shows_it_although_everybody_else_shares() -> None:
    async def scene(world: World) -> None:
        carrier, alice = world.carrier("sbc1"), await world.phone("alice")
        call = await alice.dial(FRIEND)
        await call.answered()
        assert carrier.invites[0].from_.uri.user == "+14255550101"

    play(scene, organisation=edited(("\nusers:\n", EVERYBODY)))


@pytest.mark.row(43)
def test_a_call_to_the_shared_number_finds_the_user_by_extension() -> None:
    async def scene(world: World) -> None:
        dave = await world.phone("dave")
        call = world.carrier("sbc1").call(MAIN, calling=FRIEND)
        await call.answered()
        await call.until_hears("say: Welcome to Contoso.")
        await call.press("104")
        (await dave.rings()).answer()
        await call.until_hears("dave")

    play(scene, organisation=sharing("dave"))


@pytest.mark.row(44)
def test_the_emergency_centre_reaches_who_called_for_an_hour() -> None:
    async def scene(world: World) -> None:
        dave, erin = await world.phone("dave"), await world.phone("erin")
        assert await call_for_help(world, dave) == LENT[0]
        assert await call_for_help(world, erin) == LENT[1]
        await asyncio.sleep(HOUR_S - 60)
        back = world.carrier("sbc1").call(LENT[0], calling=CENTRE)
        rung = await dave.rings()
        assert "alert-emergency" in (rung.session.request.header("Alert-Info") or "")
        back.hang_up()
        assert len(erin.calls) == 1, "only its own call"
        await asyncio.sleep(120)
        calls = len(dave.calls)
        late = world.carrier("sbc1").call(LENT[0], calling=CENTRE)
        assert await late.ended() == 404
        assert len(dave.calls) == calls

    play(scene, organisation=sharing("dave", "erin"))


@pytest.mark.row(44)
def test_the_way_back_survives_a_restart() -> None:
    async def scene(world: World) -> None:
        dave = await world.phone("dave")
        assert await call_for_help(world, dave) == LENT[0]
        await asyncio.sleep(HOUR_S / 2)
        await world.restart_node()
        back = world.carrier("sbc1").call(LENT[0], calling=CENTRE)
        await dave.rings()
        back.hang_up()
        await asyncio.sleep(HOUR_S / 2)
        late = world.carrier("sbc1").call(LENT[0], calling=CENTRE)
        assert await late.ended() == 404

    play(scene, organisation=sharing("dave"))


def test_who_calls_for_help_again_keeps_the_number() -> None:
    async def scene(world: World) -> None:
        dave, erin = await world.phone("dave"), await world.phone("erin")
        assert await call_for_help(world, erin) == LENT[0]
        assert await call_for_help(world, dave) == LENT[1]
        assert await call_for_help(world, dave) == LENT[1]

    play(scene, organisation=sharing("dave", "erin"))


@pytest.mark.row(45)
def test_when_all_numbers_are_lent_the_first_one_is_lent_again() -> None:
    async def scene(world: World) -> None:
        dave, erin, bob = [await world.phone(name) for name in ("dave", "erin", "bob")]
        seen = [await call_for_help(world, phone) for phone in (dave, erin, bob)]
        assert seen == [LENT[0], LENT[1], LENT[0]]
        back = world.carrier("sbc1").call(LENT[0], calling=CENTRE)
        await bob.rings()
        back.hang_up()

    play(scene, organisation=sharing("dave", "erin", "bob"))


def test_after_an_hour_a_number_is_free_again() -> None:
    async def scene(world: World) -> None:
        dave, erin = await world.phone("dave"), await world.phone("erin")
        assert await call_for_help(world, dave) == LENT[0]
        await asyncio.sleep(HOUR_S + 1)
        assert await call_for_help(world, erin) == LENT[0]

    play(scene, organisation=sharing("dave", "erin"))


@pytest.mark.row(45)
def test_without_numbers_to_lend_the_centre_sees_the_shared_one() -> None:
    async def scene(world: World) -> None:
        dave = await world.phone("dave")
        assert await call_for_help(world, dave) == MAIN

    demo = sharing("dave", emergency_numbers=())
    play(scene, organisation=without_elin(demo))


def test_the_elin_of_the_place_where_a_user_is_known_to_be_comes_first() -> None:
    async def scene(world: World) -> None:
        assert await call_for_help(world, await world.phone("dave")) == "+14255550119"
        assert await call_for_help(world, await world.phone("erin")) == LENT[0]

    demo = sharing("dave", "erin")
    users = {**demo.users}
    for user in users.values():
        if user.id == "dave":
            users[user.id] = replace(user, location="hq")
    play(scene, organisation=replace(demo, users=users))


def test_the_centre_is_told_the_place_of_the_resource_account() -> None:
    async def scene(world: World) -> None:
        await call_for_help(world, await world.phone("dave"))
        [notice] = world.postbox.emergencies
        assert notice.location is not None
        assert notice.location.id == "annex"

    demo = sharing("dave")
    accounts = {
        key: replace(account, location="annex") if key == "main-line" else account
        for key, account in demo.resource_accounts.items()
    }
    assert demo.emergency is not None
    annex = Location(LocationId("annex"), "2 Annex Way", elin=None)
    emergency = replace(demo.emergency, locations=(*demo.emergency.locations, annex))
    play(scene, organisation=replace(demo, resource_accounts=accounts, emergency=emergency))


def without_elin(snapshot: Snapshot) -> Snapshot:
    assert snapshot.emergency is not None
    places = tuple(replace(place, elin=None) for place in snapshot.emergency.locations)
    return replace(snapshot, emergency=replace(snapshot.emergency, locations=places))
