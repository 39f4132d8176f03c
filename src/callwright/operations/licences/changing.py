"""Assigns, takes and swaps licences of people, groups and resource accounts in one transaction.

Who loses what a number needs loses the number (SPEC 1.4); a swap that keeps it keeps the number
(row 5).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from callwright.domains.licences.model import GRANTS, Right, Sku
from callwright.domains.numbers.licence_loss import Entitlement, Loss, loss_of
from callwright.domains.numbers.states import HolderKind, Holding
from callwright.kernel.e164 import LineNumber
from callwright.operations.administration import Applied
from callwright.operations.configuration import Edit
from callwright.operations.licence_report import held_by_groups
from callwright.operations.numbers.desk import (
    Act,
    Draft,
    NumberDesk,
    NumberProblem,
    View,
    all_or_nothing,
)
from callwright.operations.numbers.drawing import Drawing
from callwright.operations.numbers.holders import giving_groups
from callwright.operations.numbers.reading import lines_of_user
from callwright.operations.organisation_file.entities import EntityKey
from callwright.operations.organisation_file.membership import users_by_group
from callwright.operations.organisation_file.schema import Organisation

HolderOfLicences = Literal["user", "group", "resource-account"]
_SECTIONS = {"user": "users", "group": "groups", "resource-account": "resource_accounts"}
_PLANS = frozenset({Right.DOMESTIC_PLAN, Right.INTERNATIONAL_PLAN, Right.PAY_AS_YOU_GO})


@dataclass(frozen=True, slots=True)
class Swap:
    """The same change of licences for everybody named."""

    holders: Sequence[tuple[HolderOfLicences, str]]
    add: Sequence[Sku] = ()
    remove: Sequence[Sku] = ()


@dataclass(frozen=True, slots=True)
class LostNumber:
    """What a change of licences did to somebody's number."""

    user: str
    number: LineNumber
    loss: Loss


def change_licences(
    desk: NumberDesk, swap: Swap, act: Act
) -> tuple[Applied, tuple[LostNumber, ...]]:
    """Returns what changed, and the numbers that were lost with licences.

    Taking what somebody does not hold, or giving what he holds, changes nothing. Raises
    NumbersRefused where a holder does not exist, EditRefused where seats do not suffice.
    """

    def draft(view: View) -> Draft[tuple[LostNumber, ...]]:
        drawing = Drawing(view)
        wanted: dict[EntityKey, JsonValue] = {}
        for address, settings in _wanted(view, swap):
            drawing.put(address, settings)
            wanted[address] = settings
        after = view.configuration.merged(Edit(wanted)).organisation
        assert after is not None, "there was one before"
        affected = _affected(view.organisation, swap)
        lost = tuple(_losses(view, after, affected))
        for holding, loss in lost:
            if loss is Loss.DELETED:
                drawing.delete(holding)
            else:
                drawing.unassign(holding)
        told = tuple(LostNumber(h.holder, h.number, loss) for h, loss in lost)
        drawn = drawing.draft()
        relies_on = {*drawn.relies_on, *giving_groups(view.organisation)}
        relies_on.update(("user", user) for user in affected)
        return Draft(told, drawn.upserts, drawn.removals, relies_on)

    told, applied = desk.write(draft, act)
    return applied, told


def _entitlements(organisation: Organisation, users: Sequence[str]) -> Iterator[Entitlement]:
    """Yields what of each user's licences, direct and by group, numbers need."""
    by_group = held_by_groups(organisation)
    for user in users:
        skus = {*organisation.users[user].licences, *(held.sku for held in by_group.get(user, ()))}
        rights = {right for sku in skus for right in GRANTS[Sku(sku)]}
        yield Entitlement(Right.PHONE_SYSTEM in rights, bool(rights & _PLANS))


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


def _affected(organisation: Organisation, swap: Swap) -> list[str]:
    """Users whose licences may become others."""
    users = {key: None for kind, key in swap.holders if kind == "user"}
    groups = [key for kind, key in swap.holders if kind == "group"]
    if groups:
        members = users_by_group(organisation.groups)
        for group in groups:
            users |= dict.fromkeys(members[group])
    return list(users)


def _losses(
    view: View, after: Organisation, users: Sequence[str]
) -> Iterator[tuple[Holding, Loss]]:
    before = _entitlements(view.organisation, users)
    for user, had, has in zip(users, before, _entitlements(after, users), strict=True):
        for holding in lines_of_user(user, view.organisation.users[user]):
            entry = view.inventory.entry_of(holding.number.base)
            loss = None if entry is None else loss_of(entry.source, had, has)
            if loss is not None and holding.holder_kind is HolderKind.USER:
                yield holding, loss
