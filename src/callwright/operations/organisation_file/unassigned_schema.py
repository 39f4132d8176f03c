"""The shape of what callers get at numbers that nobody has (SPEC 3.10)."""

from typing import Annotated

from pydantic import model_validator

from callwright.operations.organisation_file import forms, values
from callwright.operations.organisation_file.refusal import refused
from callwright.operations.organisation_file.section import Section, example

PRIORITY_MAX = 100_000


class TreatmentSettings(Section):
    pattern: values.PatternText | None = None
    range: values.RangeText | None = None
    priority: Annotated[int, values.whole(1, PRIORITY_MAX)] = example("priority: 10")
    to: forms.TreatmentTarget | None = None
    announcement: forms.PromptForm | None = None

    @model_validator(mode="after")
    def _check_either(self) -> "TreatmentSettings":
        if (self.pattern is None) == (self.range is None):
            raise refused(
                "needs either a pattern or a range; write pattern: '^\\+1425555\\d{4}$' or "
                'range: "+14255550100..+14255550199"'
            )
        if (self.to is None) == (self.announcement is None):
            raise refused(
                "needs either to or an announcement; write to: {auto_attendant: reception} or "
                "announcement: {say: This number is not in use.}"
            )
        return self
