"""Takes mail to a mail server (RFC 5321). Blocks; runs on a thread."""

import contextlib
import smtplib
from collections.abc import Iterable
from email import message_from_bytes, policy
from pathlib import Path

import structlog

from callwright.kernel.addresses import HostPort
from callwright.kernel.limits.mail import MAIL_SET_ASIDE_MAX

log = structlog.get_logger("callwright.mail")

SMTP_TIMEOUT_S = 20
SET_ASIDE = ".bad"
"""Suffix of a mail that no server will take as it is."""
ABOUT_THE_SERVER = frozenset({421, 530})
"""Answers that have nothing to do with the mail: it closes (RFC 5321 §3.8), it wants us to sign in
or to encrypt first (RFC 4954 §6, RFC 3207 §4)."""


def deliver(smtp: HostPort, paths: Iterable[Path]) -> list[Path]:
    """Sends each and deletes it; sets aside what is refused for good. Returns what to try later.

    Raises OSError or SMTPException where the server is the trouble and not a mail.
    """
    later = []
    with smtplib.SMTP(smtp.host, smtp.port, timeout=SMTP_TIMEOUT_S) as server:
        server.ehlo_or_helo_if_needed()
        for path in paths:
            if not _deliver_one(server, path):
                later.append(path)
    return later


def _deliver_one(server: smtplib.SMTP, path: Path) -> bool:
    """False: to be tried again."""
    try:
        mail = path.read_bytes()
    except FileNotFoundError:
        return True  # another program fetched it
    except OSError as error:
        log.error("a mail cannot be read", mail=path.name, because=error.strerror)
        return False
    try:
        sender, recipient = _envelope(mail)
        server.sendmail(sender, [recipient], _with_crlf(mail))
    except smtplib.SMTPServerDisconnected:
        raise
    except smtplib.SMTPRecipientsRefused as refusal:
        (code, text), *_ = refusal.recipients.values()
        return _is_over(path, code, text)
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as refusal:
        return _is_over(path, refusal.smtp_code, refusal.smtp_error)
    except ValueError as error:
        _set_aside(path, str(error))
    else:
        path.unlink(missing_ok=True)
    return True


def _is_over(path: Path, code: int, text: bytes | str) -> bool:
    """Whether this refusal is the last word on the mail (RFC 5321 §4.2.1)."""
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    if 500 <= code < 600 and code not in ABOUT_THE_SERVER:
        _set_aside(path, f"{code} {said}")
        return True
    log.warning("a mail waits", mail=path.name, because=f"{code} {said}")
    return False


def _set_aside(path: Path, why: str) -> None:
    log.error("a mail is undeliverable", mail=path.name, kept_as=path.stem + SET_ASIDE, because=why)
    with contextlib.suppress(FileNotFoundError):  # another program fetched it
        path.rename(path.with_suffix(SET_ASIDE))
    kept = sorted(path.parent.glob(f"*{SET_ASIDE}"))
    for oldest in kept[: max(0, len(kept) - MAIL_SET_ASIDE_MAX)]:
        oldest.unlink(missing_ok=True)


def _envelope(mail: bytes) -> tuple[str, str]:
    """Sender and recipient. Raises ValueError where a mail does not name one of each."""
    try:
        parsed = message_from_bytes(mail, policy=policy.default)
        (sender,), (recipient,) = parsed["From"].addresses, parsed["To"].addresses
        envelope = (sender.addr_spec, recipient.addr_spec)
    except (AttributeError, LookupError, TypeError) as error:
        raise ValueError(f"it names no sender or no recipient: {error}") from error
    if not all(address.isascii() for address in envelope):
        raise ValueError(f"an address is not ASCII: {envelope}")
    return envelope


def _with_crlf(mail: bytes) -> bytes:
    """Lines as they travel (RFC 5321 §2.3.8); servers refuse a bare LF."""
    return mail.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
