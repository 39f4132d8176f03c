"""Who loses a licence loses the numbers that need it, whichever way it is lost (SPEC 1.4).

A change of licences, an entry that is written, a group that somebody leaves, a directory that
provisions people: all of them are edits, and each is looked at here before it is written.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from callwright.domains.licences.model import GRANTS, Right, Sku
from callwright.domains.licences.model import Holding as LicenceHolding
from callwright.domains.numbers.licence_loss import Entitlement, Loss, loss_of
from callwright.domains.numbers.states import Line
from callwright.kernel.e164 import LineNumber
from callwright.operations.configuration import Configuration, Edit, Problem
from callwright.operations.licence_report import held_by_groups
from callwright.operations.numbers.drawing import FIELDS, Drawing
from callwright.operations.numbers.reading import InventoryReader, lines_of_user
from callwright.operations.numbers.view import View
from callwright.operations.organisation_file.entities import EntityKey
from callwright.operations.organisation_file.schema import Organisation, UserSettings

_PLANS = frozenset({Right.DOMESTIC_PLAN, Right.INTERNATIONAL_PLAN, Right.PAY_AS_YOU_GO})
_FATES = {Loss.UNASSIGNED: "is free again", Loss.DELETED: "leaves the inventory"}


@dataclass(frozen=True, slots=True)
class LostNumber:
    """What a change of licences does to somebody's number."""

    user: str
    number: LineNumber
    loss: Loss
    line: Line = Line.PRIMARY

    @property
    def caution(self) -> Problem:
        text = (
            f"{self.number} goes with the licence that it needs, and {_FATES[self.loss]}; "
            "give the other licence in the same change to keep it"
        )
        return self._problem(text)

    @property
    def objection(self) -> Problem:
        """To a file, which says whole what shall be."""
        text = (
            f"{self.number} goes with the licence that it needs; leave the number out, too, "
            "or keep the licence"
        )
        return self._problem(text)

    def _problem(self, text: str) -> Problem:
        return Problem(("users", self.user, FIELDS[self.line]), text)


@dataclass(frozen=True, slots=True)
class Losses:
    """What an edit costs beside what it says, and the edit that writes it."""

    numbers: tuple[LostNumber, ...]
    edit: Edit


NONE_LOST = Losses((), Edit())


def losses(
    before: Configuration, after: Configuration, touched: Collection[EntityKey], now: datetime
) -> Losses:
    """Returns what becomes of numbers where ``touched`` entities become what they are ``after``.

    A number that is lost is taken back as `callwright numbers remove` does it: its block, and what
    is left of its range, are in the edit, which is one of ``after``.
    """
    if not any(_may_take(before, after, address) for address in touched):
        return NONE_LOST  # what is stored need not be read
    was, will_be = before.organisation, after.organisation
    if was is None or will_be is None:
        return NONE_LOST
    changed = list(_entitlements(was, will_be, touched))
    if not changed:
        return NONE_LOST
    inventory = InventoryReader().read(after, will_be)
    drawing = Drawing(View(after, will_be, inventory, now))
    lost = []
    for user, had, has in changed:
        for holding in lines_of_user(user, will_be.users[user]):
            entry = inventory.entry_of(holding.number.base)
            loss = None if entry is None else loss_of(entry.source, had, has)
            if loss is not None:
                drawing.lose(holding, loss)
                lost.append(LostNumber(user, holding.number, loss, holding.line))
    return Losses(tuple(lost), drawing.draft().edit) if lost else NONE_LOST


def _may_take(before: Configuration, after: Configuration, address: EntityKey) -> bool:
    """Whether an entity says something else of licences, or of who gets them by a group."""
    if address[0] != "user":
        return address[0] == "group"
    was, will_be = before.entities.get(address), after.entities.get(address)
    if not isinstance(was, dict) or not isinstance(will_be, dict):
        return False
    return was.get("licences") != will_be.get("licences")


def _entitlements(
    before: Organisation, after: Organisation, touched: Collection[EntityKey]
) -> Iterator[tuple[str, Entitlement, Entitlement]]:
    """Yields what numbers need of the licences of each user who has numbers, before and after,
    where the licences, direct or by group, are others; of most edits nothing."""
    users = {key: None for kind, key in touched if kind == "user"}
    gave = give = None
    if any(kind == "group" for kind, _ in touched):
        gave, give = held_by_groups(before), held_by_groups(after)
        users |= {key: None for key, held in gave.items() if held != give.get(key)}
    for key in users:
        was, will_be = before.users.get(key), after.users.get(key)
        if was is None or will_be is None or not _has_number(will_be):
            continue
        if gave is None or give is None:
            if was.licences == will_be.licences:
                continue
            gave = give = held_by_groups(after)
        had, has = _entitlement(was, gave.get(key, ())), _entitlement(will_be, give.get(key, ()))
        if had != has:
            yield key, had, has


def _has_number(user: UserSettings) -> bool:
    return any((user.number, user.private_line, user.alternate_numbers))


def _entitlement(user: UserSettings, given: Iterable[LicenceHolding]) -> Entitlement:
    skus = {*user.licences, *(held.sku for held in given)}
    rights = {right for sku in skus for right in GRANTS[Sku(sku)]}
    return Entitlement(Right.PHONE_SYSTEM in rights, bool(rights & _PLANS))
