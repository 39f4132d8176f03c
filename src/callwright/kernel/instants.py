"""Instants as programs read them."""

from datetime import UTC, datetime


def iso_utc(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds: ``2026-12-25T17:00:00.000Z``."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def iso_utc_or_none(at: datetime | None) -> str | None:
    return None if at is None else iso_utc(at)
