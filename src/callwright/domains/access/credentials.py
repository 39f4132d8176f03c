"""Secrets that we hand out: how they look, and how they are kept (hashed, never as they are)."""

import hashlib
from dataclasses import dataclass

TOKEN_PREFIX = "cw"
NAMELESS = "-"
"""In the place of the domain, while the organisation has none yet."""
SECRET_BYTES = 32
"""256 random bits: a plain hash is enough to keep them, there is nothing to guess."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A token or the value of a session's cookie, in its parts."""

    organisation: str
    """Domain of the organisation that knows the secret."""
    secret: str

    def __repr__(self) -> str:
        return f"Credential({self.organisation!r}, ...)"


def written(prefix: str, organisation: str, secret: str) -> str:
    """``cw_contoso.test_SECRET``: the prefix lets scanners of repositories find leaked ones."""
    return f"{prefix}_{organisation or NAMELESS}_{secret}"


def read(prefix: str, text: str) -> Credential | None:
    """None for what is not written so; domains have no underscore."""
    start, _, rest = text.partition("_")
    organisation, _, secret = rest.partition("_")
    if start != prefix or not organisation or not secret or len(text) > 512:
        return None
    return Credential(organisation, secret)


def fingerprint(secret: str) -> str:
    """What is stored of it, in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()
