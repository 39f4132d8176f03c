"""Lets the past go when it is as old as the organisation's file says, hour by hour."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from callwright.kernel.clock import Clock
from callwright.kernel.limits.reports import RETENTION_LOOK_S, RETENTION_ROWS_AT_ONCE
from callwright.operations.organisation_file import Organisation
from callwright.storage.database import DatabaseError
from callwright.storage.retention import Retention

log = structlog.get_logger("callwright.retention")
Forget = Callable[..., int]


@dataclass(frozen=True, slots=True)
class RetentionKeeping:
    """A day of a busy organisation goes in some hundred transactions, between which calls write."""

    retention: Retention
    organisation: Callable[[], Organisation | None]
    """As it is configured now; None: nothing happened yet."""
    clock: Clock

    async def run(self) -> None:
        while True:
            try:
                await self.sweep()
            except DatabaseError as error:
                log.error("what is too old cannot be forgotten", because=str(error))
            await asyncio.sleep(RETENTION_LOOK_S)

    async def sweep(self) -> None:
        """Raises DatabaseError."""
        organisation = await asyncio.to_thread(self.organisation)
        if organisation is None:
            return
        settings, now = organisation.organisation.retention, self.clock.utc()
        visits = await _all(self.retention.forget_history, now, settings.history_days)
        talks = await _all(self.retention.forget_recordings, now, settings.call_days)
        calls = await _all(self.retention.forget_calls, now, settings.call_days)
        if visits or talks or calls:
            gone = {"visits": visits, "recordings": talks, "calls": calls}
            log.info("what was too old is forgotten", **gone)


async def _all(forget: Forget, now: datetime, days: int) -> int:
    """Ends: nothing becomes older than it was at ``now``."""
    before, count = now - timedelta(days=days), 0
    while True:
        gone = await asyncio.to_thread(forget, before, limit=RETENTION_ROWS_AT_ONCE)
        count += gone
        if gone < RETENTION_ROWS_AT_ONCE:
            return count
