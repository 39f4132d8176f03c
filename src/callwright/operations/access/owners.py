"""An organisation keeps an owner who can sign in, whatever becomes of its directory."""

from collections.abc import Callable, Collection, Iterable, Iterator

from callwright.domains.access.account import Account
from callwright.kernel.ids import UserId
from callwright.operations.access.leaving import has_left
from callwright.operations.access.store import AccountStore
from callwright.operations.configuration import Configuration, Problem
from callwright.operations.organisation_file.entities import EntityKey

OWNER = "owner"
LOOKED_AT_ONCE = 500


def every_account(accounts: AccountStore) -> Iterator[Account]:
    """By name."""
    after = ""
    while some := accounts.accounts(after=after, limit=LOOKED_AT_ONCE):
        yield from some
        after = some[-1].name


def is_owner(account: Account) -> bool:
    return account.is_enabled and OWNER in account.roles


def can_sign_in(account: Account) -> bool:
    """By himself: an owner is not let in by an identity provider, and a link has to be made."""
    return is_owner(account) and account.password_hash is not None


def locked_out(
    after: Configuration,
    touched: Collection[EntityKey],
    accounts: Callable[[], Iterable[Account]],
) -> Iterator[Problem]:
    """Yields each user whom an edit disables or removes, and with whom the last owner who can sign
    in would go. ``accounts`` is asked only where somebody leaves."""
    leaving = {key for kind, key in touched if kind == "user" and has_left(after, UserId(key))}
    if not leaving:
        return
    owners = [account for account in accounts() if can_sign_in(account)]
    if any(owner.user is None or not has_left(after, owner.user) for owner in owners):
        return
    for owner in owners:
        if owner.user in leaving:
            text = (
                f"{owner.name}, whose account this is, is the last owner who can sign in; "
                "make another account an owner first"
            )
            yield Problem(("users", str(owner.user)), text)
