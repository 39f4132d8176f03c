"""The shape of what is kept of schedules beside the file: what people set, and calendars as last
fetched.

Records of the running system: a change of one is a revision, so running nodes follow it, the
history shows it, and a restart does not lose it (ADR 0034).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, StrictStr

from callwright.domains.schedules.model import Standing
from callwright.kernel.limits.schedules import CALENDAR_SPANS_MAX
from callwright.operations.organisation_file import values
from callwright.operations.organisation_file.record_schema import Instant, Remark
from callwright.operations.organisation_file.refusal import quoted, refused
from callwright.operations.organisation_file.section import Section, example

SCHEDULE_OVERRIDE = "schedule-override"
HOLIDAY_CALENDAR = "holiday-calendar"


def _check_wall(text: str) -> str:
    try:
        is_naive = datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        is_naive = False
    if not is_naive:
        raise refused(f"{quoted(text)} is no wall time; write one such as 2026-12-25T00:00:00")
    return text


Wall = Annotated[StrictStr, AfterValidator(_check_wall)]
"""ISO 8601 without an offset."""


class ScheduleOverrideRecord(Section):
    """Keyed by ``schedule/KEY`` or ``auto-attendant/KEY``."""

    standing: Annotated[
        StrictStr, values.one_of("no standing is called", [s.value for s in Standing])
    ] = example("standing: closed")
    holiday: values.Name | None = None
    until: Instant | None = None
    since: Instant
    by: Remark
    """Whoever set it, as shown: an e-mail address may be longer than a name."""


class HolidayRecord(Section):
    name: values.Name
    begin: Wall
    end: Wall


class HolidayCalendarRecord(Section):
    """Keyed by the holiday set; the last good copy of its calendar, and how fetching it went."""

    source: StrictStr
    """A digest of the place that it was fetched from: of another one nothing is believed."""
    zone: StrictStr | None = None
    """Of whose clocks its times are; None: nobody noted it."""
    fetched_at: Instant | None = None
    failing_since: Instant | None = None
    failure: Remark | None = None
    holidays: Annotated[
        list[HolidayRecord],
        AfterValidator(values.at_most(CALENDAR_SPANS_MAX, "holidays")),
    ] = []


SCHEDULE_RECORDS: Mapping[str, type[BaseModel]] = {
    SCHEDULE_OVERRIDE: ScheduleOverrideRecord,
    HOLIDAY_CALENDAR: HolidayCalendarRecord,
}
