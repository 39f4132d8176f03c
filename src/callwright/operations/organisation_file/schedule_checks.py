"""How schedules and holiday sets fit to each other and to the attendants that use them."""

from collections.abc import Iterable, Iterator

from callwright.domains.schedules.model import HolidaySpan
from callwright.kernel.limits.schedules import CALENDARS_MAX, SWITCH_PREFIX
from callwright.operations.organisation_file.checks import Finding, Names, twice, unknown, words
from callwright.operations.organisation_file.document import Path
from callwright.operations.organisation_file.holiday_dates import read_span
from callwright.operations.organisation_file.holiday_names import holiday_name
from callwright.operations.organisation_file.schema import Organisation

_ONE_ONLY = "a day is one holiday only, so leave one out"


def check_schedule_names(organisation: Organisation, names: Names) -> Iterator[Finding]:
    """Attendants name schedules and sets that are there, each set once."""
    for key, attendant in organisation.auto_attendants.items():
        path: Path = ("auto_attendants", key)
        hours = attendant.hours
        if isinstance(hours, str) and hours not in names.schedules:
            text = unknown("schedule", hours, names.schedules, "schedules")
            yield Finding((*path, "hours"), text)
        sets: list[tuple[Path, str]] = []
        for index, holiday in enumerate(attendant.holidays):
            if holiday.set is None:
                continue
            place: Path = (*path, "holidays", index, "set")
            sets.append((place, holiday.set))
            if holiday.set not in names.holiday_sets:
                text = unknown("holiday set", holiday.set, names.holiday_sets, "holiday_sets")
                yield Finding(place, text)
        yield from twice(sets, "name each set once")
        yield from twice(_names(organisation, key), "give each holiday a name of its own")


def _names(organisation: Organisation, key: str) -> Iterator[tuple[Path, str]]:
    """Of an attendant's holidays: somebody may name the one that it shall keep today."""
    seen: set[str] = set()
    for index, holiday in enumerate(organisation.auto_attendants[key].holidays):
        if holiday.set in seen:
            continue
        if holiday.set is not None:
            seen.add(holiday.set)
        field = "set" if holiday.name is None else "name"
        path: Path = ("auto_attendants", key, "holidays", index, field)
        yield path, holiday_name(holiday, organisation.holiday_sets)


def check_switches(organisation: Organisation, names: Names) -> Iterator[Finding]:
    """What is dialled to switch a schedule means nothing else."""
    codes: list[tuple[Path, str]] = [
        (("call_queues", key, "call_out_code"), queue.call_out_code)
        for key, queue in organisation.call_queues.items()
        if queue.call_out_code is not None and queue.call_out_code.startswith(SWITCH_PREFIX)
    ]
    voicemail: Path = ("voicemail", "dial")
    codes.append((voicemail, organisation.voicemail.dial))
    codes += [
        (("schedules", key, "switch", "code"), SWITCH_PREFIX + schedule.switch.code)
        for key, schedule in organisation.schedules.items()
        if schedule.switch is not None
    ]
    yield from twice(codes, "give each schedule a code of its own")


def check_calendars(organisation: Organisation, names: Names) -> Iterator[Finding]:
    with_calendar = [key for key, each in organisation.holiday_sets.items() if each.calendar]
    if len(with_calendar) > CALENDARS_MAX:
        text = f"brings the calendars to {len(with_calendar)}; {CALENDARS_MAX} may be"
        yield Finding(("holiday_sets", with_calendar[CALENDARS_MAX], "calendar"), text)


def check_holidays(organisation: Organisation, names: Names) -> Iterator[Finding]:
    """A day that is written is one holiday only (row 173). What countries and calendars add may
    meet it: then the set that is named first counts, for nobody wrote both."""
    for key, holiday_set in organisation.holiday_sets.items():
        base: Path = ("holiday_sets", key, "dates")
        yield from _meetings(_spans(base, holiday_set.dates, holiday_set.grid_minutes))
    for key, attendant in organisation.auto_attendants.items():
        written: list[tuple[Path, str, HolidaySpan]] = []
        seen: set[str] = set()
        for index, holiday in enumerate(attendant.holidays):
            path: Path = ("auto_attendants", key, "holidays", index)
            if holiday.set is None:
                written += _spans((*path, "dates"), holiday.dates, step_minutes=1)
            elif holiday.set in organisation.holiday_sets and holiday.set not in seen:
                seen.add(holiday.set)
                shared = organisation.holiday_sets[holiday.set]
                spans = _spans((), shared.dates, shared.grid_minutes)
                written += [((*path, "set"), text, span) for _, text, span in spans]
        yield from _meetings(written, is_of_one_set=False)


def _spans(
    base: Path, dates: Iterable[str], step_minutes: int
) -> Iterator[tuple[Path, str, HolidaySpan]]:
    for position, text in enumerate(dates):
        yield (*base, position), text, read_span(text, "", step_minutes=step_minutes)


def _meetings(
    written: Iterable[tuple[Path, str, HolidaySpan]], *, is_of_one_set: bool = True
) -> Iterator[Finding]:
    """Yields each entry that shares a moment with one that is written before it.

    What a shared set has twice is found where the set is written.
    """
    entries = list(written)
    order = sorted(range(len(entries)), key=lambda index: entries[index][2].begin)
    widest: int | None = None
    for index in order:
        span = entries[index][2]
        if widest is not None and span.begin < entries[widest][2].end:
            first, second = sorted((widest, index))
            is_same_place = entries[first][0] == entries[second][0]
            if is_of_one_set or not is_same_place:
                yield _meeting(entries[first], entries[second])
        if widest is None or span.end > entries[widest][2].end:
            widest = index


def _meeting(
    first: tuple[Path, str, HolidaySpan], second: tuple[Path, str, HolidaySpan]
) -> Finding:
    verb = "is also" if first[1] == second[1] else f"overlaps {first[1]} of"
    return Finding(second[0], f"{second[1]} {verb} {words(first[0])}; {_ONE_ONLY}")
