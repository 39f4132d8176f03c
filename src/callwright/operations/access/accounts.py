"""Making and changing accounts. Nobody gives what he does not have, nor touches who has more."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from callwright.domains.access.account import Account
from callwright.domains.access.model import Principal
from callwright.domains.access.passwords import objection
from callwright.domains.access.roles import ROLE_KEYS_MAX, ROLES, beyond, permissions_of
from callwright.kernel.ids import UserId
from callwright.kernel.limits.access import ACCOUNTS_MAX
from callwright.kernel.limits.configuration import EMAIL_CHARS_MAX, NAME_CHARS_MAX
from callwright.kernel.plain_text import mended
from callwright.operations.access.desk import AccessDesk, actor_of
from callwright.operations.access.hashing import SALT_BYTES
from callwright.operations.access.owners import can_sign_in, every_account, is_owner
from callwright.operations.access.refusal import AccessRefused
from callwright.operations.access.store import NameTaken

_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]*")
_EMAIL = re.compile(r"[^@\s<>\"(),:;]+@[^@\s<>\"(),:;]+\.[^@\s<>\"(),:;]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an account shall be; None leaves a field as it is, "" empties it."""

    name: str | None = None
    display_name: str | None = None
    email: str | None = None
    user: str | None = None
    roles: Sequence[str] | None = None
    is_enabled: bool | None = None
    password: str | None = None


KnowsUser = Callable[[str], bool]
"""Whether the directory has such a user."""


def make_account(
    desk: AccessDesk, wanted: Wanted, *, by: Principal, knows_user: KnowsUser
) -> Account:
    """Without a password it is signed in to by link or identity provider. Raises AccessRefused."""
    if desk.accounts.count() >= ACCOUNTS_MAX:
        raise AccessRefused("too-many", "", f"there are {ACCOUNTS_MAX} accounts; remove some")
    if wanted.name is None:
        raise AccessRefused("required", "name", "is needed; write the name that is typed")
    empty = Account(
        id=desk.new_id(),
        name="",
        display_name="",
        email=None,
        user=None,
        roles=(),
        made_at=desk.utc(),
    )
    account = _changed(desk, empty, wanted, by=by, knows_user=knows_user)
    if not account.display_name:
        account = replace(account, display_name=account.name)
    detail = f"roles {', '.join(account.roles) or 'none'}"
    try:
        desk.accounts.add(account, desk.event(actor_of(by), "account.made", account.name, detail))
    except NameTaken:
        raise _taken() from None
    return account


def change_account(
    desk: AccessDesk, id: str, wanted: Wanted, *, by: Principal, knows_user: KnowsUser
) -> Account:
    """Another password, other roles, or disabling end the account's sessions.

    Raises AccessRefused.
    """
    before = known_account(desk, id)
    refuse_greater(before, by)
    after = _changed(desk, before, wanted, by=by, knows_user=knows_user)
    if is_owner(before) and not is_owner(after):
        _refuse_last_owner(desk, before)
    fields = [
        field
        for field in ("name", "display_name", "email", "user", "roles", "is_enabled")
        if getattr(before, field) != getattr(after, field)
    ]
    is_new_password = before.password_hash != after.password_hash
    fields += ["password"] * is_new_password
    event = desk.event(actor_of(by), "account.changed", after.name, ", ".join(fields))
    ends = is_new_password or "roles" in fields or not after.is_enabled
    try:
        desk.accounts.replace(after, event, seen=before, ends_sessions=ends)
    except NameTaken:
        raise _taken() from None
    return after


def remove_account(desk: AccessDesk, id: str, *, by: Principal) -> None:
    """With its sessions and tokens. Raises AccessRefused."""
    account = known_account(desk, id)
    refuse_greater(account, by)
    if is_owner(account):
        _refuse_last_owner(desk, account)
    desk.accounts.remove(id, desk.event(actor_of(by), "account.removed", account.name))


def set_own_password(desk: AccessDesk, id: str, *, old: str, new: str, by: Principal) -> None:
    """``old`` is asked for where there is one, but of who just came by a link.

    Ends all sessions. Raises AccessRefused.
    """
    account = known_account(desk, id)
    if not by.came_by_link:
        confirm(desk, account, old)
    after = replace(account, password_hash=_hash(desk, account, new))
    event = desk.event(actor_of(by), "account.changed", account.name, "own password")
    desk.accounts.replace(after, event, seen=account, ends_sessions=True)


def confirm(desk: AccessDesk, account: Account, password: str) -> None:
    """Asks for the password again before what a stolen session must not do."""
    if account.password_hash is not None and not desk.hashes.fits(password, account.password_hash):
        raise AccessRefused("wrong-password", "password", "is wrong; type your present password")


def known_account(desk: AccessDesk, id: str) -> Account:
    account = desk.accounts.account(id)
    if account is None:
        raise AccessRefused("not-found", "", f"there is no account {id!r}; see the list")
    return account


def refuse_greater(account: Account, by: Principal) -> None:
    """Who may write accounts must not take over one that may do more."""
    more = permissions_of(account.roles) - by.permissions
    if more:
        text = f"{account.name} may do what you may not ({min(more)}); ask one of the owners"
        raise AccessRefused("beyond-own-permissions", "", text)


def _changed(
    desk: AccessDesk, account: Account, wanted: Wanted, *, by: Principal, knows_user: KnowsUser
) -> Account:
    if wanted.name is not None:
        account = replace(account, name=_name(wanted.name))
    if wanted.display_name is not None:
        account = replace(account, display_name=_title(wanted.display_name))
    if wanted.email is not None:
        account = replace(account, email=_email(wanted.email))
    if wanted.user is not None:
        if wanted.user and not knows_user(wanted.user):
            text = f"the directory has no user {wanted.user!r}; make the user first"
            raise AccessRefused("unknown-user", "user", text)
        account = replace(account, user=UserId(wanted.user) if wanted.user else None)
    if wanted.roles is not None:
        account = replace(account, roles=_roles(wanted.roles, by))
    if wanted.is_enabled is not None:
        account = replace(account, is_enabled=wanted.is_enabled)
    if wanted.password is not None:
        account = replace(account, password_hash=_hash(desk, account, wanted.password))
    return account


def _name(text: str) -> str:
    name = text.strip().lower()
    if len(name) > EMAIL_CHARS_MAX or not _NAME.fullmatch(name):
        text = f"{text[:40]!r} is no name; use letters a-z, digits and . _ - + @"
        raise AccessRefused("bad-name", "name", text)
    return name


def _title(text: str) -> str:
    title = mended(text).strip()
    if len(title) > NAME_CHARS_MAX or not title.isprintable():
        text = f"is longer than {NAME_CHARS_MAX} characters or has signs that cannot be shown"
        raise AccessRefused("bad-name", "display_name", f"{text}; shorten it")
    return title


def _email(text: str) -> str | None:
    email = text.strip().lower()
    if not email:
        return None
    if len(email) > EMAIL_CHARS_MAX or not _EMAIL.fullmatch(email):
        raise AccessRefused("bad-email", "email", "is no address; write alice@example.com")
    return email


def _roles(roles: Sequence[str], by: Principal) -> tuple[str, ...]:
    for role in roles:
        if role not in ROLES:
            known = ", ".join(ROLES)
            raise AccessRefused("unknown-role", "roles", f"{role[:40]!r} is no role; use {known}")
    excess = beyond(permissions_of(roles), by.permissions)
    if excess:
        text = f"these roles allow {excess[0]}, which you may not; leave them out, or ask an owner"
        raise AccessRefused("beyond-own-permissions", "roles", text)
    return tuple(dict.fromkeys(roles))[:ROLE_KEYS_MAX]


def _hash(desk: AccessDesk, account: Account, password: str) -> str:
    mail = [account.email] if account.email else []
    words = [account.name, account.display_name, *mail, desk.organisation]
    why = objection(password, words)
    if why is not None:
        raise AccessRefused("weak-password", "password", why)
    return desk.hashes.hash(password, desk.new_secret(SALT_BYTES))


def _refuse_last_owner(desk: AccessDesk, account: Account) -> None:
    others = (other for other in every_account(desk.accounts) if other.id != account.id)
    if any(can_sign_in(other) and desk.lets_in(other) for other in others):
        return
    text = f"{account.name} is the last owner; give another one a password first"
    raise AccessRefused("last-owner", "", text)


def _taken() -> AccessRefused:
    text = "is another account's already; take another name or e-mail address"
    return AccessRefused("name-taken", "name", text)
