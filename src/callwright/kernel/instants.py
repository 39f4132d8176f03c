"""Instants as programs read them."""

from datetime import UTC, datetime


def iso_utc(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds: ``2026-12-25T17:00:00.000Z``."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def iso_utc_or_none(at: datetime | None) -> str | None:
    return None if at is None else iso_utc(at)


def in_reach(at: datetime) -> datetime:
    """Raises ValueError for what has no day before or after it, as opening hours need one."""
    if not 1970 <= at.year <= 9000:
        raise ValueError("is no time for a call; write one such as 2026-03-10T09:30:00")
    return at
