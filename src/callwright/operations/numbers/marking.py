"""Blocks and tags single numbers (SPEC 3.5; rows 36, 37)."""

from collections.abc import Callable, Collection, Sequence

from pydantic import JsonValue

from callwright.domains.numbers.formats import BadNumber, read_number
from callwright.domains.numbers.states import Standing
from callwright.domains.numbers.tags import BadTag, with_tags, without_tags
from callwright.kernel.e164 import E164
from callwright.operations.administration import Applied
from callwright.operations.numbers.desk import Act, NumberDesk
from callwright.operations.numbers.drawing import Quarantine
from callwright.operations.numbers.view import Draft, NumberProblem, View, all_or_nothing
from callwright.operations.organisation_file.entities import EntityKey
from callwright.operations.organisation_file.record_schema import NUMBER_BLOCK, NUMBER_TAGS


def block(desk: NumberDesk, numbers: Collection[str], how: Quarantine, act: Act) -> Applied:
    """Keeps free numbers from being assigned. Raises NumbersRefused where somebody has one."""

    def mark(standing: Standing, view: View) -> JsonValue:
        if standing.holdings:
            held = standing.holdings[0]
            text = f"{standing.number} belongs to {held}; remove it there, with a block"
            raise _Objection("number-held", text)
        return how.record(view.now)

    return _mark(desk, numbers, NUMBER_BLOCK, mark, act)


def unblock(desk: NumberDesk, numbers: Collection[str], act: Act) -> Applied:
    return _mark(desk, numbers, NUMBER_BLOCK, lambda standing, view: None, act)


def tag(
    desk: NumberDesk,
    numbers: Collection[str],
    act: Act,
    *,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
) -> Applied:
    """Raises NumbersRefused for the 51st tag of a number, and for one that its entry has."""

    def mark(standing: Standing, view: View) -> JsonValue:
        kept = without_tags(standing.own_tags, remove)
        inherited = standing.entry.tags
        if remove and len(without_tags(inherited, remove)) < len(inherited):
            text = f"the tag is one of all of {standing.entry.key}; change that entry"
            raise _Objection("number-tag-of-entry", text)
        try:
            whole = with_tags((*inherited, *kept), add)
        except BadTag as error:
            raise _Objection("number-tag", f"{error}; remove one first") from None
        own = whole[len(inherited) :]
        return {"tags": list(own)} if own else None

    return _mark(desk, numbers, NUMBER_TAGS, mark, act)


class _Objection(Exception):
    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def _mark(
    desk: NumberDesk,
    numbers: Collection[str],
    kind: str,
    mark: Callable[[Standing, View], JsonValue],
    act: Act,
) -> Applied:
    """Writes what ``mark`` returns as each number's record, None: the record goes."""

    def draft(view: View) -> Draft[None]:
        upserts: dict[EntityKey, JsonValue] = {}
        removals: list[EntityKey] = []
        problems: list[NumberProblem] = []
        for standing in standings(view, numbers, problems):
            address = (kind, str(standing.number))
            try:
                record = mark(standing, view)
            except _Objection as objection:
                problems.append(NumberProblem((), str(objection), objection.code))
                continue
            if record is not None:
                upserts[address] = record
            elif address in view.configuration.entities:
                removals.append(address)
        all_or_nothing(problems)
        return Draft(None, upserts, removals)

    return desk.write(draft, act)[1]


def standings(
    view: View, numbers: Collection[str], problems: list[NumberProblem]
) -> list[Standing]:
    """Each number once; what is no number, or none of ours, becomes a problem."""
    found: dict[E164, Standing] = {}
    for text in numbers:
        try:
            number = read_number(text)
        except BadNumber as error:
            problems.append(NumberProblem((), str(error), "number-malformed"))
            continue
        standing = view.inventory.standing(number, view.now)
        if standing is None:
            unknown = f"{number} is in no range; look at `callwright numbers list`"
            problems.append(NumberProblem((), unknown, "number-not-in-inventory"))
        else:
            found[number] = standing
    return list(found.values())
