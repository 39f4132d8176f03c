"""What is kept of schedules beside the file, as decisions need it (ADR 0034)."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import JsonValue

from callwright.domains.schedules.model import HolidaySpan, Override, Standing
from callwright.operations.organisation_file.entities import Entities, EntityKey
from callwright.operations.organisation_file.schedule_record_schema import (
    HOLIDAY_CALENDAR,
    SCHEDULE_OVERRIDE,
    HolidayCalendarRecord,
    HolidayRecord,
    ScheduleOverrideRecord,
)
from callwright.operations.organisation_file.schema import Organisation

SCHEDULE, ATTENDANT, HOLIDAY_SET = "schedule", "auto-attendant", "holiday-set"


@dataclass(frozen=True, slots=True)
class Calendar:
    """Of one holiday set, as it was fetched last."""

    source: str
    holidays: tuple[HolidaySpan, ...] = ()
    fetched_at: datetime | None = None
    """Noted once, not each time that the same is fetched again; None: never."""
    failing_since: datetime | None = None
    failure: str | None = None
    zone: str | None = None
    """Of whose clocks the times are."""


@dataclass(frozen=True, slots=True)
class KeptSchedules:
    """What the records say, for a snapshot."""

    overrides: Mapping[str, Override] = field(default_factory=dict)
    """By ``schedule/KEY`` or ``auto-attendant/KEY``."""
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    """By holiday set."""


NOTHING_KEPT = KeptSchedules()


def subject_of(kind: str, key: str) -> str:
    return f"{kind}/{key}"


def subject_text(subject: str) -> str:
    """``schedule office``, ``attendant reception``."""
    kind, _, key = subject.partition("/")
    return f"{'attendant' if kind == ATTENDANT else kind} {key}"


def kept_schedules(organisation: Organisation, entities: Entities) -> KeptSchedules:
    """Reads the records of what the organisation has; of anything else they mean nothing."""
    overrides = {
        subject: override
        for subject in subjects(organisation)
        if (override := override_of(entities, subject)) is not None
    }
    calendars = {
        key: calendar
        for key in organisation.holiday_sets
        if (calendar := calendar_of(entities, key)) is not None
    }
    return KeptSchedules(overrides, calendars)


def subjects(organisation: Organisation) -> Iterator[str]:
    """Everything that can be overridden."""
    for key in organisation.schedules:
        yield subject_of(SCHEDULE, key)
    for key in organisation.auto_attendants:
        yield subject_of(ATTENDANT, key)


def records_gone_with(entities: Entities, gone: Iterable[EntityKey]) -> tuple[EntityKey, ...]:
    """What is kept of entities that are taken away, and goes with them: what somebody set of a
    schedule is nothing that another one of its name should find itself set to."""
    records = (_record_of(address) for address in gone)
    return tuple(record for record in records if record is not None and record in entities)


def _record_of(address: EntityKey) -> EntityKey | None:
    kind, key = address
    if kind in (SCHEDULE, ATTENDANT):
        return SCHEDULE_OVERRIDE, subject_of(kind, key)
    return (HOLIDAY_CALENDAR, key) if kind == HOLIDAY_SET else None


def override_of(entities: Entities, subject: str) -> Override | None:
    stored = entities.get((SCHEDULE_OVERRIDE, subject))
    if stored is None:
        return None
    record = ScheduleOverrideRecord.model_validate(stored)
    return Override(
        Standing(record.standing),
        subject_text(subject),
        record.by,
        until=instant(record.until),
        holiday=record.holiday,
    )


def calendar_of(entities: Entities, key: str) -> Calendar | None:
    stored = entities.get((HOLIDAY_CALENDAR, key))
    if stored is None:
        return None
    record = HolidayCalendarRecord.model_validate(stored)
    return Calendar(
        record.source,
        tuple(
            HolidaySpan(
                each.name, datetime.fromisoformat(each.begin), datetime.fromisoformat(each.end)
            )
            for each in record.holidays
        ),
        fetched_at=instant(record.fetched_at),
        failing_since=instant(record.failing_since),
        failure=record.failure,
        zone=record.zone,
    )


def calendar_entity(key: str, calendar: Calendar) -> tuple[EntityKey, JsonValue]:
    """Returns the record of a calendar."""
    record = HolidayCalendarRecord(
        source=calendar.source,
        zone=calendar.zone,
        fetched_at=text_of(calendar.fetched_at),
        failing_since=text_of(calendar.failing_since),
        failure=calendar.failure,
        holidays=[
            HolidayRecord(name=s.name, begin=s.begin.isoformat(), end=s.end.isoformat())
            for s in calendar.holidays
        ],
    )
    return (HOLIDAY_CALENDAR, key), record.model_dump(mode="json", exclude_none=True)


def instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def text_of(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def source_digest(source: str) -> str:
    """Stands for a place that may be a secret: whoever has the URL of a calendar reads it."""
    return hashlib.sha256(source.encode()).hexdigest()[:16]
