"""Flows by time and menus by key (SPEC 6.2, 6.5, 6.9)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from callwright.domains.attendants.model import AutoAttendant, Operator
from callwright.domains.attendants.rules import (
    Complete,
    Extension,
    Invalid,
    KeyReading,
    Wait,
    decide_flow,
    decide_key,
)
from callwright.kernel.limits.attendants import ATTENDANT_AMBIGUOUS_KEY_S, ATTENDANT_INTERDIGIT_S
from callwright.kernel.target import ToQueue, ToUser
from callwright.testing.builders import (
    BOB,
    PACIFIC,
    SUPPORT,
    reception,
    reception_menu,
    weekly_hours,
)

OFFICE = reception(hours=weekly_hours(((9 * 60, 17 * 60),)))
EXTENSIONS = {"101", "102", "103", "104", "105"}


def flow_name(attendant: AutoAttendant, at: str) -> str:
    instant = datetime.fromisoformat(at).replace(tzinfo=PACIFIC).astimezone(UTC)
    flow = decide_flow(attendant, instant).value
    flows = {"open": attendant.open, "closed": attendant.closed}
    flows |= {holiday.dates.name: holiday.flow for holiday in attendant.holidays}
    return next(name for name, known in flows.items() if known is flow)


@pytest.mark.parametrize(
    ("at", "flow"),
    [
        ("2026-10-14T09:00", "open"),
        ("2026-10-14T17:00", "closed"),
        ("2026-12-25T10:00", "Christmas"),
        ("2026-12-25T03:00", "Christmas"),
        ("2026-12-26T03:00", "closed"),
    ],
)
@pytest.mark.row(172)
def test_holiday_beats_closed_beats_open(at: str, flow: str) -> None:
    assert flow_name(OFFICE, at) == flow


def test_the_step_names_the_holiday_and_the_local_time() -> None:
    at = datetime(2026, 12, 25, 17, 0, tzinfo=UTC)
    (step,) = decide_flow(OFFICE, at).steps
    assert step.what == "reception keeps the holiday Christmas"
    assert step.because == "it is Friday 2026-12-25 09:00 America/Los_Angeles"


def read(digits: str, *, timed_out: bool = False, has_operator: bool = True) -> KeyReading:
    return decide_key(
        reception_menu(), EXTENSIONS, digits, has_operator=has_operator, timed_out=timed_out
    )


def choice(reading: KeyReading) -> object:
    assert isinstance(reading, Complete)
    return reading.choice


def test_a_key_that_begins_no_extension_is_taken_at_once() -> None:
    assert choice(read("2")) == ToUser(BOB)


def test_a_key_that_also_begins_an_extension_waits_one_second() -> None:
    assert read("1") == Wait(ATTENDANT_AMBIGUOUS_KEY_S)
    assert choice(read("1", timed_out=True)) == ToQueue(SUPPORT)


def test_a_longer_beginning_waits_between_digits() -> None:
    assert read("10") == Wait(ATTENDANT_INTERDIGIT_S)


def test_a_whole_extension_is_taken_at_once() -> None:
    assert read("102") == Extension("102")


@pytest.mark.parametrize("digits", ["10", "567"])
def test_a_part_of_an_extension_is_none(digits: str) -> None:
    assert read(digits, timed_out=True) == Invalid()


@pytest.mark.parametrize("digits", ["8", "#", "19", "1029"])
def test_keys_without_a_meaning_are_invalid_at_once(digits: str) -> None:
    assert read(digits) == Invalid()


def test_an_extension_that_begins_a_longer_one_waits() -> None:
    extensions = {"10", "1023"}
    menu = reception_menu()
    assert decide_key(menu, extensions, "10") == Wait(ATTENDANT_INTERDIGIT_S)
    assert decide_key(menu, extensions, "10", timed_out=True) == Extension("10")
    assert decide_key(menu, extensions, "1023") == Extension("1023")


def test_hash_ends_the_waiting() -> None:
    menu = reception_menu()
    assert decide_key(menu, {"10", "1023"}, "10#") == Extension("10")
    assert choice(decide_key(menu, EXTENSIONS, "1#")) == ToQueue(SUPPORT)


def test_a_bound_key_wins_over_a_one_digit_extension() -> None:
    assert choice(decide_key(reception_menu(), {"2"}, "2")) == ToUser(BOB)


def test_without_a_directory_no_extension_is_heard() -> None:
    menu = replace(reception_menu(), search=None)
    assert choice(decide_key(menu, EXTENSIONS, "1")) == ToQueue(SUPPORT)
    assert decide_key(menu, EXTENSIONS, "102") == Invalid()


def test_the_operators_key_is_inactive_without_an_operator() -> None:
    assert choice(read("0")) == Operator()
    assert read("0", has_operator=False) == Invalid()


def test_nothing_pressed_waits_for_the_round() -> None:
    assert read("") == Wait(reception_menu().round_wait_s)
