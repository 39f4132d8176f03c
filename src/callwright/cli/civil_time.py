"""The command line's own clock, and instants as people and programs read them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from callwright.kernel.instants import iso_utc_or_none


def utc_now() -> datetime:
    return datetime.now(UTC)


def for_programs(at: datetime | None) -> str | None:
    """ISO 8601 in UTC with milliseconds: ``2026-12-25T17:00:00.000Z``."""
    return iso_utc_or_none(at)


def for_people(at: datetime | None, zone: ZoneInfo) -> str:
    """``2026-12-25 09:00:00 PST``; a dash where there is none."""
    return "-" if at is None else at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %Z")
