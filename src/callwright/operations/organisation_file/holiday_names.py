"""What the holidays of an attendant are called."""

from collections.abc import Mapping

from callwright.operations.organisation_file.attendant_schema import HolidaySettings
from callwright.operations.organisation_file.schedule_schema import HolidaySetSettings


def holiday_name(holiday: HolidaySettings, sets: Mapping[str, HolidaySetSettings]) -> str:
    """The name that the attendant gives it, else that of its set, which may be the set's key."""
    if holiday.name is not None or holiday.set is None:
        return holiday.name or ""
    shared = sets.get(holiday.set)
    return holiday.set if shared is None or shared.name is None else shared.name
