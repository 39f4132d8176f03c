"""Signing in by password or link. What is wrong is never told, and takes the same time to find."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from callwright.domains.access.account import Account, Identity, Session
from callwright.domains.access.credentials import SECRET_BYTES, fingerprint
from callwright.domains.access.lockout import Lockout
from callwright.domains.access.model import Permission
from callwright.operations.access.desk import AccessDesk
from callwright.operations.access.refusal import SignInRefused
from callwright.operations.access.second_factor import proves
from callwright.operations.actor import Actor

WRONG = "the name, the password or the code is wrong; try again"
CODE_NEEDED = "this account has a second factor; send its code, too"
LINK_UNKNOWN = (
    "the link is unknown, was used or is too old, or the code is wrong; ask for a new one"
)
BY_LINK = "link"
"""Stands for the name, among what the guard counts: who guesses links has no name."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    account: Account
    secret: str = field(repr=False)
    """Of the session that began."""


@dataclass(frozen=True, slots=True)
class Attempt:
    name: str
    password: str = field(repr=False)
    code: str = field(repr=False)
    """One-time or recovery code; "" where none was typed."""
    source: str
    """The smallest network that one owner has whole."""


class SignInGuard:
    """Lets nobody guess fast; one for a process, from any thread."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._lockout = Lockout()
        self._monotonic = monotonic
        self._turn = threading.Lock()

    def check(self, source: str, name: str) -> None:
        """Raises SignInRefused."""
        with self._turn:
            wait_s = self._lockout.wait_s(source, name, self._monotonic())
        if wait_s > 0:
            text = "there were too many wrong attempts; wait and try again"
            raise SignInRefused("wait", text, wait_s=wait_s)

    def failed(self, source: str, name: str) -> None:
        with self._turn:
            self._lockout.failed(source, name, self._monotonic())

    def succeeded(self, source: str, name: str) -> None:
        with self._turn:
            self._lockout.succeeded(source, name)


def sign_in(desk: AccessDesk | None, guard: SignInGuard, attempt: Attempt) -> SignedIn:
    """``desk`` is None where the organisation that was named does not exist.

    Raises SignInRefused.
    """
    name = attempt.name.strip().lower()[:320]
    named = f"{name} {desk.organisation if desk else ''}"
    guard.check(attempt.source, named)
    if desk is None:
        guard.failed(attempt.source, named)
        raise SignInRefused("wrong-credentials", WRONG)
    named_so, mailed_so = desk.accounts.named(name), desk.accounts.of_email(name)
    account = named_so or mailed_so
    known = account if account is not None and desk.lets_in(account) else None
    fits = desk.hashes.fits(attempt.password, known.password_hash if known else None)
    if known is None or not fits:
        guard.failed(attempt.source, named)
        raise SignInRefused("wrong-credentials", WRONG)
    if known.totp_secret is not None and not attempt.code:
        raise SignInRefused("second-factor-needed", CODE_NEEDED)
    if not proves(desk, known, attempt.code):
        guard.failed(attempt.source, named)
        raise SignInRefused("wrong-credentials", WRONG)
    guard.succeeded(attempt.source, named)
    return begin_session(desk, known, method="password", source=attempt.source)


def sign_in_by_link(
    desk: AccessDesk, guard: SignInGuard, secret: str, *, code: str, source: str
) -> SignedIn:
    """A link stands in for the password, not for the second factor. Raises SignInRefused."""
    guard.check(source, BY_LINK)
    hash, now = fingerprint(secret), desk.utc()
    id = desk.accounts.link(hash, now)
    account = None if id is None else desk.accounts.account(id)
    if account is not None and account.totp_secret is not None and not code:
        raise SignInRefused("second-factor-needed", CODE_NEEDED)
    if account is None or not desk.lets_in(account) or not proves(desk, account, code):
        guard.failed(source, BY_LINK)
        raise SignInRefused("link-unknown", LINK_UNKNOWN)
    if desk.accounts.take_link(hash, now) is None:
        raise SignInRefused("link-unknown", LINK_UNKNOWN)
    return begin_session(desk, account, method="link", source=source)


def sign_in_by_identity(
    desk: AccessDesk, identity: Identity, email: str | None, *, source: str
) -> SignedIn:
    """For whom an identity provider vouches; ``email`` is one that it verified, or None.

    An account is recognised by its mail once, and by the identity from then on. No account is made,
    and none that operates the system signs in so, though it was recognised when it could do less:
    who sets the provider up could make himself its owner. Raises SignInRefused.
    """
    account = desk.accounts.of_identity(identity)
    if account is None and email is not None:
        account = _recognised(desk, identity, desk.accounts.of_email(email))
    if account is None or not desk.lets_in(account) or _operates(account):
        text = "there is no account here for this identity; ask an administrator to make one"
        raise SignInRefused("no-account", text)
    return begin_session(desk, account, method="oidc", source=source)


def _recognised(desk: AccessDesk, identity: Identity, account: Account | None) -> Account | None:
    if account is None or account.identity is not None or not desk.lets_in(account):
        return None
    if _operates(account):
        return None
    after = replace(account, identity=identity)
    event = desk.event(Actor("account", account.name), "identity.known", account.name)
    desk.accounts.replace(after, event, seen=account, ends_sessions=False)
    return after


def _operates(account: Account) -> bool:
    return Permission.SYSTEM_WRITE in account.permissions


def begin_session(desk: AccessDesk, account: Account, *, method: str, source: str) -> SignedIn:
    """A fresh secret each time, so that nobody can prepare a session for somebody else."""
    secret = desk.new_secret(SECRET_BYTES).hex()
    now = desk.utc()
    session = Session(
        hash=fingerprint(secret),
        account=account.id,
        method=method,
        source=source,
        began_at=now,
        used_at=now,
    )
    actor = Actor("account", account.name)
    desk.accounts.begin_session(
        session, desk.event(actor, "signed-in", account.name, f"{method} from {source}")
    )
    return SignedIn(account, secret)
