"""What owners change of their mailbox by phone: greetings, rules, the PIN (SPEC 8.9)."""

import pytest
from tests.world.test_answer_rules import with_mailbox
from tests.world.test_mailbox_menu import ALICE, EN, PIN, heard, into_mailbox, scene_of

from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World


@pytest.mark.parametrize(
    ("key", "away"), [("1", False), ("2", True)], ids=["default", "out of office"]
)
def test_a_recorded_greeting_takes_the_place_of_the_built_in_one(key: str, away: bool) -> None:
    async def act(world: World, alice: SimulatedPhone, erin: SimulatedPhone) -> None:
        call = await into_mailbox(alice)
        await call.until_hears(heard(EN.main_menu), within_s=15)
        await call.press("2")
        await call.until_hears(heard(EN.greeting_menu))
        await call.press(key)
        await call.until_hears("beep", within_s=20)
        await call.until_hears()
        await call.talk_for(4)
        await call.press("#")
        await call.until_hears(heard(EN.keep_greeting), within_s=10)
        await call.press("1")
        await call.until_hears(heard(EN.saved))
        if away:
            await call.press("*3")
            await call.until_hears(heard(EN.out_of_office), within_s=10)
        call.hang_up()
        await call.ended()
        alice.vanish()
        heard_by_erin = await erin.dial("101")
        chosen = world.mailboxes.choices[ALICE]
        path = chosen.out_of_office_greeting if away else chosen.greeting
        await heard_by_erin.until_hears(f"sound: {path}", within_s=40)

    scene_of(act)


def test_who_hangs_up_while_recording_a_greeting_keeps_the_former() -> None:
    async def act(world: World, alice: SimulatedPhone, erin: SimulatedPhone) -> None:
        call = await into_mailbox(alice)
        await call.press("21")
        await call.until_hears("beep", within_s=20)
        await call.talk_for(2)
        call.hang_up()
        await world.record(2)
        assert ALICE not in world.mailboxes.choices

    scene_of(act)


def test_owners_choose_what_callers_may_do_where_the_policy_lets_them() -> None:
    async def act(world: World, alice: SimulatedPhone, erin: SimulatedPhone) -> None:
        call = await into_mailbox(alice)
        await call.press("24")
        await call.until_hears(heard(EN.turns_away), within_s=10)
        call.hang_up()
        await world.record(2)
        alice.vanish()
        assert await (await erin.dial("101")).ended(within_s=40) == 603

    async def forbidden(world: World, alice: SimulatedPhone, erin: SimulatedPhone) -> None:
        call = await into_mailbox(alice)
        await call.press("24")
        await call.until_hears(heard(EN.not_allowed), within_s=10)
        await call.press("*3")
        await call.until_hears(heard(EN.not_allowed), within_s=10)

    scene_of(act)
    scene_of(forbidden, with_mailbox({"edit_answer_rules": False}))


@pytest.mark.parametrize(
    ("first", "second", "answer"),
    [
        ("739152", "739152", EN.pin_changed),
        ("739152", "739153", EN.different_pins),
        ("1234", "", EN.bad_pin),
        ("0101", "", EN.bad_pin),
    ],
)
def test_a_new_pin_is_entered_twice_and_hard_to_guess(first: str, second: str, answer: str) -> None:
    async def act(world: World, alice: SimulatedPhone, erin: SimulatedPhone) -> None:
        call = await into_mailbox(alice)
        await call.press("4")
        await call.until_hears(heard(EN.new_pin), within_s=10)
        await call.press(f"{first}#")
        if second:
            await call.until_hears(heard(EN.same_pin))
            await call.press(f"{second}#")
        await call.until_hears(heard(answer))
        call.hang_up()
        await call.ended()
        call = await into_mailbox(alice, pin=first if answer is EN.pin_changed else PIN)
        await call.until_hears("say: You have 1 new and 0 old message.")

    scene_of(act)
