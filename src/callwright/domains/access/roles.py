"""The roles of SPEC 11.1 and what each may do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from callwright.domains.access.model import EVERYTHING, Permission

READ, WRITE = ":read", ":write"
ROLE_KEYS_MAX = 20
"""Roles of one account; there are fewer."""


@dataclass(frozen=True, slots=True)
class Role:
    key: str
    title: str
    purpose: str
    permissions: frozenset[Permission]


def implied(permissions: Iterable[Permission]) -> frozenset[Permission]:
    """These, and reading where one may write; who reads all calls may search them."""
    closed = set(permissions)
    for permission in tuple(closed):
        area, _, deed = permission.partition(":")
        if f":{deed}" == WRITE:
            closed.add(Permission(area + READ))
    if Permission.CALLS_READ in closed:
        closed.add(Permission.CALLS_SEARCH)
    return frozenset(closed)


def _role(key: str, title: str, purpose: str, words: str) -> Role:
    return Role(key, title, purpose, implied(Permission(word) for word in words.split()))


_IN_ORDER = (
    Role("owner", "Owner", "Everything, and other organisations of the system.", EVERYTHING),
    Role(
        "administrator",
        "Administrator",
        "Everything in this organisation.",
        EVERYTHING - {Permission.SYSTEM_READ, Permission.SYSTEM_WRITE},
    ),
    _role(
        "communications-administrator",
        "Communications administrator",
        "Calling and meetings: numbers, services, policies, and how calls went.",
        "organisation:read users:read groups:read licences:read numbers:write pstn:write"
        " services:write policies:write emergency:write credits:read calls:write reports:read"
        " audit:read webhooks:write devices:read shield:read",
    ),
    _role(
        "telephony-administrator",
        "Telephony administrator",
        "Voice: numbers, trunks, services, policies.",
        "organisation:read users:read groups:read licences:read numbers:write pstn:write"
        " services:write policies:write emergency:write credits:read calls:read reports:read"
        " devices:read shield:read",
    ),
    _role(
        "support-engineer",
        "Communications support engineer",
        "Every call of everybody, to find what is wrong.",
        "organisation:read users:read groups:read numbers:read services:read devices:read"
        " calls:read reports:read",
    ),
    _role(
        "support-specialist",
        "Communications support specialist",
        "Calls of the person who asks for help.",
        "users:read calls:search",
    ),
    _role(
        "device-administrator",
        "Device administrator",
        "Phones and other devices.",
        "organisation:read users:read devices:write",
    ),
    _role(
        "user-administrator",
        "User administrator",
        "People, groups and their licences; needed beside a voice role for resource accounts.",
        "organisation:read users:write groups:write licences:write policies:read",
    ),
    _role(
        "billing-administrator",
        "Billing administrator",
        "Licences and credits.",
        "organisation:read users:read licences:write credits:write",
    ),
    _role(
        "billing-reader",
        "Billing reader",
        "Sees licences and credits.",
        "organisation:read licences:read credits:read",
    ),
    _role(
        "reports-reader",
        "Reports reader",
        "How busy attendants and queues were; no names and no numbers of people.",
        "organisation:read services:read reports:read",
    ),
    _role(
        "auditor",
        "Auditor",
        "Sees who changed what, and who may.",
        "organisation:read audit:read access:read",
    ),
    _role(
        "authorised-user",
        "Authorised user",
        "The fields of the attendants and queues that list him, which his policy allows.",
        "",
    ),
    _role("user", "User", "His own settings.", ""),
)
ROLES: Mapping[str, Role] = MappingProxyType({role.key: role for role in _IN_ORDER})


def permissions_of(roles: Iterable[str]) -> frozenset[Permission]:
    """What these roles grant together; a role that is unknown here grants nothing."""
    granted: set[Permission] = set()
    for key in roles:
        if key in ROLES:
            granted |= ROLES[key].permissions
    return frozenset(granted)


def beyond(wanted: Iterable[Permission], held: frozenset[Permission]) -> tuple[Permission, ...]:
    """What somebody would give without having it, sorted; empty when he may."""
    return tuple(sorted(implied(wanted) - held))
