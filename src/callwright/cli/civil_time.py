"""The command line's own clock, and instants as people and programs read them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def utc_now() -> datetime:
    return datetime.now(UTC)


def for_programs(at: datetime | None) -> str | None:
    """ISO 8601 in UTC with milliseconds: ``2026-12-25T17:00:00.000Z``."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def for_people(at: datetime | None, zone: ZoneInfo) -> str:
    """``2026-12-25 09:00:00 PST``; a dash where there is none."""
    return "-" if at is None else at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %Z")
