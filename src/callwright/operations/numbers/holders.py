"""What an assignment has to know of a person or a resource account."""

from collections.abc import Mapping, Set
from datetime import date
from functools import cached_property
from zoneinfo import ZoneInfo

from callwright.domains.licences.model import Holding as LicenceHolding
from callwright.domains.licences.model import Right, Term
from callwright.domains.licences.rules import grant
from callwright.domains.numbers.assignment import Assignee
from callwright.domains.numbers.model import NumberSource
from callwright.domains.numbers.states import HolderKind
from callwright.kernel.e164 import LineNumber
from callwright.operations.licence_report import held_by_groups
from callwright.operations.numbers.reading import lines_of_account, lines_of_user
from callwright.operations.numbers.view import View
from callwright.operations.organisation_file.entities import EntityKey
from callwright.operations.organisation_file.schema import Organisation
from callwright.operations.organisation_file.snapshot_policies import build_terms

_PLANS = (Right.DOMESTIC_PLAN, Right.INTERNATIONAL_PLAN, Right.PAY_AS_YOU_GO)


class Assignees:
    """Whoever numbers may be given to in one view; what groups give is resolved once for all."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._organisation = view.organisation

    def find(self, kind: HolderKind, key: str, *, location: str | None = None) -> Assignee:
        """A user or resource account that exists; ``location`` is to be given with the number."""
        if kind is HolderKind.USER:
            return self._user(key, location)
        account = self._organisation.resource_accounts[key]
        holdings = tuple(map(LicenceHolding, account.licences))
        return Assignee(
            kind,
            key,
            account.country or self._organisation.organisation.country,
            is_licensed=self._has(holdings, Right.ANSWER_AS_SERVICE),
            location=location or account.location,
        )

    @cached_property
    def giving_groups(self) -> Set[EntityKey]:
        """The groups on which it depends who is licensed."""
        return giving_groups(self._organisation)

    def _user(self, key: str, location: str | None) -> Assignee:
        user = self._organisation.users[key]
        holdings = (*map(LicenceHolding, user.licences), *self._by_group.get(key, ()))
        return Assignee(
            HolderKind.USER,
            key,
            user.country or self._organisation.organisation.country,
            is_licensed=self._has(holdings, Right.PHONE_SYSTEM),
            has_calling_plan=self._has(holdings, *_PLANS),
            location=location or user.location,
            primary_source=_source(self._view, user.number),
            private=None if user.private_line is None else LineNumber(user.private_line),
            alternates=tuple(map(LineNumber, user.alternate_numbers)),
        )

    def _has(self, holdings: tuple[LicenceHolding, ...], *rights: Right) -> bool:
        """Whether what is held grants one of the rights today."""
        return any(grant(right, holdings, self._terms, self._today).is_given for right in rights)

    @cached_property
    def _by_group(self) -> dict[str, list[LicenceHolding]]:
        return held_by_groups(self._organisation)

    @cached_property
    def _terms(self) -> Mapping[str, Term]:
        return build_terms(self._organisation)

    @cached_property
    def _today(self) -> date:
        zone = ZoneInfo(self._organisation.organisation.timezone)
        return self._view.now.astimezone(zone).date()


def giving_groups(organisation: Organisation) -> set[EntityKey]:
    """The groups on which it depends who is licensed."""
    return {("group", key) for key, group in organisation.groups.items() if group.licences}


def _source(view: View, number: str | None) -> NumberSource | None:
    if number is None:
        return None
    entry = view.inventory.entry_of(LineNumber(number).base)
    return None if entry is None else entry.source


def lines_of(view: View, kind: HolderKind, key: str) -> tuple[LineNumber, ...]:
    """Every number that a user or resource account has, the primary one first."""
    organisation = view.organisation
    if kind is HolderKind.USER and key in organisation.users:
        return tuple(h.number for h in lines_of_user(key, organisation.users[key]))
    if kind is HolderKind.RESOURCE_ACCOUNT and key in organisation.resource_accounts:
        account = organisation.resource_accounts[key]
        return tuple(h.number for h in lines_of_account(key, account))
    return ()
