"""Everything that must be true between the parts of an organisation, as one list of checks."""

from collections.abc import Iterator

from callwright.operations.organisation_file import (
    caution_checks,
    checks,
    inventory,
    licence_checks,
    line_checks,
    membership,
    number_checks,
    policy_checks,
    shared_calling_checks,
)
from callwright.operations.organisation_file.checks import Check, Finding, Names
from callwright.operations.organisation_file.schema import Organisation

MISNAMED = "(a section under an unknown name)"
"""What it declares cannot be known, so references would be called unknown without being so."""

CHECKS: tuple[tuple[Check, tuple[str, ...]], ...] = (
    (checks.check_references, (MISNAMED,)),
    (checks.check_extensions, ()),
    (checks.check_names, ()),
    (checks.check_sbc_addresses, ()),
    (checks.check_trunk_logins, ()),
    (checks.check_signing, ("pstn",)),
    (checks.check_translation_count, ()),
    (membership.check_groups, (MISNAMED,)),
    (licence_checks.check_licences, ("licences",)),
    (licence_checks.check_resource_account_pool, ("licences",)),
    (policy_checks.check_policies, (MISNAMED, "policies", "pstn", "dial_plans")),
    (checks.check_queues, ()),
    (checks.check_holidays, ()),
    (inventory.check_numbers, ("numbers",)),
    (number_checks.check_number_entries, ("emergency",)),
    (number_checks.check_countries, ("numbers", "organisation")),
    (line_checks.check_treatments, ()),
    (line_checks.check_contacts, ()),
    (line_checks.check_voicemail_off, ()),
    (shared_calling_checks.check_shared_calling, ("numbers", "policies", "resource_accounts")),
)
"""Each check with the sections that it needs whole."""

CAUTIONS: tuple[Check, ...] = (
    caution_checks.caution_global_routing,
    caution_checks.caution_unused_policies,
    caution_checks.caution_silent_people,
    caution_checks.caution_carriers,
    shared_calling_checks.caution_shared_calling,
)
"""Findings that refuse nothing, but that whoever changes the organisation should read."""


def mistakes(organisation: Organisation) -> Iterator[Finding]:
    """Finds what is wrong in an organisation whose every part is valid by itself."""
    names = Names.declared(organisation)
    for check, _ in CHECKS:
        yield from check(organisation, names)


def cautions(organisation: Organisation) -> Iterator[Finding]:
    """Finds what is allowed and likely not meant."""
    names = Names.declared(organisation)
    for check in CAUTIONS:
        yield from check(organisation, names)
