"""Dates of holidays as the file words them (SPEC 6.3).

``2026-12-25``, the days ``2026-12-24..2026-12-26`` (both included), or wall times
``2026-12-24 13:00..2026-12-24 18:00`` (the end excluded).
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta

from callwright.domains.schedules.model import HolidaySpan
from callwright.kernel.limits.schedules import HOLIDAY_RANGE_DAYS_MAX, HOLIDAY_STEP_MINUTES
from callwright.operations.organisation_file.hours import read_minute
from callwright.operations.organisation_file.refusal import quoted, refused

_SEPARATOR = ".."
_WALL = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?: ([0-9]{2}):([0-9]{2}))?")


def read_span(
    text: str,
    name: str,
    *,
    step_minutes: int = HOLIDAY_STEP_MINUTES,
    at: Sequence[str | int] = (),
) -> HolidaySpan:
    """Returns the span that a text stands for; refuses one that is malformed or off the grid."""
    first, is_range, last = text.partition(_SEPARATOR)
    begin, begins_with_time = _read_wall(first, text, step_minutes=step_minutes, at=at)
    if not is_range:
        if begins_with_time:
            text_of_day = first.partition(" ")[0]
            raise refused(f'{quoted(text)} has no end; write "{first}..{text_of_day} 24:00"', at=at)
        return HolidaySpan.of_day(name, begin.date())
    end, ends_with_time = _read_wall(last, text, step_minutes=step_minutes, at=at)
    if not ends_with_time:
        end += timedelta(days=1)
    if end <= begin:
        raise refused(f"{quoted(text)} ends before it begins; turn it round", at=at)
    if end - begin > timedelta(days=HOLIDAY_RANGE_DAYS_MAX):
        raise refused(
            f"{quoted(text)} is longer than {HOLIDAY_RANGE_DAYS_MAX} days; check both ends", at=at
        )
    return HolidaySpan(name, begin, end)


def _read_wall(
    wall: str, text: str, *, step_minutes: int, at: Sequence[str | int]
) -> tuple[datetime, bool]:
    """Returns the naive local time, and whether a time of day was written."""
    found = _WALL.fullmatch(wall)
    day = None if found is None else _day_or_none(found[1])
    if found is None or day is None:
        raise refused(
            f'{quoted(text)} is not a date; write year-month-day, such as "2026-12-25", days as '
            '"2026-12-24..2026-12-26" or times as "2026-12-24 13:00..2026-12-24 18:00"',
            at=at,
        )
    midnight = datetime.combine(day, time())
    if found[2] is None:
        return midnight, False
    minutes = read_minute(found[2], found[3], text, at=at, step_minutes=step_minutes)
    return midnight + timedelta(minutes=minutes), True


def _day_or_none(text: str) -> date | None:
    """Years that clocks count in, with room on both sides for a day more."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if date.min.year < day.year < date.max.year else None


def check_dates(step_minutes: int = HOLIDAY_STEP_MINUTES) -> Callable[[list[str]], list[str]]:
    """Returns a check that each of a list is one, which keeps the list as it is."""

    def check(texts: list[str]) -> list[str]:
        for position, text in enumerate(texts):
            read_span(text, "", step_minutes=step_minutes, at=[position])
        return texts

    return check
