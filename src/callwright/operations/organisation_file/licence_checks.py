"""Seats against holders, direct and by group (SPEC 1)."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Protocol

from callwright.domains.licences.model import Sku
from callwright.domains.licences.rules import free_resource_accounts, phone_system_seats
from callwright.operations.organisation_file.checks import Finding, Names, twice
from callwright.operations.organisation_file.document import Path
from callwright.operations.organisation_file.membership import users_by_group
from callwright.operations.organisation_file.schema import Organisation


def check_licences(organisation: Organisation, names: Names) -> Iterator[Finding]:
    holding: tuple[tuple[str, Mapping[str, _Holding]], ...] = (
        ("users", organisation.users),
        ("groups", organisation.groups),
        ("resource_accounts", organisation.resource_accounts),
    )
    for section, entries in holding:
        for key, entry in entries.items():
            if len(entry.licences) > 1 and len(set(entry.licences)) < len(entry.licences):
                listed: list[tuple[Path, str]] = [
                    ((section, key, "licences", i), sku) for i, sku in enumerate(entry.licences)
                ]
                yield from twice(listed, "leave one out")
    for sku, count in seats_held(organisation).items():
        bought = organisation.seats.get(sku, 0)
        if count > bought:
            remedy = f"write {sku}: {count}, or take it from users"
            text = f"{count} seats are held and {bought} bought; {remedy}"
            yield Finding(("licences", sku), text)


class _Holding(Protocol):
    @property
    def licences(self) -> list[str]: ...


def users_by_sku(organisation: Organisation) -> Mapping[str, set[str]]:
    """Returns the users who hold each SKU, directly or by group; each takes one seat of it."""
    holders: dict[str, set[str]] = defaultdict(set)
    for key, user in organisation.users.items():
        for sku in user.licences:
            holders[sku].add(key)
    giving = [(key, group) for key, group in organisation.groups.items() if group.licences]
    members = users_by_group(organisation.groups) if giving else {}
    for key, group in giving:
        for sku in group.licences:
            holders[sku].update(members[key])
    return holders


def seats_held(organisation: Organisation) -> Counter[str]:
    """Counts the bought seats that are taken, by SKU.

    Those of resource accounts come out of a pool, which ``check_resource_account_pool`` looks at.
    """
    held = Counter({sku: len(users) for sku, users in users_by_sku(organisation).items()})
    for account in organisation.resource_accounts.values():
        held.update(sku for sku in set(account.licences) if sku != Sku.RESOURCE_ACCOUNT.value)
    return held


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
