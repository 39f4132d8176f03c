"""Setting a schedule or an attendant open, closed or to a holiday, for a while (ADR 0034)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from callwright.domains.schedules.model import Standing
from callwright.kernel.instants import in_reach
from callwright.operations.actor import Actor
from callwright.operations.administration import Administration, Applied, Companion
from callwright.operations.configuration import Edit, EditRefused, Problem
from callwright.operations.organisation_file.holiday_names import holiday_name
from callwright.operations.organisation_file.refusal import alternatives, quoted
from callwright.operations.organisation_file.schedule_record_schema import SCHEDULE_OVERRIDE
from callwright.operations.organisation_file.schema import Organisation
from callwright.operations.schedules.kept import SCHEDULE, subject_of, subjects


class SubjectUnknown(Exception):
    """There is no such schedule or attendant."""


@dataclass(frozen=True, slots=True)
class WantedOverride:
    standing: Standing
    until: datetime | None = None
    """An instant; None: until it is lifted."""
    holiday: str | None = None
    """With HOLIDAY, the name that the attendant gives it."""


@dataclass(frozen=True, slots=True)
class OverrideAct:
    """Who does it, why, and when; ``dry_run`` changes nothing."""

    by: Actor
    now: datetime
    why: str | None = None
    dry_run: bool = False
    beside: Sequence[Companion] = ()
    """Written in the same transaction."""


def set_override(
    administration: Administration, kind: str, key: str, wanted: WantedOverride, act: OverrideAct
) -> Applied:
    """Holds at once and after a restart. Raises SubjectUnknown, EditRefused."""
    organisation = _known(administration, kind, key)
    problems = _problems(organisation, kind, key, wanted, act.now)
    if problems:
        raise EditRefused(problems)
    record: dict[str, JsonValue] = {
        "standing": wanted.standing.value,
        "since": act.now.isoformat(),
        "by": act.by.name,
    }
    if wanted.until is not None:
        record["until"] = wanted.until.isoformat()
    if wanted.holiday is not None:
        record["holiday"] = wanted.holiday
    edit = Edit({(SCHEDULE_OVERRIDE, subject_of(kind, key)): record})
    return administration.change(
        edit, by=act.by, why=act.why, dry_run=act.dry_run, beside=act.beside
    )


def lift_override(administration: Administration, kind: str, key: str, act: OverrideAct) -> Applied:
    """Its hours and holidays count again; nothing where none was set. Raises SubjectUnknown."""
    _known(administration, kind, key)
    edit = Edit(removals=[(SCHEDULE_OVERRIDE, subject_of(kind, key))])
    return administration.change(
        edit, by=act.by, why=act.why, dry_run=act.dry_run, beside=act.beside
    )


def _known(administration: Administration, kind: str, key: str) -> Organisation:
    organisation = administration.current().organisation
    if organisation is None or subject_of(kind, key) not in set(subjects(organisation)):
        raise SubjectUnknown(key)
    return organisation


def _problems(
    organisation: Organisation, kind: str, key: str, wanted: WantedOverride, now: datetime
) -> Sequence[Problem]:
    problems = []
    if wanted.until is not None and wanted.until <= now:
        text = f"{wanted.until.isoformat()} is over; write a later time, or leave it out"
        problems.append(Problem(("until",), text))
    elif wanted.until is not None and not _is_in_reach(wanted.until):
        text = f"{wanted.until.isoformat()} is too far; leave it out: until it is lifted"
        problems.append(Problem(("until",), text))
    if wanted.standing is not Standing.HOLIDAY:
        if wanted.holiday is not None:
            problems.append(Problem(("holiday",), "goes with standing holiday; leave it out"))
        return problems
    if kind == SCHEDULE:
        text = "a schedule has no holidays; set the attendant that keeps it"
        return [*problems, Problem(("standing",), text)]
    holidays = organisation.auto_attendants[key].holidays
    names = [holiday_name(holiday, organisation.holiday_sets) for holiday in holidays]
    if wanted.holiday is None:
        text = f"names no holiday; {alternatives('', names)}"
        problems.append(Problem(("holiday",), text))
    elif wanted.holiday not in names:
        text = f"{key} keeps no holiday {quoted(wanted.holiday)}; "
        problems.append(Problem(("holiday",), text + alternatives(wanted.holiday, names)))
    return problems


def _is_in_reach(at: datetime) -> bool:
    """Whether every zone can say what time it is then."""
    try:
        in_reach(at)
    except ValueError:
        return False
    return True
