"""What acts about access work with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from callwright.domains.access.account import Account
from callwright.domains.access.model import EVERYTHING, Principal, PrincipalKind
from callwright.kernel.ids import UserId
from callwright.operations.access.hashing import PasswordHashes
from callwright.operations.access.store import AccountStore, Event, TokenStore
from callwright.operations.actor import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessDesk:
    """Of one organisation; from any thread."""

    organisation: str
    """Its domain."""
    accounts: AccountStore
    tokens: TokenStore
    hashes: PasswordHashes
    utc: Callable[[], datetime]
    new_id: Callable[[], str]
    """Ids that sort by time."""
    new_secret: Callable[[int], bytes]
    """So many random bytes."""
    has_left: Callable[[UserId], bool]
    """Whether the directory has the user no longer, or has him disabled."""

    def lets_in(self, account: Account) -> bool:
        """Whoever leaves the directory loses with his phone what he administered."""
        is_gone = account.user is not None and self.has_left(account.user)
        return account.is_enabled and not is_gone

    def event(self, by: Actor, act: str, subject: str, detail: str = "") -> Event:
        return Event(self.utc(), by, act, subject, detail)


def actor_of(principal: Principal) -> Actor:
    """As whom somebody stands in the history."""
    match principal.kind:
        case PrincipalKind.LOCAL:
            return Actor("local", principal.name)
        case PrincipalKind.ACCOUNT:
            return Actor("account", principal.name)
        case PrincipalKind.TOKEN:
            return Actor("token", principal.name)


def local_principal(name: str) -> Principal:
    """Whoever may open the data directory."""
    return Principal(PrincipalKind.LOCAL, name, EVERYTHING)
