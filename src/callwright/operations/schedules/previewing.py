"""How a schedule or an attendant stands, and what changes next (ADR 0034)."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from callwright.domains.schedules.model import Change, HolidaySpan, Override, Situation
from callwright.domains.schedules.rules import holding, next_changes, situation_at
from callwright.operations.configuration import Configuration
from callwright.operations.organisation_file.snapshot_schedules import ScheduleBook
from callwright.operations.schedules.kept import ATTENDANT, calendar_of, kept_schedules
from callwright.operations.schedules.overriding import SubjectUnknown


@dataclass(frozen=True, slots=True)
class Preview:
    zone: ZoneInfo
    at: datetime
    now: Situation
    changes: tuple[Change, ...]
    override: Override | None
    """That holds at ``at``."""
    caveats: tuple[str, ...]
    """What is doubtful, a sentence for each holiday set that it concerns."""


def preview(
    configuration: Configuration, kind: str, key: str, at: datetime, *, count: int
) -> Preview:
    """Returns what callers would find at the instant ``at``, and the next ``count`` changes.

    Raises SubjectUnknown.
    """
    organisation = configuration.organisation
    if organisation is None:
        raise SubjectUnknown(key)
    book = ScheduleBook(organisation, kept_schedules(organisation, configuration.entities))
    if kind == ATTENDANT and key in organisation.auto_attendants:
        attendant = organisation.auto_attendants[key]
        schedule = book.hours_of(key, attendant)
        sets = [book.holiday_set_of(holiday) for holiday in attendant.holidays]
    elif kind != ATTENDANT and key in organisation.schedules:
        schedule, sets = book.schedule(key), []
    else:
        raise SubjectUnknown(key)
    return Preview(
        zone=schedule.zone,
        at=at,
        now=situation_at(schedule, sets, at),
        changes=next_changes(schedule, sets, at, count=count),
        override=holding(schedule, at),
        caveats=tuple(f"{each.name}: {each.caveat}" for each in sets if each.caveat),
    )


@dataclass(frozen=True, slots=True)
class HolidayPreview:
    holidays: tuple[HolidaySpan, ...]
    """From the one that is kept now on; wall time."""
    fetched_at: datetime | None
    """Since when its calendar holds what it holds; None: it has none, or was never fetched."""
    caveat: str


def preview_holidays(
    configuration: Configuration, key: str, at: datetime, *, count: int
) -> HolidayPreview:
    """Returns the next ``count`` holidays of a set, by the organisation's wall clock at ``at``.

    Raises SubjectUnknown.
    """
    organisation = configuration.organisation
    if organisation is None or key not in organisation.holiday_sets:
        raise SubjectUnknown(key)
    kept = kept_schedules(organisation, configuration.entities)
    found = ScheduleBook(organisation, kept).sets[key]
    local = at.astimezone(ZoneInfo(organisation.organisation.timezone)).replace(tzinfo=None)
    ahead = [span for span in found.spans if span.end > local]
    has_calendar = organisation.holiday_sets[key].calendar is not None
    calendar = calendar_of(configuration.entities, key) if has_calendar else None
    fetched_at = None if calendar is None else calendar.fetched_at
    return HolidayPreview(tuple(ahead[:count]), fetched_at, found.caveat)
