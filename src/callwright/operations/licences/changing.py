"""Assigns, takes and swaps licences of people, groups and resource accounts in one transaction.

Who loses what a number needs loses the number (SPEC 1.4); a swap that keeps it keeps the number
(row 5).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from callwright.domains.licences.model import Sku
from callwright.operations.administration import Applied
from callwright.operations.numbers.desk import Act, NumberDesk
from callwright.operations.numbers.view import Draft, NumberProblem, View, all_or_nothing
from callwright.operations.organisation_file.entities import EntityKey

HolderOfLicences = Literal["user", "group", "resource-account"]
_SECTIONS = {"user": "users", "group": "groups", "resource-account": "resource_accounts"}


@dataclass(frozen=True, slots=True)
class Swap:
    """The same change of licences for everybody named."""

    holders: Sequence[tuple[HolderOfLicences, str]]
    add: Sequence[Sku] = ()
    remove: Sequence[Sku] = ()


def change_licences(desk: NumberDesk, swap: Swap, act: Act) -> Applied:
    """Returns what changed, with the numbers that were lost with licences.

    Taking what somebody does not hold, or giving what he holds, changes nothing. Raises
    NumbersRefused where a holder does not exist, EditRefused where seats do not suffice.
    """

    def draft(view: View) -> Draft[None]:
        return Draft(None, dict(_wanted(view, swap)))

    return desk.write(draft, act)[1]


def _wanted(view: View, swap: Swap) -> Iterator[tuple[EntityKey, dict[str, JsonValue]]]:
    removed = {sku.value for sku in swap.remove}
    problems = []
    for kind, key in swap.holders:
        settings = view.settings(kind, key)
        if settings is None:
            text = f"there is no {kind} {key!r}; name one that exists"
            problems.append(NumberProblem((_SECTIONS[kind], key), text, "holder-unknown"))
            continue
        held = settings.get("licences", _default(kind))
        kept = [str(s) for s in held if s not in removed] if isinstance(held, list) else []
        added = [sku.value for sku in swap.add]
        yield (kind, key), {**settings, "licences": list(dict.fromkeys([*kept, *added]))}
    all_or_nothing(problems)


def _default(kind: HolderOfLicences) -> list[JsonValue]:
    """What somebody holds of whom the file says nothing."""
    return [Sku.RESOURCE_ACCOUNT.value] if kind == "resource-account" else []
