"""What queues did since midnight, of the call records; read again when it is a moment old."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from callwright.kernel.limits.supervision import LIVE_TODAY_S
from callwright.operations.organisation_file import Organisation
from callwright.operations.reports.figures import QueueFigures
from callwright.operations.reports.span import Span
from callwright.operations.reports.thresholds import thresholds_s
from callwright.storage.database import Database
from callwright.storage.reports.queues import QueueReports

Figures = Mapping[str, Mapping[str, Any]]


class FiguresOfToday:
    """Of all queues of an organisation, for all who watch them."""

    def __init__(self) -> None:
        self._figures: Figures = {}
        self._read_at: datetime | None = None
        self._turn = asyncio.Lock()

    async def read(self, database: Database, organisation: Organisation, now: datetime) -> Figures:
        """By queue; one that had no caller today is not in it."""
        async with self._turn:  # who comes meanwhile waits for what is being read
            if self._read_at is None or now - self._read_at >= timedelta(seconds=LIVE_TODAY_S):
                self._figures = await asyncio.to_thread(_figures, database, organisation, now)
                self._read_at = now
            return self._figures


def _figures(database: Database, organisation: Organisation, now: datetime) -> Figures:
    """Where the clocks say that it is midnight (SPEC 10.2)."""
    zone = ZoneInfo(organisation.organisation.timezone)
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    wanted = thresholds_s(organisation)
    span = Span(midnight.astimezone(UTC), max(now, midnight + timedelta(microseconds=1)))
    found = QueueReports(database).figures(span, thresholds_s=wanted, threshold_s=0)
    return {each.queue: _form(each, has_level=each.queue in wanted) for each in found}


def _form(figures: QueueFigures, *, has_level: bool) -> dict[str, Any]:
    return {
        "offered": figures.offered,
        "answered": figures.answered.count,
        "abandoned": figures.abandoned.count,
        "mean_wait_s": figures.answered.mean_s,
        "longest_wait_s": figures.longest_wait_s,
        "service_level": figures.service_level.share if has_level else None,
    }
