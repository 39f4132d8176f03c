"""Opening hours by the wall clock of their zone (SPEC 6.3)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwright.domains.schedules.model import (
    HolidaySet,
    HolidaySpan,
    Override,
    Schedule,
    Standing,
    complement,
)
from callwright.domains.schedules.rules import (
    is_open,
    next_change,
    next_changes,
    situation_at,
    switched,
)
from callwright.testing.builders import PACIFIC, weekly_hours

NINE_TO_FIVE = ((9 * 60, 17 * 60),)
WHOLE_DAY = ((0, 24 * 60),)


def pacific(text: str, *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PACIFIC, fold=fold)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-10-14T08:59:59", False),
        ("2026-10-14T09:00", True),
        ("2026-10-14T16:59:59", True),
        ("2026-10-14T17:00", False),
    ],
)
def test_a_range_holds_its_start_and_not_its_end(at: str, expected: bool) -> None:
    assert is_open(weekly_hours(NINE_TO_FIVE), pacific(at)) is expected


@pytest.mark.row(171)
def test_two_ranges_a_day_leave_a_lunch_break() -> None:
    hours = weekly_hours(((9 * 60, 12 * 60), (13 * 60, 17 * 60)))
    answers = [is_open(hours, pacific(f"2026-10-14T{t}")) for t in ("11:59", "12:30", "13:00")]
    assert answers == [True, False, True]


@pytest.mark.row(174)
def test_a_range_to_24_00_covers_the_whole_day() -> None:
    hours = weekly_hours(WHOLE_DAY, (), (), (), (), (), ())
    monday = pacific("2026-10-12T00:00")
    assert all(is_open(hours, monday + timedelta(minutes=m)) for m in range(24 * 60))
    assert not is_open(hours, monday - timedelta(minutes=1))
    assert not is_open(hours, monday + timedelta(days=1))


def test_the_weekday_is_the_zones_own() -> None:
    mondays = weekly_hours(WHOLE_DAY, (), (), (), (), (), ())
    assert is_open(mondays, datetime(2026, 10, 13, 6, 59, tzinfo=UTC))
    assert not is_open(mondays, datetime(2026, 10, 13, 7, 0, tzinfo=UTC))


@pytest.mark.row(175)
@pytest.mark.parametrize(
    ("utc", "expected"),
    [
        ("2026-10-31T15:59", False),  # PDT, UTC-7: opens at 16:00 UTC
        ("2026-10-31T16:00", True),
        ("2026-11-01T16:59", False),  # PST from this Sunday, UTC-8: opens at 17:00 UTC
        ("2026-11-01T17:00", True),
        ("2027-03-14T15:59", False),  # PDT again
        ("2027-03-14T16:00", True),
    ],
)
def test_nine_oclock_stays_nine_oclock_when_clocks_change(utc: str, expected: bool) -> None:
    at = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert is_open(weekly_hours(NINE_TO_FIVE), at) is expected


def test_a_repeated_hour_is_open_twice() -> None:
    hours = weekly_hours(((60, 120),))
    assert is_open(hours, pacific("2026-11-01T01:30"))
    assert is_open(hours, pacific("2026-11-01T01:30", fold=1))


def test_next_change_is_the_next_edge() -> None:
    hours = weekly_hours(NINE_TO_FIVE)
    assert next_change(hours, pacific("2026-10-14T08:00")) == pacific("2026-10-14T09:00")
    assert next_change(hours, pacific("2026-10-14T09:00")) == pacific("2026-10-14T17:00")
    assert next_change(hours, pacific("2026-10-14T17:00")) == pacific("2026-10-15T09:00")


def test_next_change_passes_over_midnight_between_whole_days() -> None:
    weekend = weekly_hours((), (), (), (), (), WHOLE_DAY, WHOLE_DAY)
    saturday_noon = pacific("2026-10-17T12:00")
    assert next_change(weekend, saturday_noon) == pacific("2026-10-19T00:00")


def test_a_start_inside_the_skipped_hour_is_the_clock_change() -> None:
    hours = weekly_hours(((2 * 60 + 30, 4 * 60),))
    change = next_change(hours, pacific("2027-03-14T01:00"))
    assert change == pacific("2027-03-14T03:00")


def test_a_repeated_half_hour_reopens_at_the_clock_change() -> None:
    hours = weekly_hours(((0, 90),))
    closed = next_change(hours, pacific("2026-11-01T00:30"))
    assert closed == pacific("2026-11-01T01:30").astimezone(UTC)
    reopened = next_change(hours, closed)
    assert reopened == pacific("2026-11-01T01:00", fold=1).astimezone(UTC)
    closed_again = next_change(hours, reopened)
    assert closed_again == pacific("2026-11-01T01:30", fold=1).astimezone(UTC)


@pytest.mark.parametrize("day", [WHOLE_DAY, ()])
def test_always_and_never_do_not_change(day: tuple[tuple[int, int], ...]) -> None:
    assert next_change(weekly_hours(day), pacific("2026-10-14T08:00")) is None


def test_a_holiday_is_a_local_day() -> None:
    day = HolidaySpan.of_day("Christmas", date(2026, 12, 25))
    christmas = HolidaySet.of("Christmas", [day])
    always = weekly_hours(WHOLE_DAY)
    keeps = [
        situation_at(always, [christmas], datetime(2026, 12, d, h, m, tzinfo=UTC)).standing
        for d, h, m in ((25, 8, 0), (25, 7, 59), (26, 7, 59), (26, 8, 0))
    ]
    assert keeps == ["holiday", "open", "holiday", "open"]


ZONES = ("America/Los_Angeles", "Europe/Paris", "America/Santiago", "Africa/Cairo",
         "Australia/Lord_Howe", "Asia/Kolkata", "Atlantic/Azores")  # fmt: skip


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    edges = st.lists(st.integers(0, 96), max_size=6, unique=True).map(sorted)
    days = []
    for _ in range(7):
        quarters = draw(edges)
        pairs = zip(quarters[::2], quarters[1::2], strict=False)
        days.append(tuple((start * 15, end * 15) for start, end in pairs))
    return weekly_hours(*days, zone=ZoneInfo(draw(st.sampled_from(ZONES))))


INSTANTS = st.datetimes(
    datetime(2025, 1, 1),  # noqa: DTZ001
    datetime(2028, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@given(schedules(), INSTANTS)
def test_nothing_changes_before_the_next_change(hours: Schedule, at: datetime) -> None:
    change = next_change(hours, at)
    now = is_open(hours, at)
    until = change if change is not None else at + timedelta(days=8)
    step = timedelta(minutes=5)
    assert all(is_open(hours, at + n * step) is now for n in range(-(-(until - at) // step)))
    if change is not None:
        assert change > at
        assert is_open(hours, change) is not now
        assert is_open(hours, max(at, change - timedelta(seconds=1))) is now


@st.composite
def holidays(draw: st.DrawFn, around: date) -> tuple[HolidaySet, ...]:
    """Up to three sets of up to three spans, which may meet."""
    days = st.dates(around - timedelta(days=4), around + timedelta(days=17))
    sets = []
    for number in range(draw(st.integers(0, 3))):
        spans = []
        for _ in range(draw(st.integers(0, 3))):
            day, start = draw(days), draw(st.integers(0, 47))
            begin = datetime(day.year, day.month, day.day) + timedelta(minutes=30 * start)  # noqa: DTZ001
            length = timedelta(minutes=30 * draw(st.integers(1, 100)))
            spans.append(HolidaySpan(f"H{number}", begin, begin + length))
        sets.append(HolidaySet.of(f"H{number}", spans))
    return tuple(sets)


@st.composite
def overrides(draw: st.DrawFn, start: datetime) -> tuple[Override, ...]:
    found = []
    for _ in range(draw(st.integers(0, 2))):
        standing = draw(st.sampled_from((Standing.OPEN, Standing.CLOSED)))
        after = draw(st.one_of(st.none(), st.integers(0, 20_000)))
        until = None if after is None else start + timedelta(minutes=after)
        found.append(Override(standing, "schedule office", "alice", until))
    return tuple(found)


AUTUMN = datetime(2026, 10, 24, 3, 11, tzinfo=UTC)
"""Clocks go back on 25 October in Europe, and on 1 November in the United States."""
SPRING = datetime(2027, 3, 13, 3, 11, tzinfo=UTC)
"""Clocks skip an hour on 14 March in the United States, and on 28 March in Europe."""


@pytest.mark.parametrize("start", [AUTUMN, SPRING], ids=["back", "forward"])
@given(st.data(), schedules(), st.integers(0, 20_000))
def test_between_two_changes_callers_meet_the_same(
    start: datetime, data: st.DataObject, hours: Schedule, minutes: int
) -> None:
    sets, told = data.draw(holidays(start.date())), data.draw(overrides(start))
    schedule, at = replace(hours, overrides=told), start + timedelta(minutes=minutes)
    changes = next_changes(schedule, sets, at, count=8)
    situation, begin = situation_at(schedule, sets, at), at
    for change in changes:
        assert change.at > begin
        middle = begin + (change.at - begin) / 2
        for instant in (begin, middle, change.at - timedelta(seconds=1)):
            assert situation_at(schedule, sets, max(begin, instant)).is_like(situation)
        assert not change.situation.is_like(situation)
        situation, begin = change.situation, change.at


@given(schedules())
def test_the_opposite_of_the_opposite_is_the_same(hours: Schedule) -> None:
    twice = replace(hours, week=complement(complement(hours.week)))
    opposite = replace(hours, week=complement(hours.week))
    for minute in range(0, 7 * 24 * 60, 97):
        at = AUTUMN + timedelta(minutes=minute)
        assert is_open(twice, at) is is_open(hours, at) is not is_open(opposite, at)


def test_a_holiday_that_begins_and_ends_in_a_skipped_hour_is_none() -> None:
    """There is no 02:30 on that day; one that is longer is kept for what is left of it."""
    always, before = weekly_hours(WHOLE_DAY), pacific("2027-03-14T01:00")

    def changes(end: str) -> list[tuple[datetime, str]]:
        begin = datetime(2027, 3, 14, 2, 30)  # noqa: DTZ001
        span = HolidaySpan("Short", begin, datetime.fromisoformat(f"2027-03-14T{end}"))
        kept = HolidaySet.of("Short", [span])
        found = next_changes(always, [kept], before, count=3)
        return [(change.at, change.situation.standing) for change in found]

    assert changes("03:00") == []
    assert changes("03:30") == [
        (pacific("2027-03-14T03:00"), "holiday"), (pacific("2027-03-14T03:30"), "open"),
    ]  # fmt: skip


def test_what_is_set_counts_until_its_instant_and_not_at_it() -> None:
    noon = pacific("2026-10-14T12:00").astimezone(UTC)
    told = Override(Standing.CLOSED, "schedule office", "alice", noon)
    office = replace(weekly_hours(NINE_TO_FIVE), overrides=(told,))
    before = situation_at(office, (), noon - timedelta(seconds=1))
    assert (before.standing, situation_at(office, (), noon).standing) == ("closed", "open")
    assert before.because == (
        "schedule office is set to closed until Wednesday 2026-10-14 12:00 America/Los_Angeles; "
        "it is Wednesday 2026-10-14 11:59 America/Los_Angeles"
    )


def test_a_switch_turns_it_round_and_back_to_its_hours() -> None:
    office, noon = weekly_hours(NINE_TO_FIVE), pacific("2026-10-14T12:00")
    assert switched(office, noon) is Standing.CLOSED
    assert switched(office, pacific("2026-10-14T20:00")) is Standing.OPEN
    told = Override(Standing.CLOSED, "schedule office", "alice")
    assert switched(replace(office, overrides=(told,)), noon) is None


def test_of_two_sets_with_the_same_day_the_first_counts() -> None:
    day = date(2026, 12, 25)
    one, two = (HolidaySet.of(n, [HolidaySpan.of_day(n, day)]) for n in ("One", "Two"))
    noon = pacific("2026-12-25T12:00")
    always = weekly_hours(WHOLE_DAY)
    assert situation_at(always, [one, two], noon).holiday is one
    assert situation_at(always, [two, one], noon).holiday is two


def test_spans_that_meet_are_one_after_the_other() -> None:
    day = HolidaySpan.of_day("Day", date(2026, 12, 25))
    hours = HolidaySpan("Hours", day.begin + timedelta(hours=9), day.end + timedelta(hours=3))
    inside = HolidaySpan("Inside", day.begin + timedelta(hours=1), day.begin + timedelta(hours=2))
    found = HolidaySet.of("Set", [hours, inside, day])
    assert [(s.name, s.begin, s.end) for s in found.spans] == [
        ("Day", day.begin, day.end),
        ("Hours", day.end, hours.end),
    ]
