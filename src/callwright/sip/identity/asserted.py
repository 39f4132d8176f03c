"""P-Asserted-Identity (RFC 3325) and Remote-Party-ID, its draft, which old gateways still send."""

from callwright.sip.message import Request
from callwright.sip.uri import NameAddr, UriError, parse_name_addr

ASSERTED = "P-Asserted-Identity"
PREFERRED = "P-Preferred-Identity"
REMOTE_PARTY = "Remote-Party-ID"


def asserted_identity(request: Request) -> NameAddr | None:
    """The identity that the sender vouches for; believe it of a trusted peer only (RFC 3325 §4).

    A tel URI is preferred where there are two (§9.1 allows one of each kind), for it is a number.
    """
    found = _first(request, ASSERTED)
    return found if found is not None else _calling_party(request)


def preferred_identity(request: Request) -> NameAddr | None:
    """The identity that a phone asks its proxy to vouch for (RFC 3325 §9.2): a wish, no more."""
    return _first(request, PREFERRED)


def hides_remote_party(request: Request) -> bool:
    """Remote-Party-ID says itself whether it may be shown: ``privacy=full`` or ``uri``."""
    party = _calling_party(request)
    wish = None if party is None else party.parameter("privacy")
    return wish is not None and wish.lower() not in ("off", "none")


def _first(request: Request, name: str) -> NameAddr | None:
    if request.header(name) is None:
        return None
    identities = []
    for value in request.header_values(name):
        try:
            identities.append(parse_name_addr(value))
        except UriError:
            continue
    numbers = [identity for identity in identities if identity.uri.scheme == "tel"]
    return next(iter((*numbers, *(i for i in identities if i.uri.is_sip))), None)


def _calling_party(request: Request) -> NameAddr | None:
    """Of several parties the calling one; a header without ``party`` is the caller's."""
    value = request.header(REMOTE_PARTY)
    if value is None:
        return None
    try:
        party = parse_name_addr(value)
    except UriError:
        return None
    return party if (party.parameter("party") or "calling").lower() == "calling" else None
