"""The stretch of time that a report is about, and the hours or days it falls into."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from callwright.kernel.limits.reports import REPORT_BINS_MAX, REPORT_DAYS_MAX

HOUR = timedelta(hours=1)
DEFAULT_SPAN = timedelta(days=7)


class BadSpan(ValueError):
    """What is wrong with it, a semicolon, what to write instead."""


class BinWidth(Enum):
    HOUR = "hour"
    DAY = "day"
    """From midnight to midnight where the organisation is: 23 to 25 hours."""


@dataclass(frozen=True, slots=True)
class Span:
    """``since`` is in it, ``until`` is not; both know their zone."""

    since: datetime
    until: datetime

    @classmethod
    def read(
        cls, since: datetime | None, until: datetime | None, *, zone: ZoneInfo, now: datetime
    ) -> "Span":
        """Seven days until now unless told; what has no zone is in the organisation's.

        Raises BadSpan.
        """
        if any(at is not None and not 1970 <= at.year <= 9000 for at in (since, until)):
            raise BadSpan("is out of reach; write a time such as 2026-03-10T09:30:00")
        end = now if until is None else _placed(until, zone)
        begin = end - DEFAULT_SPAN if since is None else _placed(since, zone)
        if begin >= end:
            raise BadSpan("since is not before until; write an earlier since")
        if end - begin > timedelta(days=REPORT_DAYS_MAX + 1):
            raise BadSpan(f"is longer than {REPORT_DAYS_MAX} days; ask for a part of it")
        return cls(begin.astimezone(UTC), end.astimezone(UTC))

    def bins(
        self, width: BinWidth, zone: ZoneInfo, *, most: int = REPORT_BINS_MAX
    ) -> tuple["Span", ...]:
        """Hours or days on the clock of ``zone``, the first and the last cut to the span.

        Raises BadSpan for more than ``most``.
        """
        found: list[Span] = []
        edge = self.since
        for following in _edges(self.since, width, zone):
            end = min(following, self.until)
            if edge < end:
                found.append(Span(edge, end))
            if following >= self.until:
                return tuple(found)
            if len(found) > most:
                break
            edge = end
        raise BadSpan(f"has more than {most} {width.value}s; ask for days, or a part of it")


def _placed(at: datetime, zone: ZoneInfo) -> datetime:
    return at if at.tzinfo is not None else at.replace(tzinfo=zone)


def _edges(since: datetime, width: BinWidth, zone: ZoneInfo) -> Iterator[datetime]:
    """Where the bins after ``since`` begin, in UTC and without an end."""
    local = since.astimezone(zone)
    if width is BinWidth.HOUR:
        past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        edge = since - past + HOUR
        while True:
            yield edge
            edge += HOUR
    day = local.date()
    while True:
        day += timedelta(days=1)
        yield datetime.combine(day, time(), zone).astimezone(UTC)
