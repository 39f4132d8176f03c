"""Everything that must be true between the parts of an organisation, as one list of rules."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from callwright.kernel.limits.configuration import NARROW_EDIT_USERS_MAX
from callwright.operations.organisation_file import (
    agent_checks,
    attendant_checks,
    caution_checks,
    checks,
    inventory,
    licence_checks,
    line_checks,
    mailbox_checks,
    membership,
    number_checks,
    policy_checks,
    queue_checks,
    schedule_checks,
    shared_calling_checks,
)
from callwright.operations.organisation_file.checks import Check, Finding, Names
from callwright.operations.organisation_file.schema import Organisation

MISNAMED = "(a section under an unknown name)"
"""What it declares cannot be known, so references would be called unknown without being so."""


class Rule(NamedTuple):
    check: Check
    needs: tuple[str, ...] = ()
    """Sections that it needs whole."""
    judges_users_singly: bool = False
    """What it finds of a user depends on that user, on users with the same number or extension,
    and on other sections; never on how many there are or what others say of that user."""


RULES = (
    Rule(checks.check_references, (MISNAMED,), judges_users_singly=True),
    Rule(checks.check_extensions, judges_users_singly=True),
    Rule(checks.check_names),
    Rule(checks.check_sbc_addresses),
    Rule(checks.check_trunk_logins),
    Rule(checks.check_signing, ("pstn",)),
    Rule(checks.check_translation_count),
    Rule(membership.check_groups, (MISNAMED,)),
    Rule(licence_checks.check_licences, ("licences",)),
    Rule(licence_checks.check_resource_account_pool, ("licences",)),
    Rule(
        policy_checks.check_policies,
        (MISNAMED, "policies", "pstn", "dial_plans"),
        judges_users_singly=True,
    ),
    Rule(attendant_checks.check_dial_scopes, (MISNAMED,)),
    Rule(attendant_checks.check_menus),
    Rule(attendant_checks.check_delegates),
    Rule(attendant_checks.check_profile_extensions),
    Rule(checks.check_queues),
    Rule(queue_checks.check_queue_extras, (MISNAMED,)),
    Rule(schedule_checks.check_schedule_names, (MISNAMED,)),
    Rule(schedule_checks.check_switches),
    Rule(schedule_checks.check_calendars),
    Rule(schedule_checks.check_holidays),
    Rule(inventory.check_numbers, ("numbers",), judges_users_singly=True),
    Rule(number_checks.check_countries, ("numbers", "organisation"), judges_users_singly=True),
    Rule(line_checks.check_treatments),
    Rule(line_checks.check_contacts),
    Rule(line_checks.check_voicemail_off),
    Rule(mailbox_checks.check_shared_mailboxes, ("policies",)),
    Rule(shared_calling_checks.check_shared_calling, ("numbers", "policies", "resource_accounts")),
)

CAUTIONS: tuple[Check, ...] = (
    caution_checks.caution_global_routing,
    caution_checks.caution_unused_policies,
    caution_checks.caution_silent_people,
    caution_checks.caution_carriers,
    agent_checks.caution_skills,
    attendant_checks.caution_speech,
    attendant_checks.caution_spoken_names,
    attendant_checks.caution_unreachable_operator,
    shared_calling_checks.caution_shared_calling,
    line_checks.caution_wide_treatments,
    line_checks.caution_untold,
    number_checks.caution_addresses,
)
"""Findings that refuse nothing, but that whoever changes the organisation should read."""

_SAYS_NOTHING_OF_USERS = frozenset(
    {
        "auto_attendants",
        "call_queues",
        "contacts",
        "groups",
        "holiday_sets",
        "resource_accounts",
        "schedules",
        "shared_voicemail",
    }
)
"""A user that was right stays right when entries are changed or added here."""


def mistakes(organisation: Organisation) -> Iterator[Finding]:
    """Finds what is wrong in an organisation whose every part is valid by itself."""
    names = Names.declared(organisation)
    for rule in RULES:
        yield from rule.check(organisation, names)


def mistakes_after(before: Organisation, after: Organisation) -> Iterator[Finding]:
    """Finds what is wrong ``after`` an edit of an organisation that had no mistake.

    Parts that the edit left alone are the same objects. Of 50,000 users only those are judged
    that changed, or have a number or extension that somebody else has now.
    """
    users = _users_to_judge(before, after)
    if users is None:
        yield from mistakes(after)
        return
    names = Names.declared(after)
    narrow = after.model_copy(update={"users": users})
    for rule in RULES:
        yield from rule.check(narrow if rule.judges_users_singly else after, names)


def cautions(organisation: Organisation) -> Iterator[Finding]:
    """Finds what is allowed and likely not meant."""
    names = Names.declared(organisation)
    for check in CAUTIONS:
        yield from check(organisation, names)


def _users_to_judge(before: Organisation, after: Organisation) -> dict[str, Any] | None:
    """None: the edit may concern any."""
    changed = {
        name
        for name in Organisation.model_fields
        if getattr(before, name) is not getattr(after, name)
    }
    if not changed <= _SAYS_NOTHING_OF_USERS | {"users"}:
        return None
    if any(getattr(before, name).keys() - getattr(after, name).keys() for name in changed):
        return None
    was = before.users
    users = {key: user for key, user in after.users.items() if was.get(key) is not user}
    if len(users) > NARROW_EDIT_USERS_MAX:
        return None
    return _with_rivals(after, users)


def _with_rivals(after: Organisation, users: Mapping[str, Any]) -> dict[str, Any]:
    """Adds users who have a number or extension that one of them, or who is no user, has, too."""
    held = inventory.lines_held(after.model_copy(update={"users": users}))
    extensions = {user.extension for user in users.values()} - {None}
    return {
        key: user
        for key, user in after.users.items()
        if key in users
        or user.number in held
        or user.extension in extensions
        or user.private_line in held
        or (user.alternate_numbers and not held.isdisjoint(user.alternate_numbers))
    }
