"""Credentials that let a browser use a TURN server for a while, and nobody for longer.

The way of coturn's ``use-auth-secret`` and of most TURN services: the user name says until when it
holds, the password is its HMAC-SHA1 under a secret that we share with the server. Neither side
stores anything, and the secret never reaches a browser.
"""

import base64
import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

_ADDRESS = re.compile(
    r"turns?:(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:\?transport=(?:udp|tcp))?"
)
MIN_SECRET_BYTES = 16
"""Who sees one credential may try secrets at leisure; a short one is found."""


class BadTurnServer(Exception):
    """An address or a secret that no TURN server can have."""


@dataclass(frozen=True, slots=True)
class TurnCredentials:
    username: str
    password: str = field(repr=False)
    expires_at: datetime


def turn_credentials(
    user: str, secret: bytes, *, now: datetime, lifetime: timedelta
) -> TurnCredentials:
    """``user`` is for the TURN server's log only. ``now`` has a zone. Raises BadTurnServer."""
    if len(secret) < MIN_SECRET_BYTES:
        raise BadTurnServer(f"the secret is shorter than {MIN_SECRET_BYTES} characters")
    expires_at = (now + lifetime).replace(microsecond=0)
    username = f"{int(expires_at.timestamp())}:{user}"
    proof = hmac.digest(secret, username.encode(), "sha1")
    return TurnCredentials(username, base64.b64encode(proof).decode(), expires_at)


def turn_address(text: str) -> str:
    """Checks ``turn:HOST[:PORT][?transport=udp|tcp]`` or ``turns:...`` (RFC 7065). Raises
    BadTurnServer."""
    if _ADDRESS.fullmatch(text) is None:
        raise BadTurnServer(f"{text!r} is no TURN server; write turn:HOST:PORT or turns:HOST:PORT")
    return text
