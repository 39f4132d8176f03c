"""Privacy (RFC 3323, RFC 3325 §9.3): whether a caller wants to stay unknown to the called party."""

from callwright.sip.message import Request
from callwright.sip.uri import NameAddr, Uri

PRIVACY = "Privacy"
KEPT = (PRIVACY, "id")
"""Tells whoever gets an identity not to show it (RFC 3325 §9.3)."""
ANONYMOUS_USER = "anonymous"
ANONYMOUS_HOST = "anonymous.invalid"
"""RFC 3323 §4.1.1.3."""
_HIDES = frozenset({"id", "user", "header"})
"""``session`` and ``history`` are kept for every call: no address of one party reaches another."""


def wants_anonymity(request: Request) -> bool:
    """True: nobody who is not trusted may learn who calls.

    ``none`` is a wish, too: whoever says so is shown, whatever From looks like.
    """
    value = request.header(PRIVACY)
    if value is not None:
        wishes = {part.strip(" \t").lower() for part in value.split(";")}
        if "none" in wishes:
            return False
        if wishes & _HIDES:
            return True
    return is_anonymous(request.from_.uri)


def is_anonymous(uri: Uri) -> bool:
    return uri.user.lower() == ANONYMOUS_USER or uri.host.lower() == ANONYMOUS_HOST


def anonymous(name: str = "") -> NameAddr:
    """A From that names nobody; ``name`` may still say through which line the call came."""
    uri = Uri("sip", ANONYMOUS_USER, host=ANONYMOUS_HOST)
    return NameAddr(name or "Anonymous", uri)
