"""Where accounts, sessions and tokens are kept; storage implements it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from callwright.domains.access.account import Account, ApiToken, Identity, Session
from callwright.operations.actor import Actor


@dataclass(frozen=True, slots=True)
class Event:
    """Something about access that happened."""

    at: datetime
    by: Actor
    act: str
    """``account.made``, ``signed-in``, ``token.revoked`` ..."""
    subject: str
    """Name of the account or token."""
    detail: str = ""


class NameTaken(Exception):
    """Another account has the name, the e-mail address or the identity."""


class AccountStore(Protocol):
    """From any thread; each method is one transaction. Raises DatabaseError."""

    def accounts(self, *, after: str = "", limit: int) -> Sequence[Account]:
        """By name, those whose name comes after ``after``."""
        ...

    def count(self) -> int: ...

    def account(self, id: str) -> Account | None: ...

    def named(self, name: str) -> Account | None: ...

    def of_email(self, email: str) -> Account | None: ...

    def of_identity(self, identity: Identity) -> Account | None: ...

    def add(self, account: Account, event: Event) -> None:
        """Raises NameTaken."""
        ...

    def replace(
        self, account: Account, event: Event, *, seen: Account, ends_sessions: bool
    ) -> None:
        """Writes what differs from ``seen``, which the change was made from: what somebody else
        changed meanwhile stays. The second factor is never written. Raises NameTaken."""
        ...

    def remove(self, id: str, event: Event) -> None:
        """With its sessions, links and tokens."""
        ...

    def enrol(self, id: str, secret: str | None, recovery: Collection[str], event: Event) -> None:
        """Sets the second factor and the hashes of its recovery codes, or takes both away."""
        ...

    def take_step(self, id: str, step: int) -> bool:
        """Notes that this step's code was used; False when it, or a later one, was before."""
        ...

    def take_recovery(self, id: str, hash: str) -> bool:
        """Uses a recovery code up; False when there is none such."""
        ...

    def begin_session(self, session: Session, event: Event) -> None:
        """Ends the longest unused ones of the account beyond SESSIONS_PER_ACCOUNT_MAX."""
        ...

    def session(self, hash: str) -> tuple[Session, Account] | None: ...

    def sessions(self, account: str) -> Sequence[Session]:
        """The newest use first."""
        ...

    def touch_session(self, hash: str, now: datetime) -> None: ...

    def end_session(self, hash: str) -> None: ...

    def end_sessions(self, account: str) -> None: ...

    def add_link(self, hash: str, account: str, expires_at: datetime, event: Event) -> None:
        """Takes the place of earlier links of the account."""
        ...

    def link(self, hash: str, now: datetime) -> str | None:
        """The account of a link that was not used; None: unknown, used or too old."""
        ...

    def take_link(self, hash: str, now: datetime) -> str | None:
        """As ``link``, and uses it up."""
        ...


class TokenStore(Protocol):
    """As AccountStore, for tokens."""

    def count(self, now: datetime) -> int:
        """Those that hold."""
        ...

    def add(self, token: ApiToken, event: Event) -> None:
        """Forgets those that ended API_TOKEN_MEMORY_S ago."""
        ...

    def find(self, hash: str) -> tuple[ApiToken, Account | None] | None:
        """The token with this hash, and who made it."""
        ...

    def tokens(self, *, after: str = "", limit: int) -> Sequence[ApiToken]:
        """By id, revoked and expired ones, too."""
        ...

    def touch(self, id: str, now: datetime) -> None: ...

    def revoke(self, id: str, now: datetime, event: Event) -> bool:
        """False: there is none such that holds."""
        ...
