"""Permissions, and who holds them."""

from dataclasses import dataclass
from enum import Enum, StrEnum

from callwright.kernel.ids import UserId


class Permission(StrEnum):
    """``<area>:<deed>``, as tokens, roles and the documentation write it."""

    ORGANISATION_READ = "organisation:read"
    ORGANISATION_WRITE = "organisation:write"
    USERS_READ = "users:read"
    USERS_WRITE = "users:write"
    GROUPS_READ = "groups:read"
    GROUPS_WRITE = "groups:write"
    LICENCES_READ = "licences:read"
    LICENCES_WRITE = "licences:write"
    NUMBERS_READ = "numbers:read"
    NUMBERS_WRITE = "numbers:write"
    PSTN_READ = "pstn:read"
    PSTN_WRITE = "pstn:write"
    SERVICES_READ = "services:read"
    """Resource accounts, auto attendants, call queues, shared mailboxes."""
    SERVICES_WRITE = "services:write"
    POLICIES_READ = "policies:read"
    POLICIES_WRITE = "policies:write"
    EMERGENCY_READ = "emergency:read"
    EMERGENCY_WRITE = "emergency:write"
    CREDITS_READ = "credits:read"
    CREDITS_WRITE = "credits:write"
    CALLS_SEARCH = "calls:search"
    """Calls of one person who was asked for by name (SPEC 11.1, row 276)."""
    CALLS_READ = "calls:read"
    CALLS_WRITE = "calls:write"
    REPORTS_READ = "reports:read"
    """What attendants, queues and agents did, as figures; with CALLS_READ, who it was."""
    VOICEMAIL_READ = "voicemail:read"
    """Everybody's messages; who owns or shares a mailbox needs no permission for it."""
    VOICEMAIL_WRITE = "voicemail:write"
    RECORDINGS_READ = "recordings:read"
    """What was said in recorded talks; CALLS_READ shows that there are some."""
    RECORDINGS_WRITE = "recordings:write"
    """To delete them."""
    AUDIT_READ = "audit:read"
    AUDIT_WRITE = "audit:write"
    """To undo changes and roll back."""
    ACCESS_READ = "access:read"
    ACCESS_WRITE = "access:write"
    """Accounts, tokens, sign-in. Nobody gives more than he has."""
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"
    DEVICES_READ = "devices:read"
    DEVICES_WRITE = "devices:write"
    SHIELD_READ = "shield:read"
    SHIELD_WRITE = "shield:write"
    SYSTEM_READ = "system:read"
    SYSTEM_WRITE = "system:write"
    """Organisations of the system; means something in its first organisation only."""


class PrincipalKind(Enum):
    LOCAL = "local"
    """Who may read and write the data directory has every permission."""
    ACCOUNT = "account"
    TOKEN = "token"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, proven."""

    kind: PrincipalKind
    name: str
    """Of the account or the token, as the change log shows it."""
    permissions: frozenset[Permission]
    """What the credential itself carries, closed under ``implied``."""
    account: str | None = None
    """Id of the account: the one signed in, or the one that made the token."""
    user: UserId | None = None
    """Of the directory, whom the account belongs to."""
    token: str | None = None
    """Id of the token."""
    came_by_link: bool = False
    """A moment ago: who forgot his password may set another one."""

    @property
    def is_guest(self) -> bool:
        """Who operates the system, in an organisation that does not know his credential."""
        return self.kind is not PrincipalKind.LOCAL and self.account is None and self.token is None

    def may(self, *needed: Permission) -> bool:
        return self.permissions.issuperset(needed)


EVERYTHING = frozenset(Permission)
