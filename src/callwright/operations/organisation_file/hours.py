"""Opening hours as the file words them: ``mon-fri: ["09:00-12:00", "13:00-17:00"]`` (SPEC 6.3)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, cast

from pydantic import JsonValue, PlainValidator, WithJsonSchema

from callwright.domains.schedules.model import (
    DAYS_PER_WEEK,
    MINUTES_PER_DAY,
    OpenRange,
    Week,
    complement,
)
from callwright.kernel.limits.schedules import RANGES_PER_DAY_MAX, SCHEDULE_STEP_MINUTES
from callwright.operations.organisation_file.refusal import (
    alternatives,
    needs_text,
    quoted,
    refused,
)

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EXCEPT = "except"
"""Before the hours in which it is closed."""
_RANGE = re.compile(r"([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})")
_FORM = 'write days and ranges, such as {mon-fri: ["09:00-17:00"]}'
_Place = Sequence[str | int]


def check_shape(value: object) -> dict[str, JsonValue]:
    """Refuses what is no mapping of days to lists of text, and keeps everything else."""
    if not isinstance(value, Mapping):
        raise refused(f"is no hours; {_FORM}")
    hours, at = _written(value)
    if not isinstance(hours, Mapping):
        raise refused(f"is no hours; {_FORM}", at=at)
    for words, ranges in hours.items():
        if not isinstance(ranges, list):
            raise refused('is no list of ranges; write ["09:00-17:00"]', at=[*at, words])
        for position, text in enumerate(ranges):
            if not isinstance(text, str):
                raise needs_text(text, at=[*at, words, position])
    return dict(value)


def _check_own_hours(value: object) -> JsonValue:
    """Of an attendant: the name of a schedule, or hours on quarters."""
    if isinstance(value, str):
        return value
    hours = check_shape(value)
    read_week(hours)
    return hours


_WEEK_SCHEMA: dict[str, object] = {
    "type": "object",
    "additionalProperties": {"type": "array", "items": {"type": "string"}},
}
_HOURS_SCHEMA = {
    "anyOf": [
        _WEEK_SCHEMA,
        {
            "type": "object",
            "properties": {EXCEPT: _WEEK_SCHEMA},
            "required": [EXCEPT],
            "additionalProperties": False,
        },
    ]
}
WeekForm = Annotated[JsonValue, PlainValidator(check_shape), WithJsonSchema(_HOURS_SCHEMA)]
"""Hours whose grid is said beside them: ``read_week`` is to be called with it."""
OwnHours = Annotated[
    JsonValue,
    PlainValidator(_check_own_hours),
    WithJsonSchema({"anyOf": [{"type": "string"}, *_HOURS_SCHEMA["anyOf"]]}),
]


def read_week(form: JsonValue, *, step_minutes: int = SCHEDULE_STEP_MINUTES) -> Week:
    """Returns the open ranges of seven days, Monday first; midnight splits a range in two.

    ``form`` passed ``check_shape``. Refuses hours that are wrong in form, are on no multiple of
    ``step_minutes``, name a day twice or overlap.
    """
    assert isinstance(form, Mapping), "the shape was checked"
    written, at = _written(form)
    week = _read_days_and_ranges(
        cast(Mapping[str, Sequence[str]], written), at=at, step_minutes=step_minutes
    )
    return complement(week) if at else week


def _written(form: Mapping[str, object]) -> tuple[object, tuple[str, ...]]:
    """The hours and where they are: below ``except`` or right here."""
    if set(form) == {EXCEPT}:
        return form[EXCEPT], (EXCEPT,)
    return form, ()


def _read_days_and_ranges(
    hours: Mapping[str, Sequence[str]], *, at: _Place, step_minutes: int
) -> Week:
    days: list[list[OpenRange]] = [[] for _ in DAYS]
    named: dict[int, str] = {}
    for words, ranges in hours.items():
        if len(ranges) > RANGES_PER_DAY_MAX:
            raise refused(f"has {len(ranges)} ranges; join some", at=[*at, words])
        for day in _read_days(words, at=[*at, words]):
            if day in named:
                raise refused(
                    f"{DAYS[day]} is named twice, in {named[day]} and {words}; name it once",
                    at=[*at, words],
                )
            named[day] = words
            for position, text in enumerate(ranges):
                place = [*at, words, position]
                for offset, open_range in _read_range(text, at=place, step_minutes=step_minutes):
                    _insert(days[(day + offset) % DAYS_PER_WEEK], open_range, text, at=place)
    return tuple(tuple(sorted(day, key=lambda r: r.from_minute)) for day in days)


def _insert(day: list[OpenRange], new: OpenRange, text: str, *, at: _Place) -> None:
    if any(new.from_minute < r.to_minute and r.from_minute < new.to_minute for r in day):
        raise refused(f"{text} overlaps another range of that day; join them", at=at)
    day.append(new)


def _read_days(words: str, *, at: _Place) -> Iterator[int]:
    first, _, last = words.partition("-")
    for day in (first, last or first):
        if day not in DAYS:
            raise refused(
                f"no day is called {quoted(day)}; {alternatives(day, DAYS)}, or several as mon-fri",
                at=at,
            )
    start, count = DAYS.index(first), (DAYS.index(last or first) - DAYS.index(first)) % 7
    return ((start + offset) % DAYS_PER_WEEK for offset in range(count + 1))


def _read_range(text: str, *, at: _Place, step_minutes: int) -> tuple[tuple[int, OpenRange], ...]:
    """Returns the ranges with the day each is on: 0 that day, 1 the next."""
    found = _RANGE.fullmatch(text)
    if found is None:
        raise refused(f'{quoted(text)} is not a range of hours; write "09:00-17:00"', at=at)
    start = read_minute(found[1], found[2], text, at=at, step_minutes=step_minutes)
    end = read_minute(found[3], found[4], text, at=at, step_minutes=step_minutes)
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


def read_minute(hour: str, minute: str, text: str, *, at: _Place, step_minutes: int) -> int:
    """Returns the minute of the day, 1440 for 24:00; refuses what is no time or off the grid."""
    minutes = int(hour) * 60 + int(minute)
    if int(minute) > 59 or minutes > MINUTES_PER_DAY:
        raise refused(f"{hour}:{minute} in {quoted(text)} is no time; write 00:00 to 24:00", at=at)
    if minutes % step_minutes:
        nearest = round(minutes / step_minutes) * step_minutes
        raise refused(
            f"{hour}:{minute} in {quoted(text)} is not on {_grid_text(step_minutes)}; "
            f"write {nearest // 60:02d}:{nearest % 60:02d}, or grid_minutes: 1 in a schedule or "
            "holiday set of its own",
            at=at,
        )
    return minutes


def _grid_text(step_minutes: int) -> str:
    match step_minutes:
        case 15:
            return "a quarter of an hour"
        case 30:
            return "half an hour"
        case _:
            return f"a multiple of {step_minutes} minutes"
