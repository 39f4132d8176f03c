"""Opening hours by the wall clock of their zone (SPEC 6.3)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwright.domains.schedules.model import HolidaySet, HolidaySpan, Schedule
from callwright.domains.schedules.rules import is_open, next_change, situation_at
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
