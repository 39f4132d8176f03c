"""Gives numbers back to where they came from (SPEC 3.4; row 39)."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from callwright.domains.numbers.states import Standing
from callwright.kernel.limits.numbers import NUMBERS_PER_RELEASE_MAX
from callwright.operations.administration import Applied
from callwright.operations.configuration import Edit
from callwright.operations.numbers.desk import Act, NumberDesk
from callwright.operations.numbers.entries import taken_out
from callwright.operations.numbers.marking import standings
from callwright.operations.numbers.supplier import NumberSupplier
from callwright.operations.numbers.view import Draft, NumberProblem, View, all_or_nothing, refusal
from callwright.operations.organisation_file.entities import EntityKey
from callwright.operations.organisation_file.record_schema import NUMBER_BLOCK, NUMBER_TAGS


def release(
    desk: NumberDesk, numbers: Collection[str], supplier: NumberSupplier, act: Act
) -> Applied:
    """Takes free numbers out of the inventory, all or none, and tells who supplied them.

    Raises NumbersRefused for more than 1,000 and where somebody has one, SupplierRefused.
    """
    if len(numbers) > NUMBERS_PER_RELEASE_MAX:
        most = f"{NUMBERS_PER_RELEASE_MAX:,}"
        text = f"{len(numbers):,} numbers are too many at once; release {most} at a time"
        raise refusal(("numbers",), "release-too-large", text)

    def draft(view: View) -> Draft[None]:
        return _without(view, _free(view, numbers), Edit())

    def given_back(view: View) -> Draft[None]:
        found = _free(view, numbers)
        return _without(view, found, supplier.release(view, found))

    would_be = desk.write(draft, replace(act, dry_run=True))[1]  # before anybody is told
    return would_be if act.dry_run else desk.write(given_back, act)[1]


def _free(view: View, numbers: Collection[str]) -> list[Standing]:
    """Raises NumbersRefused where one is somebody's, or not ours."""
    problems: list[NumberProblem] = []
    found = standings(view, numbers, problems)
    problems += [_held(standing) for standing in found if standing.holdings]
    all_or_nothing(problems)
    return found


def _without(view: View, found: Sequence[Standing], back: Edit) -> Draft[None]:
    leaving = [standing.number for standing in found]
    upserts, removals = taken_out(view, leaving)
    marks: list[EntityKey] = [
        (kind, str(number))
        for number in leaving
        for kind in (NUMBER_BLOCK, NUMBER_TAGS)
        if (kind, str(number)) in view.configuration.entities
    ]
    return Draft(None, {**upserts, **back.upserts}, [*removals, *marks, *back.removals])


def _held(standing: Standing) -> NumberProblem:
    text = f"{standing.number} belongs to {standing.holdings[0]}; remove it there first"
    return NumberProblem((), text, "number-held")
