"""An auto attendant's own section of the file (SPEC 6)."""

from typing import Annotated

from pydantic import AfterValidator, StrictStr, model_validator

from callwright.kernel.limits.attendants import (
    ATTENDANT_HOLIDAY_DATES_MAX,
    ATTENDANT_HOLIDAYS_MAX,
    ATTENDANT_ROUND_WAIT_S,
    ATTENDANT_ROUND_WAIT_S_RANGE,
)
from callwright.operations.organisation_file import forms, values
from callwright.operations.organisation_file.delegation_schema import AuthorisedUsers
from callwright.operations.organisation_file.holiday_dates import check_dates
from callwright.operations.organisation_file.hours import OwnHours
from callwright.operations.organisation_file.refusal import refused
from callwright.operations.organisation_file.section import Section, example


class MenuSettings(Section):
    prompt: forms.PromptForm | None = None
    keys: dict[values.MenuKey, forms.MenuOption] = {}
    directory: values.Directory | None = None
    force_listen: bool = False
    round_wait_s: Annotated[int | float, values.seconds(*ATTENDANT_ROUND_WAIT_S_RANGE)] = (
        ATTENDANT_ROUND_WAIT_S
    )

    @model_validator(mode="after")
    def _check_choice(self) -> "MenuSettings":
        if not self.keys and self.directory is None:
            raise refused("offers nothing; write keys:, or directory: by-name or by-extension")
        return self


class FlowSettings(Section):
    greeting: forms.PromptForm | None = None
    menu: MenuSettings | None = None
    then: forms.FlowEnd | None = None

    @model_validator(mode="after")
    def _check_end(self) -> "FlowSettings":
        check_end(self)
        return self


class HolidaySettings(Section):
    """Holidays written here, or those of a ``set`` that attendants share."""

    set: values.Reference | None = None
    name: values.Name | None = None
    dates: Annotated[
        list[StrictStr],
        AfterValidator(check_dates()),
        AfterValidator(values.at_most(ATTENDANT_HOLIDAY_DATES_MAX, "dates")),
    ] = []
    greeting: forms.PromptForm | None = None
    menu: MenuSettings | None = None
    then: forms.FlowEnd | None = None

    @model_validator(mode="after")
    def _check_end(self) -> "HolidaySettings":
        if self.set is not None and self.dates:
            raise refused("has a set and dates; write one of them")
        if self.set is None and self.name is None:
            raise refused("needs a name; write name: Christmas, or set: KEY")
        if self.set is None and not self.dates:
            raise refused('needs dates; write dates: ["2026-12-25"], or set: KEY')
        check_end(self)
        return self


def check_end(flow: FlowSettings | HolidaySettings) -> None:
    """Refuses a flow with two ends. One without any hangs up."""
    if flow.menu is not None and flow.then is not None:
        raise refused("has a menu and then; write one of them")


class DialScopeSettings(Section):
    include: list[values.Reference] | None = None
    exclude: list[values.Reference] = []


class AttendantSettings(Section):
    name: values.Name | None = None
    language: values.Language | None = None
    timezone: values.Timezone | None = None
    operator: forms.OperatorTarget | None = None
    hours: OwnHours | None = None
    open: FlowSettings = example("open: {greeting: {say: Welcome.}, then: {user: alice}}")
    closed: FlowSettings = FlowSettings()
    holidays: Annotated[
        list[HolidaySettings],
        AfterValidator(values.at_most(ATTENDANT_HOLIDAYS_MAX, "holidays")),
    ] = []
    speech: bool = False
    dial_scope: DialScopeSettings = DialScopeSettings()
    name_suffix: values.NameSuffixWord = "none"
    authorised: AuthorisedUsers = []
