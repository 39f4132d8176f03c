"""Names of header fields: canonical spelling, compact forms, and which of them are lists."""

from callwright.sip.syntax import is_token

COMPACT_FORMS = {
    "a": "Accept-Contact",
    "b": "Referred-By",
    "c": "Content-Type",
    "d": "Request-Disposition",
    "e": "Content-Encoding",
    "f": "From",
    "i": "Call-ID",
    "j": "Reject-Contact",
    "k": "Supported",
    "l": "Content-Length",
    "m": "Contact",
    "o": "Event",
    "r": "Refer-To",
    "s": "Subject",
    "t": "To",
    "u": "Allow-Events",
    "v": "Via",
    "x": "Session-Expires",
    "y": "Identity",
}
"""RFC 3261 §7.3.3 and the IANA registry of header fields."""

LIST_HEADERS = frozenset(
    {
        "Accept",
        "Accept-Contact",
        "Accept-Encoding",
        "Accept-Language",
        "Alert-Info",
        "Allow",
        "Allow-Events",
        "Call-Info",
        "Contact",
        "Content-Encoding",
        "Content-Language",
        "Diversion",
        "Error-Info",
        "History-Info",
        "In-Reply-To",
        "P-Asserted-Identity",
        "P-Associated-URI",
        "P-Preferred-Identity",
        "Path",
        "Proxy-Require",
        "Reason",
        "Record-Route",
        "Require",
        "Route",
        "Security-Client",
        "Security-Server",
        "Security-Verify",
        "Service-Route",
        "Supported",
        "Unsupported",
        "Via",
        "Warning",
    }
)
"""Fields that are comma lists, so that two lines mean the same as one (RFC 3261 §7.3.1)."""

SINGLE_HEADERS = frozenset(
    {"Call-ID", "Content-Length", "Content-Type", "CSeq", "Expires", "From", "Max-Forwards", "To"}
)
"""Fields that decide what a message means: two of them are an error, not a choice."""

_OTHER_NAMES = (
    "Authentication-Info",
    "Authorization",
    "Content-Disposition",
    "Date",
    "Event",
    "Identity",
    "Min-Expires",
    "Min-SE",
    "MIME-Version",
    "Organization",
    "P-Access-Network-Info",
    "P-Called-Party-ID",
    "P-Charging-Vector",
    "Priority",
    "Privacy",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "RAck",
    "Refer-Sub",
    "Refer-To",
    "Referred-By",
    "Remote-Party-ID",
    "Replaces",
    "Reply-To",
    "Request-Disposition",
    "Reject-Contact",
    "Retry-After",
    "RSeq",
    "Server",
    "Session-Expires",
    "Session-ID",
    "SIP-ETag",
    "SIP-If-Match",
    "Subject",
    "Subscription-State",
    "Target-Dialog",
    "Timestamp",
    "User-Agent",
    "WWW-Authenticate",
)
_KNOWN = sorted({*LIST_HEADERS, *SINGLE_HEADERS, *_OTHER_NAMES, *COMPACT_FORMS.values()})
_BY_LOWER = {name.lower(): name for name in _KNOWN} | COMPACT_FORMS

CANONICAL = {name: name for name in _KNOWN} | _BY_LOWER
"""The spellings that arrive most, for a look-up without a function call; see canonical_name."""


def canonical_name(name: str) -> str | None:
    """The one spelling of a field name (``call-id``, ``i`` -> ``Call-ID``); None: not a token.

    A name that is not known gets a capital after each dash, as in ``X-My-Header``.
    """
    lower = name.rstrip(" \t").lower()
    known = _BY_LOWER.get(lower)
    if known is not None:
        return known
    if not is_token(lower):
        return None
    return "-".join(part.capitalize() for part in lower.split("-"))
