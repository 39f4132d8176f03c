"""Is it open now, and when does that change (SPEC 6.3).

A schedule is local wall time: a range that a clock change skips does not happen, one that it
repeats happens twice, and a shop that opens at 09:00 opens at 09:00 all year.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from callwright.domains.schedules.model import MINUTES_PER_DAY, HolidayDates, WeeklyHours

LOOK_AHEAD_DAYS = 15
"""Two weeks and a day: a weekly range may fall into the hour that a clock change skips."""


def is_open(hours: WeeklyHours, at: datetime) -> bool:
    """Whether the aware instant ``at`` lies in a range, by the schedule's own wall clock."""
    local = at.astimezone(hours.zone)
    minute = local.hour * 60 + local.minute
    return any(
        open_range.from_minute <= minute < open_range.to_minute
        for open_range in hours.days[local.weekday()]
    )


def is_holiday(holiday: HolidayDates, at: datetime, *, zone: ZoneInfo) -> bool:
    """Whether the local day of ``at`` is one of the holiday's."""
    return at.astimezone(zone).date() in holiday.dates


def next_change(hours: WeeklyHours, at: datetime) -> datetime | None:
    """Returns the first instant (UTC) after ``at`` with the other answer of ``is_open``.

    None: the schedule is always open or never.
    """
    before = is_open(hours, at)
    local_day = at.astimezone(hours.zone).date()
    for offset in range(LOOK_AHEAD_DAYS + 1):
        day = local_day + timedelta(days=offset)
        for instant in sorted(_turning_points(hours, day)):
            if instant > at and is_open(hours, instant) is not before:
                return instant
    return None


def _turning_points(hours: WeeklyHours, day: date) -> Iterator[datetime]:
    """Every instant of the local day at which the answer can change; some may not be real."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=hours.zone)
    yield midnight.astimezone(UTC)
    for open_range in hours.days[day.weekday()]:
        for minute in (open_range.from_minute, open_range.to_minute):
            wall = midnight + timedelta(minutes=minute)
            yield wall.astimezone(UTC)
            yield wall.replace(fold=1).astimezone(UTC)  # its second time, when clocks go back
    change = _clock_change(hours.zone, midnight)
    if change is not None:
        yield change


def _clock_change(zone: ZoneInfo, midnight: datetime) -> datetime | None:
    """Finds the instant of the day's clock change, to the minute, by halving the day."""
    first = midnight.astimezone(UTC)
    last = (midnight + timedelta(minutes=MINUTES_PER_DAY)).astimezone(UTC)
    old_offset = first.astimezone(zone).utcoffset()
    if last.astimezone(zone).utcoffset() == old_offset:
        return None
    minute = timedelta(minutes=1)
    low, high = 0, (last - first) // minute
    while high - low > 1:
        middle = (low + high) // 2
        changed = (first + middle * minute).astimezone(zone).utcoffset() != old_offset
        low, high = (low, middle) if changed else (middle, high)
    return first + high * minute
