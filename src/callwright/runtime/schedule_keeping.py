"""Keeps calendars of holidays fresh, and takes away what was set for a while when it is over.

What was fetched is durable: a calendar that fails keeps its last good copy over restarts, and is
told. One that was never fetched has no holidays, which is told, too (ADR 0034).
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from callwright.kernel.clock import Clock
from callwright.kernel.limits.numbers import REMARK_CHARS_MAX
from callwright.kernel.limits.schedules import (
    CALENDAR_FILE_S,
    CALENDAR_LOOK_S,
    CALENDAR_RETRY_S_FIRST,
    CALENDAR_RETRY_S_MAX,
)
from callwright.operations.actor import SYSTEM
from callwright.operations.administration import Administration, EditConflict
from callwright.operations.configuration import Configuration, Edit
from callwright.operations.organisation_file.entities import EntityKey
from callwright.operations.organisation_file.schedule_record_schema import (
    HOLIDAY_CALENDAR,
    SCHEDULE_OVERRIDE,
)
from callwright.operations.organisation_file.schedule_schema import CalendarSettings
from callwright.operations.schedules.calendars import CalendarError, read_calendar
from callwright.operations.schedules.kept import (
    Calendar,
    calendar_entity,
    calendar_of,
    override_of,
    source_digest,
    subjects,
)
from callwright.runtime.calendar_fetching import CalendarFetcher, NotFetched

log = structlog.get_logger("callwright.schedules")


@dataclass(slots=True)
class ScheduleKeeping:
    """Of one organisation; ``run`` until it is cancelled."""

    administration: Administration
    fetcher: CalendarFetcher
    clock: Clock
    _due_at_s: dict[tuple[str, str, str], float] = field(default_factory=dict)
    """By holiday set, source and zone, on the monotonic clock."""
    _failures: dict[tuple[str, str, str], int] = field(default_factory=dict)
    _trouble: str | None = None

    async def run(self) -> None:
        """Trouble of any kind is logged when it is new; it must not end the keeping."""
        while True:
            try:
                await self.look()
                self._trouble = None
            except Exception as error:
                trouble = f"{type(error).__name__}: {error}"
                if trouble != self._trouble:
                    log.error("schedules cannot be kept", because=trouble)
                self._trouble = trouble
            await asyncio.sleep(CALENDAR_LOOK_S)

    async def look(self) -> None:
        """Fetches what is due, and takes away what is over. Raises DatabaseError."""
        current = await asyncio.to_thread(self.administration.current)
        organisation = current.organisation
        if organisation is None:
            return
        over = list(_over(current, self.clock.utc()))
        if over:
            await self._take_away(current, over)
        zone = ZoneInfo(organisation.organisation.timezone)
        for key, settings in organisation.holiday_sets.items():
            if settings.calendar is not None:
                stored = calendar_of(current.entities, key)
                await self._keep(key, settings.calendar, stored, zone)

    async def _keep(
        self, key: str, settings: CalendarSettings, stored: Calendar | None, zone: ZoneInfo
    ) -> None:
        source = source_digest(settings.source)
        if stored is not None and stored.source != source:
            stored = None
        name, now_s = (key, source, zone.key), self.clock.monotonic()
        if stored is None or name not in self._due_at_s:
            self._due_at_s[name] = now_s + self._left_s(stored, settings, zone)
        if now_s < self._due_at_s[name]:
            return
        fetched = await self._fetched(settings, stored or Calendar(source), zone)
        is_good = fetched.failing_since is None
        failures = 0 if is_good else self._failures.get(name, 0) + 1
        self._failures[name] = failures
        self._due_at_s[name] = now_s + (
            _every_s(settings) if is_good else _retry_s(failures, _every_s(settings))
        )
        if stored is None or _is_news(stored, fetched):
            _tell(key, fetched)
            address, record = calendar_entity(key, fetched)
            await self._write(Edit({address: record}), "its calendar was looked at")

    def _left_s(self, stored: Calendar | None, settings: CalendarSettings, zone: ZoneInfo) -> float:
        """Until a calendar is due that was fetched before a restart."""
        if stored is None or stored.fetched_at is None or stored.failing_since is not None:
            return 0.0
        if stored.zone != zone.key:  # its times are those of other clocks
            return 0.0
        age_s = (self.clock.utc() - stored.fetched_at).total_seconds()
        return max(0.0, _every_s(settings) - age_s)

    async def _fetched(
        self, settings: CalendarSettings, before: Calendar, zone: ZoneInfo
    ) -> Calendar:
        """The calendar after one try; the former holidays where it failed."""
        now = self.clock.utc()
        try:
            if settings.url is not None:
                content = await self.fetcher.fetch(settings.url)
            else:
                content = await self.fetcher.read(settings.source)
            holidays = await asyncio.to_thread(read_calendar, content, zone)
        except (NotFetched, CalendarError) as error:
            failure = str(error)[:REMARK_CHARS_MAX]
        except Exception as error:  # nobody foresaw it; other calendars are none the worse
            failure = f"it cannot be read ({type(error).__name__})"
        else:
            return Calendar(before.source, holidays, fetched_at=now, zone=zone.key)
        return replace(before, failing_since=before.failing_since or now, failure=failure)

    async def _take_away(self, current: Configuration, over: Sequence[EntityKey]) -> None:
        """What somebody sets anew meanwhile stays; the next look takes away the others."""
        expected = {address: current.etag(*address) for address in over}
        because = "it is over, or of nothing that is there"
        try:
            await self._write(Edit(removals=over), because, expected)
        except EditConflict:
            log.info("something was set anew meanwhile")

    async def _write(
        self, edit: Edit, why: str, expected: Mapping[EntityKey, str | None] | None = None
    ) -> None:
        change = self.administration.change
        await asyncio.to_thread(change, edit, by=SYSTEM, why=why, expected=expected)


def _every_s(settings: CalendarSettings) -> float:
    """A file is looked at often: that costs nothing, and whoever changed it waits for it."""
    return CALENDAR_FILE_S if settings.file is not None else settings.every_h * 3_600.0


def _retry_s(failures: int, every_s: float) -> float:
    longer_s: float = CALENDAR_RETRY_S_FIRST * 2 ** min(failures - 1, 10)
    return min(longer_s, CALENDAR_RETRY_S_MAX, every_s)


def _is_news(stored: Calendar, fetched: Calendar) -> bool:
    """Whether it is worth a revision, which holds all of its holidays: others, or another state."""
    was, is_now = ((each.holidays, each.failure, each.zone) for each in (stored, fetched))
    return was != is_now


def _tell(key: str, calendar: Calendar) -> None:
    """To whoever watches the log; the preview of each attendant that keeps it says the same."""
    count = len(calendar.holidays)
    if calendar.failing_since is None:
        log.info("a holiday calendar was fetched", holiday_set=key, holidays=count)
    elif calendar.fetched_at is None:
        log.error(
            "a holiday calendar was never fetched, so it has no holidays",
            holiday_set=key,
            because=calendar.failure,
            remedy="correct its url or file, or write its dates",
        )
    else:
        log.error(
            "a holiday calendar fails; its last good copy counts",
            holiday_set=key,
            because=calendar.failure,
            fetched_at=calendar.fetched_at.isoformat(),
            holidays=count,
        )


def _over(current: Configuration, now: datetime) -> Iterator[EntityKey]:
    """Records that mean nothing any more: made again, an attendant must not find itself closed
    by what somebody said of the former one."""
    organisation = current.organisation
    assert organisation is not None, "the caller looked"
    known = set(subjects(organisation))
    for kind, key in current.entities:
        if kind == SCHEDULE_OVERRIDE:
            override = override_of(current.entities, key)
            is_past = override is not None and override.until is not None and override.until <= now
            if key not in known or is_past:
                yield kind, key
        elif kind == HOLIDAY_CALENDAR:
            settings = organisation.holiday_sets.get(key)
            if settings is None or settings.calendar is None:
                yield kind, key
