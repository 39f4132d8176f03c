"""Where a 3xx sends a call (RFC 3261 §8.1.3.4), and how long a 503 asks to be left alone."""

from callwright.kernel.limits.trunks import REDIRECTS_MAX
from callwright.sip.identity.numbers import line_of
from callwright.sip.message import Response, parse_seconds
from callwright.sip.uri import NameAddr, UriError

_Q_DEFAULT = 1.0


def redirect_targets(response: Response) -> tuple[str, ...]:
    """Lines and names that the Contacts mean, the best q first, each once.

    Only what can be dialled: whoever follows them asks the routing, never the host they name.
    """
    try:
        contacts = response.contacts
    except UriError:
        return ()
    found = [line_of(contact.uri) for contact in sorted(contacts, key=_q, reverse=True)]
    return tuple(dict.fromkeys(text for text in found if text))[:REDIRECTS_MAX]


def retry_after_s(response: Response) -> int | None:
    """``120 (in the afternoon);duration=60`` is 120 seconds (§20.33); None: nothing readable."""
    value = response.header("Retry-After")
    if value is None:
        return None
    return parse_seconds(value.partition(";")[0].partition("(")[0].strip())


def _q(contact: NameAddr) -> float:
    text = contact.parameter("q")
    try:
        q = _Q_DEFAULT if text is None else float(text)
    except ValueError:
        return 0.0
    return q if 0.0 <= q <= 1.0 else 0.0
