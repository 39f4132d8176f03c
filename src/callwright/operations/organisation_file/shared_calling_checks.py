"""What shared calling needs: a number to share, and numbers like it to lend (SPEC 3.12)."""

from collections.abc import Iterator

from callwright.domains.numbers.countries import country_of, fits_country
from callwright.domains.numbers.model import NumberKind, NumberRange, NumberSource
from callwright.domains.numbers.rules import Inventory
from callwright.kernel.e164 import E164, LineNumber
from callwright.kernel.policy import PolicyKind
from callwright.operations.organisation_file.checks import Finding, Names, unknown
from callwright.operations.organisation_file.document import Path
from callwright.operations.organisation_file.policy_schema import SharedCallingPolicySettings
from callwright.operations.organisation_file.schema import Organisation
from callwright.operations.organisation_file.snapshot_numbers import build_inventory

BASE: Path = ("policies", PolicyKind.SHARED_CALLING.value)


def check_shared_calling(organisation: Organisation, names: Names) -> Iterator[Finding]:
    policies = organisation.policies.shared_calling
    if not policies:
        return
    inventory = build_inventory(organisation)
    for key, policy in policies.items():
        path: Path = (*BASE, key)
        account = organisation.resource_accounts.get(policy.resource_account)
        if policy.resource_account not in names.resource_accounts:
            text = unknown(
                "resource account",
                policy.resource_account,
                names.resource_accounts,
                "resource_accounts",
            )
            yield Finding((*path, "resource_account"), text)
        elif account is not None and account.number is None:
            text = f"{policy.resource_account} has no number to share; give it one"
            yield Finding((*path, "resource_account"), text)
        elif account is not None and account.number is not None:
            shared = LineNumber(account.number).base
            yield from _check_lent(path, policy, shared, inventory)


def _check_lent(
    path: Path, policy: SharedCallingPolicySettings, shared: E164, inventory: Inventory
) -> Iterator[Finding]:
    """Numbers to lend are of the kind and country of the one that is shared."""
    own, country = inventory.find(shared), country_of(shared)
    for index, text in enumerate(policy.emergency_numbers):
        number = E164(text)
        found = inventory.find(number)
        place = (*path, "emergency_numbers", index)
        if own is None or found is None:
            continue  # said of the number itself
        if found.source is not own.source:
            yield Finding(
                place,
                f"{number} is a {found.source.value} number and {shared} a {own.source.value} "
                "one; lend numbers of the same source",
            )
        elif _is_service_of_plan(found):
            yield Finding(place, f"{number} is a service number; lend subscriber numbers (user)")
        if country is not None and not fits_country(number, country):
            yield Finding(place, f"{number} is not of {country}, and {shared} is; lend others")


def _is_service_of_plan(found: NumberRange) -> bool:
    return found.source is NumberSource.CALLING_PLAN and found.kind is not NumberKind.USER


def caution_shared_calling(organisation: Organisation, names: Names) -> Iterator[Finding]:
    """Who has a number uses it, and where help is needed is better said."""
    for key, user in organisation.users.items():
        if user.number is not None and user.policies.shared_calling is not None:
            text = f"{key} has a number and calls with it; take the number or the policy away"
            yield Finding(("users", key, "policies", PolicyKind.SHARED_CALLING.value), text)
    for key, policy in organisation.policies.shared_calling.items():
        account = organisation.resource_accounts.get(policy.resource_account)
        if account is not None and account.location is None and names.locations:
            text = (
                f"{policy.resource_account} says no location, so the first one is told in "
                "emergency calls; write resource_accounts."
                f"{policy.resource_account}.location"
            )
            yield Finding((*BASE, key, "resource_account"), text)
