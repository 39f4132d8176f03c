"""Accounts, sessions and tokens as they are kept; secrets are hashes and never shown."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from callwright.domains.access.model import Permission
from callwright.domains.access.roles import implied, permissions_of
from callwright.kernel.ids import UserId
from callwright.kernel.limits.access import SESSION_IDLE_S, SESSION_S_MAX


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is at an identity provider (OpenID Connect Core §2)."""

    issuer: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    id: str
    name: str
    """What is typed to sign in: lower case, unique."""
    display_name: str
    email: str | None
    user: UserId | None
    """Whom of the directory it belongs to."""
    roles: tuple[str, ...]
    is_enabled: bool = True
    password_hash: str | None = field(default=None, repr=False)
    totp_secret: str | None = field(default=None, repr=False)
    """Base 32; None: no second factor."""
    totp_step: int = 0
    identity: Identity | None = None
    made_at: datetime
    signed_in_at: datetime | None = None

    @property
    def permissions(self) -> frozenset[Permission]:
        return permissions_of(self.roles) if self.is_enabled else frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    hash: str = field(repr=False)
    account: str
    method: str
    """``password``, ``link`` or ``oidc``."""
    source: str
    """The address that signed in."""
    began_at: datetime
    used_at: datetime

    def holds(self, now: datetime) -> bool:
        is_idle = now - self.used_at > timedelta(seconds=SESSION_IDLE_S)
        return not is_idle and now - self.began_at <= timedelta(seconds=SESSION_S_MAX)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    id: str
    hash: str = field(repr=False)
    name: str
    account: str | None
    """Who made it; it can do no more than he can now. None: made on the data directory."""
    permissions: frozenset[Permission]
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None

    def holds(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at

    def permissions_under(self, maker: Account | None) -> frozenset[Permission]:
        """What it can do now; nothing once its maker is gone."""
        own = implied(self.permissions)
        if self.account is None:
            return own
        return own & maker.permissions if maker is not None else frozenset()
