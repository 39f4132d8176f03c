"""Links that sign in once: the first way into a new system, and back in for who is locked out."""

from datetime import timedelta

from callwright.domains.access.account import Account
from callwright.domains.access.credentials import SECRET_BYTES, fingerprint, written
from callwright.domains.access.model import Principal
from callwright.kernel.limits.access import SIGN_IN_LINK_S
from callwright.operations.access.accounts import (
    Wanted,
    known_account,
    make_account,
    refuse_greater,
)
from callwright.operations.access.desk import AccessDesk, actor_of, local_principal
from callwright.operations.access.owners import OWNER
from callwright.operations.access.refusal import AccessRefused

LINK_PREFIX = "cwl"


def make_link(desk: AccessDesk, id: str, *, by: Principal) -> str:
    """Returns what stands behind the ``#`` of the link. Raises AccessRefused.

    It stands in the fragment, so that no server's log and no Referer has it.
    """
    account = known_account(desk, id)
    refuse_greater(account, by)
    if not account.is_enabled:
        text = f"{account.name} is disabled; enable the account first"
        raise AccessRefused("disabled", "", text)
    secret = desk.new_secret(SECRET_BYTES).hex()
    expires_at = desk.utc() + timedelta(seconds=SIGN_IN_LINK_S)
    event = desk.event(actor_of(by), "link.made", account.name)
    desk.accounts.add_link(fingerprint(secret), account.id, expires_at, event)
    return written(LINK_PREFIX, desk.organisation, secret)


def first_link(desk: AccessDesk, *, by: str) -> str | None:
    """The link for the owner of a system that nobody ever signed in to; None afterwards.

    Makes the account where there is none. ``by`` is who started the server.
    """
    accounts = desk.accounts.accounts(limit=2)
    if len(accounts) > 1 or any(_was_used(account) for account in accounts):
        return None
    principal = local_principal(by)
    if accounts:
        owner = accounts[0]
    else:
        wanted = Wanted(name=OWNER, display_name="Owner", roles=[OWNER])
        owner = make_account(desk, wanted, by=principal, knows_user=lambda user: False)
    return make_link(desk, owner.id, by=principal)


def _was_used(account: Account) -> bool:
    is_entered = account.password_hash is not None or account.signed_in_at is not None
    return is_entered or account.name != OWNER
