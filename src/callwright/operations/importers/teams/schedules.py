"""Opening hours, holidays and time zones."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from callwright.kernel.limits.schedules import HOLIDAY_RANGE_DAYS_MAX, HOLIDAY_STEP_MINUTES
from callwright.operations.importers.teams.names import Ledger
from callwright.operations.importers.teams.reading import Thing, list_of, part_of, seconds_of
from callwright.operations.organisation_file.hours import DAYS

DAY_S = 86_400
_DATE = re.compile(r"/Date\((-?\d{1,14})\)/")
_FULL_DAYS = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"
)  # fmt: skip
_ZONES: Mapping[str, str] = {
    "utc": "Etc/UTC",
    "gmt standard time": "Europe/London",
    "greenwich standard time": "Atlantic/Reykjavik",
    "w. europe standard time": "Europe/Berlin",
    "central europe standard time": "Europe/Budapest",
    "central european standard time": "Europe/Warsaw",
    "romance standard time": "Europe/Paris",
    "e. europe standard time": "Europe/Chisinau",
    "fle standard time": "Europe/Kyiv",
    "gtb standard time": "Europe/Bucharest",
    "russian standard time": "Europe/Moscow",
    "turkey standard time": "Europe/Istanbul",
    "israel standard time": "Asia/Jerusalem",
    "south africa standard time": "Africa/Johannesburg",
    "arabian standard time": "Asia/Dubai",
    "india standard time": "Asia/Kolkata",
    "singapore standard time": "Asia/Singapore",
    "china standard time": "Asia/Shanghai",
    "tokyo standard time": "Asia/Tokyo",
    "korea standard time": "Asia/Seoul",
    "aus eastern standard time": "Australia/Sydney",
    "e. australia standard time": "Australia/Brisbane",
    "cen. australia standard time": "Australia/Adelaide",
    "w. australia standard time": "Australia/Perth",
    "new zealand standard time": "Pacific/Auckland",
    "atlantic standard time": "America/Halifax",
    "eastern standard time": "America/New_York",
    "us eastern standard time": "America/Indiana/Indianapolis",
    "central standard time": "America/Chicago",
    "central standard time (mexico)": "America/Mexico_City",
    "mountain standard time": "America/Denver",
    "us mountain standard time": "America/Phoenix",
    "pacific standard time": "America/Los_Angeles",
    "alaskan standard time": "America/Anchorage",
    "hawaiian standard time": "Pacific/Honolulu",
    "e. south america standard time": "America/Sao_Paulo",
    "argentina standard time": "America/Argentina/Buenos_Aires",
    "sa pacific standard time": "America/Bogota",
}
"""Windows' names in small letters, and IANA's for the zone's own territory (CLDR windowsZones)."""


def zone(name: str) -> str | None:
    """None: it is not known here."""
    return name if "/" in name else _ZONES.get(name.lower())


def business_hours(schedule: Thing) -> dict[str, list[str]]:
    """Of the schedule of an after-hours flow: its hours are open ones where the flow is their
    complement (SPEC 6.3), else those in which it is closed."""
    weekly = part_of(schedule, "WeeklyRecurrentSchedule") or schedule
    is_complement = weekly.get("ComplementEnabled") is not False
    found: dict[str, list[str]] = {}
    for day, name in zip(DAYS, _FULL_DAYS, strict=True):
        ranges = sorted(_ranges(list_of(weekly, f"{name}Hours")))
        open_ranges = ranges if is_complement else list(_between(ranges))
        if open_ranges:
            found[day] = [f"{_clock(start)}-{_clock(end)}" for start, end in open_ranges]
    return found


def _ranges(hours: Sequence[object]) -> Iterator[tuple[int, int]]:
    for each in hours:
        if isinstance(each, dict):
            start, end = seconds_of(each.get("Start")), seconds_of(each.get("End"))
            if start is not None and end is not None:
                yield start, end or DAY_S


def _between(ranges: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    at = 0
    for start, end in ranges:
        if start > at:
            yield at, start
        at = max(at, end)
    if at < DAY_S:
        yield at, DAY_S


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}"


def holiday_dates(schedule: Thing, label: str, ledger: Ledger) -> list[str]:
    """Days, ranges of them, and times on half hours; of what lies on none, the days, which is
    told."""
    fixed = part_of(schedule, "FixedSchedule") or schedule
    found: list[str] = []
    for each in list_of(fixed, "DateTimeRanges"):
        start = _instant(each.get("Start")) if isinstance(each, dict) else None
        if start is None:
            ledger.lose(label, "a range of it has no beginning that can be read")
            continue
        end = _instant(each.get("End")) or start + timedelta(days=1)
        if _is_in_utc(each.get("Start")) and not _is_midnight(start):
            why = "may be off: PowerShell 5 writes times in UTC; check it, or export with 7"
            ledger.lose(label, f"{start:%Y-%m-%d %H:%M} {why}")
        if not _is_midnight(start) or not _is_midnight(end):
            if _is_on_half_hour(start) and _is_on_half_hour(end) and start < end:
                found.append(f"{start:%Y-%m-%d %H:%M}..{end:%Y-%m-%d %H:%M}")
                continue
            ledger.lose(label, f"{start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} became whole days")
        last = (end - timedelta(microseconds=1)).date()
        longest = start.date() + timedelta(days=HOLIDAY_RANGE_DAYS_MAX - 1)
        if last > longest:
            ledger.lose(label, f"{start:%Y-%m-%d} to {last} was cut off at {longest}")
            last = longest
        days = f"{start:%Y-%m-%d}"
        found.append(f"{days}..{last}" if last > start.date() else days)
    return list(dict.fromkeys(found))


def _is_midnight(at: datetime) -> bool:
    return (at.hour, at.minute) == (0, 0)


def _is_on_half_hour(at: datetime) -> bool:
    return at.minute % HOLIDAY_STEP_MINUTES == 0 and at.second == 0


def _is_in_utc(value: object) -> bool:
    if isinstance(value, dict):
        value = value.get("value")
    return _DATE.fullmatch(str(value)) is not None


def _instant(value: object) -> datetime | None:
    """``2026-12-25T00:00:00``, or ``/Date(1798156800000)/`` as PowerShell 5 writes it."""
    if isinstance(value, dict):
        value = value.get("value") or value.get("DateTime")
    text = str(value)
    found = _DATE.fullmatch(text)
    try:
        if found is not None:
            return datetime.fromtimestamp(int(found[1]) / 1000, UTC).replace(tzinfo=None)
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError):
        return None
