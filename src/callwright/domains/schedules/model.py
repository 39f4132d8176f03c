"""Weekly hours, holidays, and what people set aside for a while (SPEC 6.3).

Local wall time plus an IANA zone, never UTC: whoever writes 09:00 means his own clock.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import Self
from zoneinfo import ZoneInfo

from callwright.kernel.ids import UserId

MINUTES_PER_DAY = 24 * 60
DAYS_PER_WEEK = 7


class Standing(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class OpenRange:
    """Minutes of a local day, the end excluded; 1440 is midnight at the day's end."""

    from_minute: int
    to_minute: int


Week = tuple[tuple[OpenRange, ...], ...]
"""Open ranges of seven days, Monday first, each day's ascending."""
ALWAYS_OPEN: Week = ((OpenRange(0, MINUTES_PER_DAY),),) * DAYS_PER_WEEK


def complement(week: Week) -> Week:
    """Returns the week that is open when ``week`` is closed (SPEC 6.3, ``-Complement``)."""
    return tuple(tuple(_gaps(day)) for day in week)


def _gaps(day: Iterable[OpenRange]) -> Iterable[OpenRange]:
    free_from = 0
    for taken in day:
        if free_from < taken.from_minute:
            yield OpenRange(free_from, taken.from_minute)
        free_from = taken.to_minute
    if free_from < MINUTES_PER_DAY:
        yield OpenRange(free_from, MINUTES_PER_DAY)


@dataclass(frozen=True, slots=True)
class Override:
    """What somebody told a schedule to be, whatever its hours and holidays say."""

    standing: Standing
    subject: str
    """What it was told of, for people: ``schedule office``."""
    by: str
    until: datetime | None = None
    """An instant; None: until it is lifted."""
    holiday: str | None = None
    """With HOLIDAY, the name of the one that is kept."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A week without ranges is never open."""

    week: Week
    zone: ZoneInfo
    name: str | None = None
    """None: the hours are written where they are used."""
    overrides: tuple[Override, ...] = ()
    """Those that may hold, the one that counts first."""


@dataclass(frozen=True, slots=True)
class ScheduleSwitch:
    """What a code that is dialled switches, and who may dial it."""

    schedule: Schedule
    users: frozenset[UserId]


@dataclass(frozen=True, slots=True)
class HolidaySpan:
    """Local wall time without a zone, the end excluded."""

    name: str
    begin: datetime
    end: datetime

    @classmethod
    def of_day(cls, name: str, day: date) -> Self:
        midnight = datetime.combine(day, time())
        return cls(name, midnight, midnight + timedelta(days=1))


_BEGIN = attrgetter("begin")


@dataclass(frozen=True, slots=True)
class HolidaySet:
    """Holidays that are kept alike; by ``of`` the spans ascend and do not touch each other."""

    name: str
    spans: tuple[HolidaySpan, ...]
    caveat: str = ""
    """What people should know of it, such as that its calendar was never fetched."""

    @classmethod
    def of(cls, name: str, spans: Iterable[HolidaySpan], *, caveat: str = "") -> Self:
        """Where spans overlap, the one that begins first goes on."""
        disjoint: list[HolidaySpan] = []
        for span in sorted(spans, key=_BEGIN):
            last_end = disjoint[-1].end if disjoint else span.begin
            begin = max(span.begin, last_end)
            if begin < span.end:
                disjoint.append(HolidaySpan(span.name, begin, span.end))
        return cls(name, tuple(disjoint), caveat)

    def at(self, local: datetime) -> HolidaySpan | None:
        """The holiday that a naive local time lies in."""
        index = bisect_right(self.spans, local, key=_BEGIN) - 1
        return self.spans[index] if index >= 0 and local < self.spans[index].end else None


@dataclass(frozen=True, slots=True)
class Situation:
    """How it stands at an instant, and why."""

    standing: Standing
    because: str
    holiday: HolidaySet | None = None
    """With HOLIDAY, the set of it."""
    name: str | None = None
    """With HOLIDAY, the name of the day."""

    @property
    def text(self) -> str:
        """``is open``, ``is closed``, ``keeps the holiday Christmas``."""
        if self.standing is Standing.HOLIDAY:
            return f"keeps the holiday {self.name}"
        return f"is {self.standing}"

    def is_like(self, other: "Situation") -> bool:
        """Whether callers would notice no difference."""
        return (self.standing, self.holiday, self.name) == (
            other.standing,
            other.holiday,
            other.name,
        )


@dataclass(frozen=True, slots=True)
class Change:
    at: datetime
    """UTC."""
    situation: Situation
    """From then on."""
