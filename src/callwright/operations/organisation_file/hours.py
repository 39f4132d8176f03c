"""Opening hours as the file words them: ``mon-fri: ["09:00-12:00", "13:00-17:00"]`` (SPEC 6.3)."""

import re
from collections.abc import Iterator, Mapping, Sequence

from callwright.domains.schedules.model import MINUTES_PER_DAY, OpenRange
from callwright.kernel.limits import SCHEDULE_STEP_MINUTES
from callwright.operations.organisation_file.refusal import alternatives, quoted, refused

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_RANGE = re.compile(r"([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})")

Week = tuple[tuple[OpenRange, ...], ...]


def check_hours(hours: dict[str, list[str]]) -> dict[str, list[str]]:
    """Refuses hours that are wrong in form, name a day twice or overlap; returns them unchanged."""
    read_week(hours)
    return hours


def read_week(hours: Mapping[str, Sequence[str]]) -> Week:
    """Returns the open ranges of seven days, Monday first; midnight splits a range in two."""
    days: list[list[OpenRange]] = [[] for _ in DAYS]
    named: dict[int, str] = {}
    for words, ranges in hours.items():
        for day in _read_days(words):
            if day in named:
                raise refused(
                    f"{DAYS[day]} is named twice, in {named[day]} and {words}; name it once",
                    at=[words],
                )
            named[day] = words
            for position, text in enumerate(ranges):
                for offset, open_range in _read_range(text, at=[words, position]):
                    _insert(days[(day + offset) % 7], open_range, text, at=[words, position])
    return tuple(tuple(sorted(day, key=lambda r: r.from_minute)) for day in days)


def _insert(day: list[OpenRange], new: OpenRange, text: str, *, at: Sequence[str | int]) -> None:
    if any(new.from_minute < r.to_minute and r.from_minute < new.to_minute for r in day):
        raise refused(f"{text} overlaps another range of that day; join them", at=at)
    day.append(new)


def _read_days(words: str) -> Iterator[int]:
    first, _, last = words.partition("-")
    for day in (first, last or first):
        if day not in DAYS:
            raise refused(
                f"no day is called {quoted(day)}; {alternatives(day, DAYS)}, or several as mon-fri",
                at=[words],
            )
    start, count = DAYS.index(first), (DAYS.index(last or first) - DAYS.index(first)) % 7
    return ((start + offset) % 7 for offset in range(count + 1))


def _read_range(text: str, *, at: Sequence[str | int]) -> tuple[tuple[int, OpenRange], ...]:
    """Returns the ranges with the day each is on: 0 that day, 1 the next."""
    found = _RANGE.fullmatch(text)
    if found is None:
        raise refused(f'{quoted(text)} is not a range of hours; write "09:00-17:00"', at=at)
    start = _read_minute(found[1], found[2], text, at=at)
    end = _read_minute(found[3], found[4], text, at=at)
    if start == MINUTES_PER_DAY:
        raise refused(f"{text} begins at 24:00; begin at 00:00 of the next day", at=at)
    if end > start:
        return ((0, OpenRange(start, end)),)
    if start == end == 0:
        return ((0, OpenRange(0, MINUTES_PER_DAY)),)
    if start == end:
        raise refused(f'{text} is empty; write "00:00-24:00" for a whole day', at=at)
    evening = (0, OpenRange(start, MINUTES_PER_DAY))
    return (evening, (1, OpenRange(0, end))) if end else (evening,)


def _read_minute(hour: str, minute: str, text: str, *, at: Sequence[str | int]) -> int:
    minutes = int(hour) * 60 + int(minute)
    if int(minute) > 59 or minutes > MINUTES_PER_DAY:
        raise refused(f"{hour}:{minute} in {quoted(text)} is no time; write 00:00 to 24:00", at=at)
    if minutes % SCHEDULE_STEP_MINUTES:
        nearest = round(minutes / SCHEDULE_STEP_MINUTES) * SCHEDULE_STEP_MINUTES
        raise refused(
            f"{hour}:{minute} in {quoted(text)} is not on a quarter of an hour; "
            f"write {nearest // 60:02d}:{nearest % 60:02d}",
            at=at,
        )
    return minutes
