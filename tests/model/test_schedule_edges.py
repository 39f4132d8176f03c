"""Every clock change of every zone, 2020 to 2040, against a second way to tell what is open.

The reference knows nothing of ranges and days: it asks the zone for its offset at each minute (UTC)
around the change, and looks the local minute of the week up in a table. What happens at a change
depends on its instant and the two offsets only, so zones that agree there are tried once;
``SCHEDULE_EDGES=all`` (``make schedules``) tries each zone by itself, and each minute.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest

from callwright.domains.schedules.model import (
    HolidaySet,
    HolidaySpan,
    OpenRange,
    Schedule,
    Standing,
    complement,
)
from callwright.domains.schedules.rules import is_open, next_change, next_changes, situation_at
from callwright.operations.organisation_file.hours import read_week

IS_WHOLE = os.environ.get("SCHEDULE_EDGES") == "all"
FIRST, LAST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2041, 1, 1, tzinfo=UTC)
STEP = timedelta(days=5)
"""No rule is changed and changed back within it: the shortest known is Ramadan in Morocco."""
MINUTE = timedelta(minutes=1)
BEFORE_MINUTES, AFTER_MINUTES = 4 * 60, 8 * 60
NO_ZONES = frozenset({"Factory", "localtime", "posixrules"})

WEEKS = {
    "over midnight": read_week({"mon-sun": ["22:00-06:00"]}),
    "in the hour": read_week({"mon-sun": ["00:00-00:30", "01:15-01:45", "02:30-03:15"]}),
    "to the minute": read_week({"mon-sun": ["00:07-01:01", "02:59-03:01"]}, step_minutes=1),
    "except": read_week({"except": {"sat-sun": ["01:30-02:00"], "mon-fri": ["23:00-00:15"]}}),
}
Edge = tuple[datetime, str]


def zones() -> list[str]:
    return sorted(available_timezones() - NO_ZONES)


def changes_of(name: str) -> Iterator[datetime]:
    """The instants at which the zone's offset changes, to the minute."""
    zone = ZoneInfo(name)
    at, was = FIRST, offset(zone, FIRST)
    while at < LAST:
        at, found = at + STEP, offset(zone, at + STEP)
        if found != was:
            low, high = 0, STEP // MINUTE
            while high - low > 1:
                middle = (low + high) // 2
                same = offset(zone, at - STEP + middle * MINUTE) == was
                low, high = (middle, high) if same else (low, middle)
            yield at - STEP + high * MINUTE
        was = found


def offset(zone: ZoneInfo, at: datetime) -> timedelta:
    found = at.astimezone(zone).utcoffset()
    assert found is not None
    return found


@cache
def edges() -> tuple[Edge, ...]:
    """Each with a zone that has it; in the short version one for all that agree."""
    found: dict[object, Edge] = {}
    for name in zones():
        zone = ZoneInfo(name)
        for at in changes_of(name):
            key = name if IS_WHOLE else None
            found.setdefault((at, offset(zone, at - MINUTE), offset(zone, at), key), (at, name))
    return tuple(found.values())


class Table:
    """Open or not, by the minute of the local week."""

    def __init__(self, week: tuple[tuple[OpenRange, ...], ...]) -> None:
        self._is_open = bytearray(7 * 24 * 60)
        for day, ranges in enumerate(week):
            for each in ranges:
                for minute in range(each.from_minute, each.to_minute):
                    self._is_open[day * 24 * 60 + minute] = 1

    @cache  # noqa: B019 - there are four, for as long as the tests run
    def walk(self, zone: ZoneInfo, edge: datetime) -> list[bool]:
        """The answer at each minute of the window; two offsets hold in it, before and after."""
        before, after = offset(zone, edge - MINUTE), offset(zone, edge)
        start = edge - BEFORE_MINUTES * MINUTE
        monday = datetime(2018, 1, 1, tzinfo=UTC)
        first = (start - monday) // MINUTE
        answers = []
        for number in range(BEFORE_MINUTES + AFTER_MINUTES):
            local = first + number + (before if number < BEFORE_MINUTES else after) // MINUTE
            answers.append(bool(self._is_open[local % len(self._is_open)]))
        return answers


TABLES = {name: Table(week) for name, week in WEEKS.items()}
ASKED = range(0, BEFORE_MINUTES + AFTER_MINUTES, 1 if IS_WHOLE else 67)
CHANGED = range(0, BEFORE_MINUTES + AFTER_MINUTES, 29 if IS_WHOLE else 199)


def test_there_are_changes_of_every_kind() -> None:
    """Half an hour (Lord Howe), at midnight (Santiago, Cairo), backwards (Dublin), for Ramadan
    (Morocco); none in Saskatchewan, and Samoa keeps one time since 2021."""
    names = {name: list(changes_of(name)) for name in
             ("Australia/Lord_Howe", "America/Santiago", "Africa/Casablanca", "Europe/Dublin",
              "America/Regina", "Pacific/Apia")}  # fmt: skip
    assert {name: len(found) > 20 for name, found in names.items()} == {
        "Australia/Lord_Howe": True,
        "America/Santiago": True,
        "Africa/Casablanca": True,
        "Europe/Dublin": True,
        "America/Regina": False,
        "Pacific/Apia": False,
    }
    assert len(zones()) > 400
    assert len(edges()) > 500


@pytest.mark.row(175)
@pytest.mark.parametrize("name", WEEKS)
def test_every_minute_around_every_change_is_open_as_its_wall_clock_says(name: str) -> None:
    """FreePBX#699, #702: daylight saving time was handled wrong; odd zones were not tried."""
    week, table = WEEKS[name], TABLES[name]
    for edge, zone_name in edges():
        zone = ZoneInfo(zone_name)
        schedule, answers = Schedule(week, zone), table.walk(zone, edge)
        start = edge - BEFORE_MINUTES * MINUTE
        for number in (*ASKED, BEFORE_MINUTES - 1, BEFORE_MINUTES):
            at = start + number * MINUTE
            assert is_open(schedule, at) is answers[number], (zone_name, at, name)


@pytest.mark.row(175)
@pytest.mark.parametrize("name", WEEKS)
def test_the_next_change_is_the_first_minute_with_another_answer(name: str) -> None:
    week, table = WEEKS[name], TABLES[name]
    for edge, zone_name in edges():
        zone = ZoneInfo(zone_name)
        schedule, answers = Schedule(week, zone), table.walk(zone, edge)
        start = edge - BEFORE_MINUTES * MINUTE
        for number in CHANGED:
            at = start + number * MINUTE
            later = range(number + 1, len(answers))
            first = next((n for n in later if answers[n] is not answers[number]), None)
            found = next_change(schedule, at)
            if first is not None:
                assert found == start + first * MINUTE, (zone_name, at, name)
            else:
                assert found is None or found >= start + len(answers) * MINUTE


@pytest.mark.parametrize("name", WEEKS)
def test_the_opposite_is_open_when_it_is_closed(name: str) -> None:
    opposite = complement(WEEKS[name])
    assert complement(opposite) == WEEKS[name] or name == "over midnight"
    for edge, zone_name in edges()[::7]:
        zone = ZoneInfo(zone_name)
        for number in range(-90, 90, 17):
            at = edge + number * MINUTE
            assert is_open(Schedule(opposite, zone), at) is not is_open(
                Schedule(WEEKS[name], zone), at
            )


def test_a_holiday_begins_and_ends_by_the_wall_clock_at_every_change() -> None:
    """The day of the change is a holiday: it lasts 23, 24 or 25 hours, or what it is there."""
    for edge, zone_name in edges():
        zone = ZoneInfo(zone_name)
        day = edge.astimezone(zone).date()
        holiday = HolidaySet.of("Change", [HolidaySpan.of_day("Change", day)])
        schedule = Schedule(WEEKS["in the hour"], zone)
        for number in range(-30 * 60, 30 * 60, 197):
            at = edge + number * MINUTE
            kept = situation_at(schedule, [holiday], at).standing is Standing.HOLIDAY
            assert kept is (at.astimezone(zone).date() == day), (zone_name, at)
        if not IS_WHOLE and edge.year != 2026:
            continue
        before = edge - timedelta(days=2)
        for change in next_changes(schedule, [holiday], before, count=30):
            just_before = situation_at(schedule, [holiday], change.at - MINUTE / 60)
            assert not just_before.is_like(change.situation), (zone_name, change)
