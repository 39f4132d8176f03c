"""People are found by name and by extension, as the dial scope allows (SPEC 6.9)."""

from typing import Any

import pytest
from tests.world.attendant_scene import (
    PROMPT,
    attendant_file,
    caller_at_menu,
    person,
    typed,
    visits_of,
)
from tests.world.contoso_scene import File

from callwright.calls.visits import AttendantFlow, SearchMethod
from callwright.routing.snapshot import Snapshot
from callwright.testing.phone_call import PhoneCall
from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World, play

BY_NAME = {"directory": "by-name", "keys": {"0": "operator"}}
TOO_MANY = "say: Too many names match. Please enter more of the name."
NOBODY = "say: Sorry, nobody of that name was found."
INVALID = "say: Sorry, that is not a valid choice."
LIST = (
    "say: For Marcus Stone, press 1. For Maria Stone, press 2. For Marta Stone, press 3. "
    "To hear this again, press star."
)


def office(people: dict[str, dict[str, Any]], menu: Any = BY_NAME, **settings: Any) -> Snapshot:
    """Contoso with these users, too."""

    groups = settings.pop("groups", {})

    def change(file: File) -> None:
        file["users"] |= people
        file["groups"] |= groups

    return attendant_file(menu, change, **settings)


async def reaches(call: PhoneCall, phone: SimulatedPhone) -> None:
    (await phone.rings(within_s=15)).answer()
    await call.until_hears(phone.name)


@pytest.mark.row(177)
@pytest.mark.row(184)
@pytest.mark.parametrize(
    "name", ["Amos0Marble#", "Marble0Amos#", "Mar#", "Amos0Mar#", "Mar0Am#", "Amos0Mar"]
)
def test_a_name_is_dialled_in_any_of_its_forms_and_needs_no_licence(name: str) -> None:
    async def scene(world: World) -> None:
        amos = await world.phone("amos")
        call = await caller_at_menu(world)
        await call.press(typed(name))
        await call.until_hears("say: Transferring your call to Amos Marble.", within_s=8)
        await reaches(call, amos)
        call.hang_up()
        (visit,) = visits_of(await world.record())
        assert (visit.search, visit.target) == (SearchMethod.KEYS, "user amos")

    play(scene, organisation=office({"amos": person("Amos Marble")}))


THREE = {key: person(f"{key.title()} Stone") for key in ("maria", "marta", "marcus")}


@pytest.mark.row(178)
def test_a_few_who_fit_are_read_out_and_star_repeats_them() -> None:
    async def scene(world: World) -> None:
        marta = await world.phone("marta")
        call = await caller_at_menu(world)
        await call.press(typed("Mar#"))
        await call.until_hears(LIST)
        await call.until_hears(within_s=30)
        await call.press("*")
        await call.until_hears(LIST)
        await call.press("3")
        await reaches(call, marta)
        call.hang_up()
        (visit,) = visits_of(await world.record())
        assert (visit.target, visit.actions) == ("user marta", 3)

    play(scene, organisation=office(THREE))


def test_who_leaves_the_list_was_choosing() -> None:
    async def scene(world: World) -> None:
        call = await caller_at_menu(world)
        await call.press(typed("Mar#"))
        await call.until_hears(LIST)
        call.hang_up()
        (visit,) = visits_of(await world.record())
        assert visit.flow is AttendantFlow.SELECTION

    play(scene, organisation=office(THREE))


def test_a_number_that_is_not_on_the_list_is_wrong_and_hash_goes_back() -> None:
    async def scene(world: World) -> None:
        call = await caller_at_menu(world)
        await call.press(typed("Mar#"))
        await call.until_hears(LIST)
        await call.press("4")
        await call.until_hears(INVALID)
        await call.until_hears(LIST)
        await call.press("#")
        await call.until_hears(PROMPT)

    play(scene, organisation=office(THREE))


@pytest.mark.row(179)
def test_six_in_scope_are_too_many() -> None:
    async def scene(world: World) -> None:
        call = await caller_at_menu(world)
        await call.press(typed("Mar#"))
        await call.until_hears(TOO_MANY)
        await call.until_hears(PROMPT)

    people = {f"mary{n}": person(f"Mary Stone {n}") for n in range(6)}
    play(scene, organisation=office(people))


@pytest.mark.row(179)
def test_a_hundred_and_one_before_the_scope_are_too_many() -> None:
    async def scene(world: World) -> None:
        call = await caller_at_menu(world)
        await call.press(typed("Mar#"))
        await call.until_hears(TOO_MANY)

    people = {f"mary{n}": person(f"Mary Stone {n}") for n in range(101)}
    groups = {"few": {"members": ["mary1"]}}
    organisation = office(people, dial_scope={"include": ["few"]}, groups=groups)
    play(scene, organisation=organisation)


@pytest.mark.row(180)
@pytest.mark.parametrize(
    ("suffix", "heard"),
    [
        ("department", "For John Smith, Sales, press 1. For John Smith, Legal, press 2."),
        ("office", "For John Smith, Seattle, press 1. For John Smith, Oslo, press 2."),
        ("none", "For John Smith, press 1. For John Smith, press 2."),
    ],
)
def test_two_of_one_name_are_told_apart(suffix: str, heard: str) -> None:
    async def scene(world: World) -> None:
        second = await world.phone("john2")
        call = await caller_at_menu(world)
        await call.press(typed("Smith#"))
        await call.until_hears(f"say: {heard} To hear this again, press star.")
        await call.press("2")
        await reaches(call, second)

    people = {
        "john1": person("John Smith", profile={"department": "Sales", "office": "Seattle"}),
        "john2": person("John Smith", profile={"department": "Legal", "office": "Oslo"}),
    }
    play(scene, organisation=office(people, name_suffix=suffix))


@pytest.mark.row(181)
@pytest.mark.parametrize(
    "phone", ["+14255550100;ext=5678", "+14255550100x5678", "x5678"], ids=["ext", "number x", "x"]
)
def test_an_extension_of_a_profile_is_dialled_whole(phone: str) -> None:
    async def scene(world: World) -> None:
        frank = await world.phone("frank")
        call = await caller_at_menu(world)
        await call.press("567")
        await call.until_hears(INVALID, within_s=6)
        await call.until_hears(within_s=30)
        await call.press("5678")
        await reaches(call, frank)

    people = {"frank": person("Frank Ferry", profile={"phones": {"business": phone}})}
    play(scene, organisation=office(people, {"directory": "by-extension"}))


SCOPE_GROUPS = {
    "all-stones": {"members": ["maria", "marta", "marcus"]},
    "no-calls": {"members": ["marcus"]},
}


@pytest.mark.row(182)
@pytest.mark.parametrize("menu", ["by-name", "by-extension"])
def test_who_is_excluded_is_not_found_even_if_included(menu: str) -> None:
    async def scene(world: World) -> None:
        marcus, maria = await world.phone("marcus"), await world.phone("maria")
        call = await caller_at_menu(world)
        await call.press(typed("Marcus#") if menu == "by-name" else "303")
        await call.until_hears(NOBODY if menu == "by-name" else INVALID, within_s=6)
        await call.until_hears(within_s=30)
        await call.press(typed("Maria#") if menu == "by-name" else "301")
        await reaches(call, maria)
        assert marcus.calls == []

    extensions = {"maria": "301", "marta": "302", "marcus": "303"}
    people = {key: user | {"extension": extensions[key]} for key, user in THREE.items()}
    scope = {"include": ["all-stones"], "exclude": ["no-calls"]}
    organisation = office(people, {"directory": menu}, dial_scope=scope, groups=SCOPE_GROUPS)
    play(scene, organisation=organisation)


@pytest.mark.row(182)
def test_who_is_not_included_is_not_found() -> None:
    async def scene(world: World) -> None:
        call = await caller_at_menu(world)
        await call.press(typed("Alice#"))
        await call.until_hears(NOBODY, within_s=6)

    organisation = office(THREE, dial_scope={"include": ["all-stones"]}, groups=SCOPE_GROUPS)
    play(scene, organisation=organisation)


@pytest.mark.row(183)
@pytest.mark.parametrize("menu", ["by-name", "by-extension"])
def test_who_is_hidden_is_not_found(menu: str) -> None:
    async def scene(world: World) -> None:
        harry = await world.phone("harry")
        call = await caller_at_menu(world)
        await call.press(typed("Harry#") if menu == "by-name" else "311")
        await call.until_hears(NOBODY if menu == "by-name" else INVALID, within_s=6)
        assert harry.calls == []

    people = {"harry": person("Harry Hidden", extension="311", profile={"hidden": True})}
    play(scene, organisation=office(people, {"directory": menu}))


def test_keys_of_the_menu_win_over_letters() -> None:
    """M is on 6, and 6 is Bob's; amid a name 6 is a letter again."""

    async def scene(world: World) -> None:
        amos, bob = await world.phone("amos"), await world.phone("bob")
        call = await caller_at_menu(world)
        await call.press(typed("Marble"))
        await reaches(call, bob)
        call.hang_up()
        other = await caller_at_menu(world)
        await other.press(typed("Amos0Marble#"))
        await reaches(other, amos)

    menu = {"directory": "by-name", "keys": {"6": {"user": "bob"}, "0": "operator"}}
    play(scene, organisation=office({"amos": person("Amos Marble")}, menu))


def test_a_name_is_said() -> None:
    async def scene(world: World) -> None:
        amos = await world.phone("amos")
        call = await caller_at_menu(world)
        await call.say("Amos Marble")
        await reaches(call, amos)
        call.hang_up()
        (visit,) = visits_of(await world.record())
        assert visit.search is SearchMethod.VOICE

    play(scene, organisation=office({"amos": person("Amos Marble")}, speech=True))


def test_a_name_in_another_alphabet_is_typed_as_it_sounds() -> None:
    async def scene(world: World) -> None:
        anna = await world.phone("anna")
        call = await caller_at_menu(world)
        await call.press(typed("Petrova#"))
        await reaches(call, anna)

    play(scene, organisation=office({"anna": person("anna") | {"name": "Анна Петрова"}}))


def test_mistyped_letters_are_forgotten_with_star() -> None:
    async def scene(world: World) -> None:
        amos = await world.phone("amos")
        call = await caller_at_menu(world)
        await call.press("99*" + typed("Amos#"))
        await reaches(call, amos)

    play(scene, organisation=office({"amos": person("Amos Marble")}))
