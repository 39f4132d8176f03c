"""Holidays out of an iCalendar (RFC 5545): whole or not at all, never half believed.

Understood are events that happen once, on listed further dates, or every year. A calendar with
anything else that repeats is refused, for a holiday that is silently missing rings phones in an
empty office.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice, takewhile
from typing import Any
from zoneinfo import ZoneInfo

from callwright.domains.schedules.model import HolidaySpan
from callwright.kernel.limits.schedules import (
    CALENDAR_BYTES_MAX,
    CALENDAR_EVENTS_MAX,
    CALENDAR_LINES_MAX,
    CALENDAR_NAME_CHARS_MAX,
    CALENDAR_SPANS_MAX,
    CALENDAR_STEPS_MAX,
    HOLIDAY_RANGE_DAYS_MAX,
    HOLIDAY_YEARS,
)

_DAY = timedelta(days=1)
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_YEARLY_PARTS = frozenset(
    {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "BYDAY", "WKST"}
)
_OWN_ZONE = "VTIMEZONE"
_LINE_END = re.compile(r"(?<![\r\n])(?:\r?\n)+(?![ \t\r\n])")
"""Of a whole line: what begins with a blank goes on with the one before (RFC 5545 §3.1)."""


class CalendarError(ValueError):
    """Its text says what of the calendar cannot be used, and what to do."""


@dataclass(slots=True)
class _Patience:
    """How much may still be looked up, for all events of a calendar together."""

    left: int = CALENDAR_STEPS_MAX

    def spend(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise CalendarError("repeats too often; list its dates instead")


def read_calendar(content: bytes, zone: ZoneInfo | None = None) -> tuple[HolidaySpan, ...]:
    """Returns the holidays of HOLIDAY_YEARS as wall times of ``zone``, by their beginning.

    Times that name a zone of their own are converted, floating ones are not (RFC 5545 §3.3.5).
    Raises CalendarError.
    """
    if len(content) > CALENDAR_BYTES_MAX:
        raise CalendarError(f"has more than {CALENDAR_BYTES_MAX} bytes; take a smaller calendar")
    if content.count(b"\n") > CALENDAR_LINES_MAX:
        raise CalendarError(f"has more than {CALENDAR_LINES_MAX} lines; take a smaller calendar")
    events = _events(content)
    if len(events) > CALENDAR_EVENTS_MAX:
        raise CalendarError(f"has {len(events)} events; {CALENDAR_EVENTS_MAX} may be")
    spans: list[HolidaySpan] = []
    patience = _Patience()
    for event in events:
        try:
            spans += _spans(event, zone or ZoneInfo("UTC"), patience)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            because = str(error) if isinstance(error, CalendarError) else "cannot be understood"
            raise CalendarError(f"the event {_name(event)!r} {because}") from None
        if len(spans) > CALENDAR_SPANS_MAX:
            raise CalendarError(f"has more than {CALENDAR_SPANS_MAX} holidays; take a smaller one")
    return tuple(sorted(spans, key=lambda span: (span.begin, span.end, span.name)))


def _events(content: bytes) -> list[Any]:
    import icalendar  # takes a while, and most organisations never ask

    try:
        calendar = icalendar.Calendar.from_ical(_without_own_zones(content))
        is_calendar = getattr(calendar, "name", None) == "VCALENDAR"
        events = list(calendar.walk("VEVENT")) if is_calendar else []
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        is_calendar = False
    except (OSError, RecursionError):  # a zone that is called as a folder of zones; a deep nest
        is_calendar = False
    if not is_calendar:
        raise CalendarError("is no iCalendar; it begins with BEGIN:VCALENDAR")
    return events


def _without_own_zones(content: bytes) -> str:
    """Zones count by their names. What a calendar says of one itself the library would keep for
    every other calendar, and its rules it would follow however often they repeat."""
    lines = _LINE_END.split(content.decode("utf-8-sig", "replace"))
    bare = ("".join(line.split()).replace("\\", "").upper() for line in lines)
    return "\r\n".join(
        line for line, text in zip(lines, bare, strict=True) if _OWN_ZONE not in text
    )


def _name(event: Any) -> str:
    return _printable(str(event.get("SUMMARY", ""))) or "holiday"


def _printable(text: str) -> str:
    """Words of one line, which are not blank."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(shown.split())[:CALENDAR_NAME_CHARS_MAX]


def _spans(event: Any, zone: ZoneInfo, patience: _Patience) -> Iterator[HolidaySpan]:
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return
    if "RECURRENCE-ID" in event:
        raise CalendarError("changes one of several repetitions; write it as an event of its own")
    _check_zones(event)
    begin, length = _begin_and_length(event, zone)
    left_out = {_wall(each, zone) for each in _listed(event, "EXDATE")}
    repeated = _repetitions(event, begin, zone, patience)
    begins = dict.fromkeys([*repeated, *_further(event, zone)])
    for each in begins:
        if each not in left_out and each.year in HOLIDAY_YEARS:
            yield HolidaySpan(_name(event), each, each + length)


def _check_zones(event: Any) -> None:
    """Whoever does not know a zone would take its times for local ones."""
    for name in ("DTSTART", "DTEND", "RDATE", "EXDATE"):
        found = event.get(name, [])
        for each in found if isinstance(found, list) else [found]:
            zone = each.params.get("TZID")
            values = [part.dt for part in each.dts] if hasattr(each, "dts") else [each.dt]
            if zone is not None and any(
                isinstance(v, datetime) and v.tzinfo is None for v in values
            ):
                raise CalendarError(
                    f"names the time zone {_printable(str(zone))!r}, which is not known; "
                    "write one such as Europe/Berlin"
                )


def _begin_and_length(event: Any, zone: ZoneInfo) -> tuple[datetime, timedelta]:
    """RFC 5545 §3.6.1: without an end a date lasts a day, and a time does not last at all."""
    start = event["DTSTART"].dt
    begin = _wall(start, zone)
    if "DTEND" in event:
        length = _wall(event["DTEND"].dt, zone) - begin
    elif "DURATION" in event:
        length = event["DURATION"].dt
    else:
        length = _DAY if not isinstance(start, datetime) else timedelta()
    if length <= timedelta():
        raise CalendarError("does not last; give it an end")
    if length > timedelta(days=HOLIDAY_RANGE_DAYS_MAX):
        raise CalendarError(f"lasts longer than {HOLIDAY_RANGE_DAYS_MAX} days")
    return begin, length


def _wall(value: date | datetime, zone: ZoneInfo) -> datetime:
    """The naive local time of a date, a floating time, or an instant."""
    if not isinstance(value, datetime):
        return datetime.combine(value, time())
    return value if value.tzinfo is None else value.astimezone(zone).replace(tzinfo=None)


def _listed(event: Any, name: str) -> Iterator[date | datetime]:
    properties = event.get(name, [])
    for each in properties if isinstance(properties, list) else [properties]:
        for part in each.dts:
            yield part.dt


def _further(event: Any, zone: ZoneInfo) -> Iterable[datetime]:
    return (_wall(each, zone) for each in _listed(event, "RDATE"))


def _repetitions(
    event: Any, begin: datetime, zone: ZoneInfo, patience: _Patience
) -> Iterator[datetime]:
    rule = event.get("RRULE")
    yield begin
    if rule is None:
        return
    if isinstance(rule, list):
        raise CalendarError("has several rules of repetition; write one")
    parts = {str(name).upper(): values for name, values in rule.items()}
    if parts.get("FREQ") != ["YEARLY"] or not parts.keys() <= _YEARLY_PARTS:
        raise CalendarError("repeats otherwise than every year; list its dates instead")
    if "BYMONTH" not in parts and not parts.keys().isdisjoint({"BYDAY", "BYMONTHDAY"}):
        raise CalendarError("names days of the whole year; write BYMONTH, or list its dates")
    until = _wall(parts["UNTIL"][0], zone) if "UNTIL" in parts else None
    further = max(0, int(parts["COUNT"][0]) - 1) if "COUNT" in parts else None
    years = range(begin.year, HOLIDAY_YEARS.stop, max(1, int(parts.get("INTERVAL", [1])[0])))
    days = (each for year in years for each in _in_year(year, begin, parts, patience))
    later = (each for each in days if each > begin)
    in_time = takewhile(lambda each: until is None or each <= until, later)
    yield from islice(in_time, further)


def _in_year(
    year: int, begin: datetime, parts: dict[str, Any], patience: _Patience
) -> list[datetime]:
    """The days of one year on which a yearly rule falls, at the time of day of ``begin``."""
    days: set[date] = set()
    for month in {int(month) for month in parts.get("BYMONTH", [begin.month])}:
        if not 1 <= month <= 12:
            raise CalendarError("repeats in a month that is none")
        patience.spend(max(1, len(parts.get("BYDAY", ())) + len(parts.get("BYMONTHDAY", ()))))
        days |= _in_month(year, month, begin, parts)
    return [datetime.combine(day, begin.time()) for day in sorted(days)]


def _in_month(year: int, month: int, begin: datetime, parts: dict[str, Any]) -> set[date]:
    """Weekdays, numbered days, or the weekdays among those."""
    weekdays = {d for by in parts.get("BYDAY", ()) for d in _weekdays(year, month, str(by))}
    if "BYDAY" in parts and "BYMONTHDAY" not in parts:
        return weekdays
    numbers = map(int, parts.get("BYMONTHDAY", [begin.day]))
    numbered = {found for n in numbers if (found := _day_of(year, month, n)) is not None}
    return weekdays & numbered if "BYDAY" in parts else numbered


def _day_of(year: int, month: int, number: int) -> date | None:
    """The numbered day, from the month's end where it is negative; None: it has no such day."""
    first = date(year, month, 1)
    last = (first + timedelta(days=31)).replace(day=1) - _DAY
    day = number if number > 0 else last.day + 1 + number
    return first.replace(day=day) if 1 <= day <= last.day else None


def _weekdays(year: int, month: int, by: str) -> list[date]:
    """``4TH`` is the fourth Thursday, ``-1MO`` the last Monday, ``FR`` every Friday."""
    number, weekday = by[:-2], _WEEKDAYS.index(by[-2:].upper())
    first = date(year, month, 1)
    found = []
    day = first + timedelta(days=(weekday - first.weekday()) % 7)
    while day.month == month:
        found.append(day)
        day += timedelta(days=7)
    if not number:
        return found
    index = int(number)
    position = index - 1 if index > 0 else len(found) + index
    return [found[position]] if index and 0 <= position < len(found) else []
