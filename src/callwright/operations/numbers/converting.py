"""Makes numbers of a calling plan numbers of another kind, from people's to services' and back
(SPEC 3.1)."""

from collections.abc import Collection

from pydantic import JsonValue

from callwright.domains.numbers.model import NumberKind, NumberSource
from callwright.domains.numbers.orders import QuotaExceeded, check_quota
from callwright.domains.numbers.spans import joined
from callwright.domains.numbers.states import Standing
from callwright.kernel.e164 import E164
from callwright.operations.administration import Applied
from callwright.operations.numbers.desk import Act, NumberDesk
from callwright.operations.numbers.entries import NUMBER_RANGE, taken_out, written
from callwright.operations.numbers.marking import standings
from callwright.operations.numbers.order_records import quota_rests_on
from callwright.operations.numbers.ordering import seats_of
from callwright.operations.numbers.view import Draft, NumberProblem, View, all_or_nothing, refusal
from callwright.operations.organisation_file.entities import EntityKey

_CONVERTIBLE = (NumberKind.USER, NumberKind.SERVICE)
"""A toll-free number is one by its digits."""


def convert(desk: NumberDesk, numbers: Collection[str], to: NumberKind, act: Act) -> Applied:
    """All or none, within the quota of the new kind; raises NumbersRefused.

    For own numbers there is nothing to convert: an entry says what they are for.
    """

    def draft(view: View) -> Draft[None]:
        problems: list[NumberProblem] = []
        found = [s for s in standings(view, numbers, problems) if s.entry.kind is not to]
        problems += [problem for standing in found for problem in _objections(standing, to)]
        all_or_nothing(problems)
        _require_quota(view, found, to)
        by_entry: dict[str, list[E164]] = {}
        for standing in found:
            by_entry.setdefault(standing.entry.key, []).append(standing.number)
        upserts, removals = taken_out(view, [standing.number for standing in found])
        for key, leaving in by_entry.items():
            upserts |= _entries(view, key, leaving, to)
        return Draft(None, upserts, removals, quota_rests_on(view))

    return desk.write(draft, act)[1]


def _entries(
    view: View, key: str, numbers: list[E164], to: NumberKind
) -> dict[EntityKey, JsonValue]:
    about = {**(view.settings(NUMBER_RANGE, key) or {}), "kind": to.value}
    return dict(written(span, about) for span in joined(numbers))


def _require_quota(view: View, found: Collection[Standing], to: NumberKind) -> None:
    """Ported numbers do not count as another kind either."""
    counted = sum(not standing.entry.is_ported for standing in found)
    held = view.inventory.count(to, NumberSource.CALLING_PLAN)
    try:
        check_quota(to, held, counted, seats_of(view.organisation))
    except QuotaExceeded as error:
        raise refusal(("numbers",), "number-quota", str(error)) from None


def _objections(standing: Standing, to: NumberKind) -> list[NumberProblem]:
    number, entry = standing.number, standing.entry
    problems = []
    if standing.holdings:
        text = f"{number} belongs to {standing.holdings[0]}; remove it there first"
        problems.append(NumberProblem((), text, "number-held"))
    if entry.source is not NumberSource.CALLING_PLAN:
        text = f"{number} is of {entry.source.value}; change kind or capabilities of its entry"
        problems.append(NumberProblem((), text, "number-not-convertible"))
    elif to not in _CONVERTIBLE or entry.kind not in _CONVERTIBLE:
        text = f"{number} is a {entry.kind.value} number and cannot become {to.value}; order one"
        problems.append(NumberProblem((), text, "number-not-convertible"))
    return problems
