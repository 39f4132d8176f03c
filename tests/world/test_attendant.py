"""The auto attendant on the line: greetings, keys, rounds, hours (SPEC 6)."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from callwright.domains.attendants.model import CallFlow, Holiday
from callwright.domains.schedules.model import HolidaySet, HolidaySpan
from callwright.kernel.prompt import Say
from callwright.kernel.reason import Reason
from callwright.kernel.target import Disconnect
from callwright.routing.snapshot import Snapshot
from callwright.testing.agent import Answer
from callwright.testing.builders import (
    RECEPTION,
    contoso_snapshot,
    reception,
    reception_menu,
    weekly_hours,
)
from callwright.testing.phone_call import PhoneCall
from callwright.testing.world import World, play

WELCOME = "say: Welcome to Contoso."
MENU = (
    "say: For support, press 1. For Bob, press 2. To hear our address, press 3. "
    "For the operator, press 0."
)
CALLER = "+12065550123"
WORKING_HOURS = weekly_hours(*[((8 * 60, 12 * 60), (13 * 60, 17 * 60))] * 5, (), ())


def with_reception(**fields: object) -> Snapshot:
    return contoso_snapshot(attendants={RECEPTION: reception(**fields)})


async def call_in(world: World) -> PhoneCall:
    call = world.carrier("sbc1").call("4255550150", calling="2065550123")
    await call.answered(within_s=1)
    return call


def test_a_key_rings_its_target_and_joins_the_two() -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        call = await call_in(world)
        await call.until_hears(WELCOME)
        await call.until_hears(MENU)
        await call.press("2")
        await call.until_hears("say: Transferring your call to Bob Brown.")
        rung = await bob.rings(within_s=5)
        assert rung.shown[1] == CALLER
        await call.until_hears("ringback")
        rung.answer()
        await call.until_hears("bob")
        await rung.until_hears("2065550123")

    play(scene)


@pytest.mark.row(169)
def test_a_key_interrupts_the_greeting() -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        call = await call_in(world)
        await call.until_hears(WELCOME)
        await call.press("2")
        await bob.rings(within_s=5)

    play(scene)


@pytest.mark.row(168)
def test_keys_before_the_end_of_the_prompt_may_be_ignored() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await call_in(world)
        await call.press("2")
        await call.until_hears(MENU)
        await call.press("2")
        await call.until_hears(within_s=30)
        await call.press("0")
        await alice.rings(within_s=5)
        assert bob.calls == []

    menu = replace(reception_menu(), force_listen=True)
    play(scene, organisation=with_reception(open=CallFlow(Say("Welcome to Contoso."), menu)))


@pytest.mark.row(164)
def test_zero_is_the_operator() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        call = await call_in(world)
        await call.press("0")
        await alice.rings(within_s=5)

    play(scene)


@pytest.mark.row(164)
def test_without_an_operator_zero_is_no_key() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        call = await call_in(world)
        await call.press("0")
        await call.until_hears("say: Sorry, that is not a valid choice.", within_s=6)
        assert alice.calls == []

    play(scene, organisation=with_reception(operator=None))


@pytest.mark.row(167)
def test_an_announcement_returns_to_the_menu() -> None:
    async def scene(world: World) -> None:
        call = await call_in(world)
        await call.press("3")
        await call.until_hears("say: Our address is one Contoso way.", within_s=2)
        await call.until_hears(MENU)

    play(scene)


@pytest.mark.row(165)
def test_three_silent_rounds_lead_to_the_operator() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        alice.reaction = Answer()
        call = await call_in(world)
        heard = await call.listen(50)
        assert heard.count({MENU}) == 3
        assert heard[-1] == {"alice"}

    play(scene)


@pytest.mark.row(165)
def test_three_silent_rounds_without_an_operator_end_the_call() -> None:
    async def scene(world: World) -> None:
        call = await call_in(world)
        await call.ended(within_s=60)
        assert (await world.record()).reason is Reason.ATTENDANT_NO_INPUT

    play(scene, organisation=with_reception(operator=None))


def test_a_wrong_key_is_said_to_be_wrong() -> None:
    async def scene(world: World) -> None:
        call = await call_in(world)
        await call.press("7")
        await call.until_hears("say: Sorry, that is not a valid choice.", within_s=6)
        await call.until_hears(MENU)

    play(scene)


@pytest.mark.row(181)
def test_an_extension_is_dialled_whole() -> None:
    async def scene(world: World) -> None:
        alice, dave = await world.phone("alice"), await world.phone("dave")
        call = await call_in(world)
        await call.press("104")
        await dave.rings(within_s=6)
        assert alice.calls == []

    play(scene)


@pytest.mark.row(181)
def test_a_part_of_an_extension_is_nobody() -> None:
    async def scene(world: World) -> None:
        dave = await world.phone("dave")
        call = await call_in(world)
        await call.press("10")
        await call.until_hears("say: Sorry, that is not a valid choice.", within_s=6)
        assert dave.calls == []

    play(scene)


def test_a_key_that_begins_an_extension_works_after_a_moment() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        call = await call_in(world)
        await call.press("1")
        await call.until_hears("say: Thank you for calling support.", within_s=6)
        await alice.rings(within_s=5)

    play(scene)


def test_keys_reach_the_attendant_from_user_phones_too() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await alice.dial("+14255550150")
        await call.answered()
        await call.press("2")
        await bob.rings(within_s=5)

    play(scene)


def test_after_hours_and_at_lunch_it_says_so_and_hangs_up() -> None:
    async def scene(world: World) -> None:
        call = await call_in(world)
        await call.until_hears("say: We are closed.")
        await call.ended(within_s=5)
        assert (await world.record()).reason is Reason.ATTENDANT_CLOSED

    organisation = with_reception(hours=WORKING_HOURS)
    evening, lunch = (
        datetime(2026, 3, 3, 4, 0, tzinfo=UTC),
        datetime(2026, 3, 3, 20, 30, tzinfo=UTC),
    )
    for started_at in (evening, lunch):  # Los Angeles is eight hours behind
        play(scene, organisation=organisation, started_at=started_at)


def test_a_holiday_comes_before_the_hours() -> None:
    async def scene(world: World) -> None:
        call = await call_in(world)
        await call.until_hears("say: Happy holidays.")

    play(scene, started_at=datetime(2026, 12, 25, 18, 0, tzinfo=UTC))


@pytest.mark.parametrize("day", range(1, 8))
def test_a_caller_never_hears_the_announcements_of_two_branches(day: int) -> None:
    """Open on weekdays, closed at weekends, and a holiday on the Wednesday: whatever the day, one
    of them greets."""

    async def scene(world: World) -> None:
        call = await call_in(world)
        heard = await call.listen(8)
        said = {name for names in heard for name in names}
        expected = "We are closed." if day in (1, 7) else "Welcome to Contoso."
        assert said == {f"say: {'Happy holidays.' if day == 4 else expected}"}

    flows = {"open": CallFlow(Say("Welcome to Contoso."), Disconnect())}
    christmas = HolidaySet.of("Feast", [HolidaySpan.of_day("Feast", date(2026, 3, 4))])
    closed = CallFlow(Say("Happy holidays."), Disconnect())
    organisation = with_reception(
        hours=WORKING_HOURS, holidays=(Holiday(christmas, closed),), **flows
    )
    play(scene, organisation=organisation, started_at=datetime(2026, 3, day, 18, 0, tzinfo=UTC))


def test_it_opens_in_time_without_a_restart() -> None:
    async def scene(world: World) -> None:
        early = world.carrier("sbc1").call("4255550150", calling="2065550123")
        await early.answered()
        await early.until_hears("say: We are closed.")
        await early.ended()
        await asyncio.sleep(60)
        call = await call_in(world)
        await call.until_hears(WELCOME)

    started_at = datetime(2026, 3, 3, 15, 59, 30, tzinfo=UTC)
    play(scene, organisation=with_reception(hours=WORKING_HOURS), started_at=started_at)


def test_a_caller_may_hang_up_at_any_time() -> None:
    async def scene(world: World) -> None:
        await world.phone("alice")
        for number, seconds in enumerate((0.001, 0.02, 0.5, 2.0, 4.0, 9.0, 17.0, 40.0), start=1):
            call = world.carrier("sbc1").call("4255550150", calling="2065550123")
            await asyncio.sleep(seconds)
            call.hang_up()
            await world.record(number)
            await asyncio.sleep(1)
            assert world.media.open_count == 0

    play(scene)
