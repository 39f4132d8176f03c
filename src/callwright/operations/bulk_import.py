"""Takes in many entities step by step: what is wrong is left out and told, the rest comes in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from callwright.kernel.limits.api import IMPORT_ROUNDS_MAX
from callwright.operations.actor import Actor
from callwright.operations.administration import Administration
from callwright.operations.configuration import Edit, EditRefused, Problem
from callwright.operations.licences.losing import LostNumber
from callwright.operations.organisation_file.entities import SECTIONS, SINGLETONS, EntityKey

Step = Sequence[tuple[EntityKey, JsonValue]]
"""Entities to write, None: to take away."""
_PATHS = {section.kind: section.path for section in SECTIONS}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An entity that was not taken, and why."""

    address: EntityKey
    text: str


@dataclass(frozen=True, slots=True)
class Intake:
    """What came of a step."""

    left_out: tuple[LeftOut, ...]
    lost: tuple[LostNumber, ...] = ()
    """Numbers that went with a licence that what was taken takes away."""


def take_in(administration: Administration, step: Step, *, by: Actor, why: str | None) -> Intake:
    """Writes as much of a step as fits, in one edit. Raises RevisionConflict, DatabaseError.

    Whatever a finding is about is left out and the rest is tried again, since what remains may
    refer to it; after IMPORT_ROUNDS_MAX rounds the whole rest is left out.
    """
    wanted = dict(step)
    left_out: list[LeftOut] = []
    for _ in range(IMPORT_ROUNDS_MAX):
        if not wanted:
            break
        try:
            applied = administration.change(Edit.towards(wanted), by=by, why=why)
        except EditRefused as error:
            refused = _refused(wanted, error.problems)
            if not refused:
                text = str(error.problems[0])
                return Intake((*left_out, *(LeftOut(address, text) for address in wanted)))
            left_out += (LeftOut(address, text) for address, text in refused.items())
            wanted = {a: value for a, value in wanted.items() if a not in refused}
        else:
            return Intake(tuple(left_out), applied.lost)
    text = "depends on others that were left out; send it again"
    return Intake((*left_out, *(LeftOut(address, text) for address in wanted)))


def _refused(
    wanted: Mapping[EntityKey, JsonValue], problems: Sequence[Problem]
) -> dict[EntityKey, str]:
    """What of the step the findings are about, each with the first of them."""
    places = {_place(address): address for address in wanted}
    found: dict[EntityKey, str] = {}
    for problem in problems:
        for length in range(len(problem.path), 0, -1):
            address = places.get(problem.path[:length])
            if address is not None:
                found.setdefault(address, str(problem))
                break
    return found


def _place(address: EntityKey) -> tuple[str | int, ...]:
    kind, key = address
    return (kind,) if kind in SINGLETONS else (*_PATHS.get(kind, (kind,)), key)
