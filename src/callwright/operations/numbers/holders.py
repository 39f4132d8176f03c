"""What an assignment has to know of a person or a resource account."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from callwright.domains.licences.model import Holding as LicenceHolding
from callwright.domains.licences.model import Right
from callwright.domains.licences.rules import grant
from callwright.domains.numbers.assignment import Assignee
from callwright.domains.numbers.model import NumberSource
from callwright.domains.numbers.states import HolderKind
from callwright.kernel.e164 import LineNumber
from callwright.operations.numbers.desk import View
from callwright.operations.numbers.reading import lines_of_account, lines_of_user
from callwright.operations.organisation_file.entities import EntityKey
from callwright.operations.organisation_file.membership import users_by_group
from callwright.operations.organisation_file.schema import Organisation
from callwright.operations.organisation_file.snapshot_policies import build_terms

_PLANS = (Right.DOMESTIC_PLAN, Right.INTERNATIONAL_PLAN, Right.PAY_AS_YOU_GO)


def assignee_of(view: View, kind: HolderKind, key: str, *, location: str | None = None) -> Assignee:
    """Of a user or resource account that exists; ``location`` is to be given with the number."""
    if kind is HolderKind.USER:
        return _user(view, key, location)
    account = view.organisation.resource_accounts[key]
    holdings = tuple(map(LicenceHolding, account.licences))
    return Assignee(
        kind,
        key,
        account.country or view.organisation.organisation.country,
        is_licensed=_has(view, holdings, Right.ANSWER_AS_SERVICE),
        location=location or account.location,
    )


def _user(view: View, key: str, location: str | None) -> Assignee:
    user = view.organisation.users[key]
    holdings = tuple(licences_of(view.organisation, key))
    return Assignee(
        HolderKind.USER,
        key,
        user.country or view.organisation.organisation.country,
        is_licensed=_has(view, holdings, Right.PHONE_SYSTEM),
        has_calling_plan=_has(view, holdings, *_PLANS),
        location=location or user.location,
        primary_source=_source(view, user.number),
        private=None if user.private_line is None else LineNumber(user.private_line),
        alternates=tuple(map(LineNumber, user.alternate_numbers)),
    )


def licences_of(organisation: Organisation, user: str) -> Iterator[LicenceHolding]:
    """Yields what a user holds, directly and by group."""
    yield from map(LicenceHolding, organisation.users[user].licences)
    giving = {key: group for key, group in organisation.groups.items() if group.licences}
    if giving:
        members = users_by_group(organisation.groups)
        for key, group in giving.items():
            if user in members[key]:
                yield from (LicenceHolding(sku, key) for sku in group.licences)


def giving_groups(organisation: Organisation) -> set[EntityKey]:
    """The groups on which it depends who is licensed."""
    return {("group", key) for key, group in organisation.groups.items() if group.licences}


def _has(view: View, holdings: tuple[LicenceHolding, ...], *rights: Right) -> bool:
    """Whether what is held grants one of the rights today."""
    zone = ZoneInfo(view.organisation.organisation.timezone)
    today = view.now.astimezone(zone).date()
    terms = build_terms(view.organisation)
    return any(grant(right, holdings, terms, today).is_given for right in rights)


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
