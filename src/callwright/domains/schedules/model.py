"""Weekly hours and dated holidays (SPEC 6.3). Local wall time plus an IANA zone, never UTC."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

MINUTES_PER_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class OpenRange:
    """Minutes of a local day, the end excluded; 1440 is midnight at the day's end."""

    from_minute: int
    to_minute: int


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """Open ranges by weekday, Monday first; a schedule without ranges is never open."""

    days: tuple[tuple[OpenRange, ...], ...]
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class HolidayDates:
    name: str
    dates: frozenset[date]
