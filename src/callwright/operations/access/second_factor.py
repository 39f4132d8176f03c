"""One-time codes as a second factor: enrolling, taking away, and checking at sign-in."""

from dataclasses import dataclass, field

from callwright.domains.access.account import Account
from callwright.domains.access.credentials import fingerprint
from callwright.domains.access.model import Principal
from callwright.domains.access.one_time_codes import (
    RECOVERY_BYTES,
    SECRET_BYTES,
    as_text,
    from_text,
    provisioning_uri,
    recovery_code,
    recovery_plain,
    step_of,
)
from callwright.kernel.limits.access import RECOVERY_CODES
from callwright.operations.access.accounts import confirm, known_account, refuse_greater
from callwright.operations.access.desk import AccessDesk, actor_of
from callwright.operations.access.refusal import AccessRefused


@dataclass(frozen=True, slots=True)
class Offer:
    """For an authenticator app; holds once a code proves that the app has it."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


def offer_second_factor(desk: AccessDesk, id: str) -> Offer:
    """Nothing changes yet. Raises AccessRefused."""
    account = known_account(desk, id)
    secret = desk.new_secret(SECRET_BYTES)
    uri = provisioning_uri(secret, account=account.name, issuer=desk.organisation)
    return Offer(as_text(secret), uri)


def enrol_second_factor(
    desk: AccessDesk, id: str, *, secret: str, code: str, password: str, by: Principal
) -> tuple[str, ...]:
    """Returns the recovery codes, which are shown once. Raises AccessRefused."""
    account = known_account(desk, id)
    confirm(desk, account, password)
    step = _step(desk, secret, code)
    if step is None:
        text = "does not fit; check the clock of your device and type the code that it shows now"
        raise AccessRefused("wrong-code", "code", text)
    codes = tuple(recovery_code(desk.new_secret(RECOVERY_BYTES)) for _ in range(RECOVERY_CODES))
    hashes = [fingerprint(recovery_plain(code)) for code in codes]
    event = desk.event(actor_of(by), "second-factor.enrolled", account.name)
    desk.accounts.enrol(id, secret, hashes, event)
    desk.accounts.take_step(id, step)
    return codes


def drop_own_second_factor(desk: AccessDesk, id: str, *, password: str, by: Principal) -> None:
    """Raises AccessRefused."""
    account = known_account(desk, id)
    confirm(desk, account, password)
    event = desk.event(actor_of(by), "second-factor.dropped", account.name)
    desk.accounts.enrol(id, None, (), event)


def reset_second_factor(desk: AccessDesk, id: str, *, by: Principal) -> None:
    """For somebody who lost the device. Raises AccessRefused."""
    account = known_account(desk, id)
    refuse_greater(account, by)
    event = desk.event(actor_of(by), "second-factor.reset", account.name)
    desk.accounts.enrol(id, None, (), event)


def proves(desk: AccessDesk, account: Account, code: str) -> bool:
    """Whether this is a code that was not used yet; it is used up then."""
    if account.totp_secret is None:
        return True
    now_s = desk.utc().timestamp()
    secret = from_text(account.totp_secret)
    step = step_of(code, secret, now_s=now_s, last_step=account.totp_step)
    if step is not None:
        return desk.accounts.take_step(account.id, step)
    return desk.accounts.take_recovery(account.id, fingerprint(recovery_plain(code)))


def _step(desk: AccessDesk, secret: str, code: str) -> int | None:
    try:
        binary = from_text(secret)
    except ValueError:
        binary = b""
    if len(binary) != SECRET_BYTES:
        raise AccessRefused("bad-secret", "secret", "is not the one offered; ask for a new one")
    return step_of(code, binary, now_s=desk.utc().timestamp(), last_step=0)
