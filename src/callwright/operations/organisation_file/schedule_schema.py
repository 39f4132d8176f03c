"""Named schedules and holiday sets, which attendants share (SPEC 6.3, ADR 0034)."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, StrictStr, ValidationInfo, model_validator

from callwright.kernel.limits.attendants import ATTENDANT_HOLIDAY_DATES_MAX
from callwright.kernel.limits.schedules import (
    CALENDAR_BYTES_MAX,
    CALENDAR_HOURS_DEFAULT,
    CALENDAR_HOURS_RANGE,
    CALENDAR_URL_CHARS_MAX,
    GRID_MINUTES,
    HOLIDAY_STEP_MINUTES,
    SCHEDULE_STEP_MINUTES,
    SWITCH_CODE_DIGITS_MAX,
    SWITCHERS_MAX,
)
from callwright.operations.organisation_file import forms, values
from callwright.operations.organisation_file.holiday_dates import check_dates
from callwright.operations.organisation_file.hours import WeekForm, read_week
from callwright.operations.organisation_file.refusal import alternatives, quoted, refused
from callwright.operations.organisation_file.section import Section, example
from callwright.operations.schedules.calendars import CalendarError, read_calendar
from callwright.operations.schedules.public_holidays import countries, subdivisions

Grid = Annotated[int, values.chosen(GRID_MINUTES)]


def _check_code(text: str) -> str:
    most = SWITCH_CODE_DIGITS_MAX
    if not text.isascii() or not text.isdigit() or len(text) > most:
        raise refused(f'{quoted(text)} does not fit; write 1 to {most} digits, such as "1"')
    return text


class SwitchSettings(Section):
    """Who may switch the schedule from a phone, and what he dials behind SWITCH_PREFIX."""

    code: Annotated[StrictStr, AfterValidator(_check_code)] = example('code: "1"')
    by: Annotated[
        list[forms.Colleague],
        values.Filled,
        AfterValidator(values.at_most(SWITCHERS_MAX, "entries")),
    ] = example("by: [{user: alice}]")


class ScheduleSettings(Section):
    timezone: values.Timezone | None = None
    hours: WeekForm = example('hours: {mon-fri: ["09:00-17:00"]}')
    grid_minutes: Grid = SCHEDULE_STEP_MINUTES
    switch: SwitchSettings | None = None

    @model_validator(mode="after")
    def _check_grid(self) -> "ScheduleSettings":
        try:
            read_week(self.hours, step_minutes=self.grid_minutes)
        except ValueError as error:
            raise _below("hours", error) from None
        return self


def _below(field: str, error: ValueError) -> ValueError:
    """The same refusal, of a part of the section that was checked."""
    context = getattr(error, "context", None) or {}
    return refused(str(context.get("text", error)), at=[field, *context.get("at", ())])


class CountrySettings(Section):
    code: Annotated[StrictStr, AfterValidator(lambda code: _check_country(code))] = example(
        "code: US"
    )
    subdivision: StrictStr | None = None

    @model_validator(mode="after")
    def _check_subdivision(self) -> "CountrySettings":
        known = subdivisions(self.code)
        if self.subdivision is not None and self.subdivision not in known:
            remedy = alternatives(self.subdivision, known) if known else "leave it out"
            raise refused(
                f"{self.code} has no part {quoted(self.subdivision)} with holidays of its own; "
                f"{remedy}",
                at=["subdivision"],
            )
        return self


def _check_country(code: str) -> str:
    known = countries()
    if code not in known:
        raise refused(
            f"no holidays are known of {quoted(code)}; "
            f"{alternatives(code, known, label='write an ISO 3166 code:')}"
        )
    return code


def _check_url(text: str) -> str:
    try:
        url = urlsplit(text)
        is_whole = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        is_whole = False
    is_short = len(text) <= CALENDAR_URL_CHARS_MAX
    if not is_whole or not is_short or not text.isascii() or not text.isprintable():
        raise refused("is no URL; write one such as https://calendar.contoso.test/holidays.ics")
    return text


def _check_file(text: str, info: ValidationInfo) -> str:
    """Returns the absolute path, so that whoever runs the system finds the file."""
    if not text or not values.is_printable(text):
        raise refused("names no file; write the path of an iCalendar file")
    base = (info.context or {}).get(forms.BASE)
    if base is None:
        return text
    path = Path(base, text).absolute()
    try:
        with path.open("rb") as file:
            content = file.read(CALENDAR_BYTES_MAX + 1)
        read_calendar(content)
    except OSError:
        raise refused(f"{path} cannot be read; put the file there or correct the path") from None
    except CalendarError as error:
        raise refused(f"{path}: {error}") from None
    return str(path)


class CalendarSettings(Section):
    file: Annotated[StrictStr, AfterValidator(_check_file)] | None = None
    url: Annotated[StrictStr, AfterValidator(_check_url)] | None = None
    every_h: Annotated[int, values.whole(*CALENDAR_HOURS_RANGE)] = CALENDAR_HOURS_DEFAULT

    @model_validator(mode="after")
    def _check_source(self) -> "CalendarSettings":
        if (self.file is None) == (self.url is None):
            raise refused("needs file: or url:, one of them")
        return self

    @property
    def source(self) -> str:
        return self.file or self.url or ""


class HolidaySetSettings(Section):
    name: values.Name | None = None
    dates: Annotated[
        list[StrictStr],
        AfterValidator(values.at_most(ATTENDANT_HOLIDAY_DATES_MAX, "dates")),
    ] = []
    country: CountrySettings | None = None
    calendar: CalendarSettings | None = None
    grid_minutes: Grid = HOLIDAY_STEP_MINUTES

    @model_validator(mode="after")
    def _check_content(self) -> "HolidaySetSettings":
        if not self.dates and self.country is None and self.calendar is None:
            raise refused("has no holidays; write dates:, country: or calendar:")
        try:
            check_dates(self.grid_minutes)(self.dates)
        except ValueError as error:
            raise _below("dates", error) from None
        return self
