"""Seats against holders, direct and by group (SPEC 1)."""

from collections.abc import Iterator, Mapping

from callwright.domains.licences.model import Sku
from callwright.domains.licences.rules import free_resource_accounts, phone_system_seats
from callwright.operations.organisation_file.checks import Finding, Names, twice
from callwright.operations.organisation_file.document import Path
from callwright.operations.organisation_file.membership import users_by_group
from callwright.operations.organisation_file.schema import Organisation


def check_licences(organisation: Organisation, names: Names) -> Iterator[Finding]:
    for base, skus in _lists(organisation):
        entries: list[tuple[Path, str]] = [((*base, i), sku) for i, sku in enumerate(skus)]
        yield from twice(entries, "leave one out")
    for sku, holders in holders_by_sku(organisation).items():
        bought = organisation.seats.get(sku, 0)
        if len(holders) > bought:
            remedy = f"write {sku}: {len(holders)}, or take it from users"
            text = f"{len(holders)} seats are held and {bought} bought; {remedy}"
            yield Finding(("licences", sku), text)


def _lists(organisation: Organisation) -> Iterator[tuple[Path, list[str]]]:
    for key, user in organisation.users.items():
        yield ("users", key, "licences"), user.licences
    for key, group in organisation.groups.items():
        yield ("groups", key, "licences"), group.licences
    for key, account in organisation.resource_accounts.items():
        yield ("resource_accounts", key, "licences"), account.licences


def holders_by_sku(organisation: Organisation) -> Mapping[str, set[str]]:
    """Returns who takes a bought seat, by SKU: ``users.alice``, ``resource_accounts.main-line``.

    Whoever has a licence directly and by group, or by two groups, takes one seat. Seats of
    resource accounts come out of a pool, which ``check_resource_account_pool`` looks at.
    """
    holders: dict[str, set[str]] = {}
    for key, user in organisation.users.items():
        for sku in user.licences:
            holders.setdefault(sku, set()).add(f"users.{key}")
    giving = {key for key, group in organisation.groups.items() if group.licences}
    if giving:
        users = users_by_group(organisation.groups)
        for key in giving:
            named = {f"users.{user}" for user in users.get(key, ())}
            for sku in organisation.groups[key].licences:
                holders.setdefault(sku, set()).update(named)
    for key, account in organisation.resource_accounts.items():
        for sku in account.licences:
            if sku != Sku.RESOURCE_ACCOUNT.value:
                holders.setdefault(sku, set()).add(f"resource_accounts.{key}")
    return holders


def check_resource_account_pool(organisation: Organisation, names: Names) -> Iterator[Finding]:
    sku = Sku.RESOURCE_ACCOUNT.value
    seats = phone_system_seats(organisation.seats)
    free = free_resource_accounts(seats)
    bought = organisation.seats.get(sku, 0)
    accounts = organisation.resource_accounts.values()
    count = sum(sku in account.licences for account in accounts)
    if count > free + bought:
        text = (
            f"there are {count} resource accounts; the free pool of {seats} phone-system seats "
            f"is {free} and {bought} are bought; write licences.resource-account: {count - free}"
        )
        yield Finding(("resource_accounts",), text)
