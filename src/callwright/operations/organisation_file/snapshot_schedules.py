"""The snapshot's schedules, holiday sets and switches."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from callwright.domains.schedules.model import (
    ALWAYS_OPEN,
    HolidaySet,
    HolidaySpan,
    Override,
    Schedule,
    ScheduleSwitch,
)
from callwright.kernel.ids import UserId
from callwright.kernel.limits.schedules import SWITCH_PREFIX
from callwright.operations.organisation_file.attendant_schema import (
    AttendantSettings,
    HolidaySettings,
)
from callwright.operations.organisation_file.holiday_dates import read_span
from callwright.operations.organisation_file.holiday_names import holiday_name
from callwright.operations.organisation_file.hours import read_week
from callwright.operations.organisation_file.membership import users_by_group
from callwright.operations.organisation_file.schedule_schema import (
    HolidaySetSettings,
    ScheduleSettings,
)
from callwright.operations.organisation_file.schema import Organisation
from callwright.operations.schedules.kept import (
    ATTENDANT,
    NOTHING_KEPT,
    SCHEDULE,
    Calendar,
    KeptSchedules,
    source_digest,
    subject_of,
)
from callwright.operations.schedules.public_holidays import public_holidays


@dataclass(frozen=True)
class ScheduleBook:
    """Everything that an organisation says of time, ready for its attendants."""

    organisation: Organisation
    kept: KeptSchedules = NOTHING_KEPT

    @cached_property
    def sets(self) -> Mapping[str, HolidaySet]:
        """Made when somebody asks: switches do not."""
        language = self.organisation.organisation.language
        return {
            key: _holiday_set(key, settings, language, self.kept.calendars.get(key))
            for key, settings in self.organisation.holiday_sets.items()
        }

    def hours_of(self, key: str, attendant: AttendantSettings) -> Schedule:
        """An override of the attendant itself counts before one of the schedule it shares.

        One place decides the zone: the schedule's, else the attendant's, else the organisation's.
        """
        own = self._overrides(subject_of(ATTENDANT, key))
        zone = attendant.timezone or self.organisation.organisation.timezone
        if isinstance(attendant.hours, str):
            shared = self.schedule(attendant.hours)
            named = self.organisation.schedules[attendant.hours]
            in_zone = ZoneInfo(named.timezone or zone)
            return Schedule(shared.week, in_zone, shared.name, (*own, *shared.overrides))
        week = ALWAYS_OPEN if attendant.hours is None else read_week(attendant.hours)
        return Schedule(week, ZoneInfo(zone), None, own)

    def schedule(self, key: str) -> Schedule:
        """A named schedule by itself. Raises KeyError."""
        settings = self.organisation.schedules[key]
        zone = ZoneInfo(settings.timezone or self.organisation.organisation.timezone)
        week = read_week(settings.hours, step_minutes=settings.grid_minutes)
        return Schedule(week, zone, key, self._overrides(subject_of(SCHEDULE, key)))

    def holiday_set_of(self, holiday: HolidaySettings) -> HolidaySet:
        """A shared set is called as the attendant calls it."""
        name = holiday_name(holiday, self.organisation.holiday_sets)
        if holiday.set is not None:
            shared = self.sets[holiday.set]
            return HolidaySet(name, shared.spans, shared.caveat)
        return HolidaySet.of(name, _written(holiday.dates, name))

    def switches(self) -> Mapping[str, ScheduleSwitch]:
        """By what is dialled."""
        named = [(key, s) for key, s in self.organisation.schedules.items() if s.switch]
        members = users_by_group(self.organisation.groups) if named else {}
        return {
            SWITCH_PREFIX + settings.switch.code: ScheduleSwitch(
                self.schedule(key), _switchers(settings, members)
            )
            for key, settings in named
            if settings.switch is not None
        }

    def _overrides(self, subject: str) -> tuple[Override, ...]:
        override = self.kept.overrides.get(subject)
        return () if override is None else (override,)


def _switchers(
    settings: ScheduleSettings, members: Mapping[str, Iterable[str]]
) -> frozenset[UserId]:
    assert settings.switch is not None, "only schedules with a switch are asked"
    found: set[str] = set()
    for form in settings.switch.by:
        assert isinstance(form, dict), "the schema takes nothing else"
        if "user" in form:
            found.add(str(form["user"]))
        else:
            found.update(members[str(form["group"])])
    return frozenset(map(UserId, found))


def _holiday_set(
    key: str, settings: HolidaySetSettings, language: str, calendar: Calendar | None
) -> HolidaySet:
    name = settings.name or key
    spans = list(_written(settings.dates, name, step_minutes=settings.grid_minutes))
    if settings.country is not None:
        country = settings.country
        spans += public_holidays(country.code, country.subdivision, language)
    caveat = ""
    if settings.calendar is not None:
        current = calendar
        if current is not None and current.source != source_digest(settings.calendar.source):
            current = None
        spans += () if current is None else current.holidays
        caveat = calendar_caveat(current)
    return HolidaySet.of(name, spans, caveat=caveat)


def calendar_caveat(calendar: Calendar | None) -> str:
    """What people should know of a calendar; nothing where it is as it should be."""
    if calendar is None or calendar.fetched_at is None:
        why = f": {calendar.failure}" if calendar is not None and calendar.failure else ""
        return f"its calendar was never fetched, so it has no holidays{why}"
    if calendar.failing_since is not None:
        since = f"{calendar.failing_since:%Y-%m-%d %H:%M} UTC"
        copy = f"{calendar.fetched_at:%Y-%m-%d %H:%M} UTC"
        why = calendar.failure or "it cannot be fetched"
        return f"its calendar fails since {since} ({why}); the copy of {copy} counts"
    return ""


def _written(
    dates: Iterable[JsonValue], name: str, *, step_minutes: int = 1
) -> Iterable[HolidaySpan]:
    return (read_span(str(text), name, step_minutes=step_minutes) for text in dates)
