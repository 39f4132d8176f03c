"""The second factor: codes that change every 30 seconds (RFC 6238), and codes on paper."""

import base64
import binascii
import hashlib
import hmac
from urllib.parse import quote, urlencode

from callwright.kernel.limits.access import TOTP_DRIFT_STEPS

STEP_S = 30
"""RFC 6238 §4.1 (X)."""
DIGITS = 6
SECRET_BYTES = 20
"""RFC 4226 §4 R6: 160 bits."""
RECOVERY_BYTES = 10
"""80 bits: nobody guesses them, and 16 characters can be typed."""


def code_at(secret: bytes, step: int) -> str:
    """The code of one step (RFC 4226 §5.3)."""
    digest = hmac.new(secret, step.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def step_of(code: str, secret: bytes, *, now_s: float, last_step: int) -> int | None:
    """The step whose code this is; None when it is wrong, too old, or was used already.

    ``last_step`` is that of the last code that was taken: a code counts once (RFC 6238 §5.2).
    """
    given = code.replace(" ", "")
    current = int(now_s) // STEP_S
    found = None
    for step in range(current - TOTP_DRIFT_STEPS, current + TOTP_DRIFT_STEPS + 1):
        is_same = hmac.compare_digest(code_at(secret, step).encode(), given.encode())
        if is_same and step > last_step:
            found = step
    return found


def provisioning_uri(secret: bytes, *, account: str, issuer: str) -> str:
    """What an authenticator app reads from a QR code (the Key URI format)."""
    label = f"{quote(issuer, safe='')}:{quote(account, safe='')}"
    query = {"secret": as_text(secret), "issuer": issuer, "digits": DIGITS, "period": STEP_S}
    return f"otpauth://totp/{label}?{urlencode(query, quote_via=quote)}"


def as_text(secret: bytes) -> str:
    """Base 32 without padding, as apps show it."""
    return base64.b32encode(secret).decode().rstrip("=")


def from_text(text: str) -> bytes:
    """Raises ValueError."""
    try:
        return base64.b32decode(text + "=" * (-len(text) % 8))
    except binascii.Error as error:
        raise ValueError("no base 32") from error


def recovery_code(secret: bytes) -> str:
    """Sixteen characters in groups of four, of ``RECOVERY_BYTES`` random bytes."""
    text = as_text(secret).lower()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def recovery_plain(code: str) -> str:
    """What of a typed recovery code counts."""
    return "".join(c for c in code.lower() if c.isalnum())
