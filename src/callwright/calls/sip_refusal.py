"""A final response that is no success, and the reason of an end, as call control speaks of them."""

from callwright.calls.leg import Failure
from callwright.kernel.plain_text import plain, plain_address
from callwright.kernel.reason import Reason
from callwright.sip.dialog import contact_uri
from callwright.sip.identity.reason import last_words
from callwright.sip.message import Response
from callwright.sip.redirection import redirect_targets, retry_after_s

ANSWERED_ELSEWHERE = ("Reason", 'SIP;cause=200;text="Call completed elsewhere"')
"""Keeps a missed-call entry off the phones that lost (RFC 3326; SPEC 2.4; row 78)."""


def failure_of(response: Response) -> Failure:
    phrase = response.reason
    if (said := last_words(response)) is not None:
        phrase = f"{phrase} ({said})"
    redirects: tuple[str, ...] = ()
    if response.status < 400:
        phrase = f"{phrase}: {plain(contact_uri(response) or 'nowhere')}"
        redirects = tuple(map(plain_address, redirect_targets(response)))
    return Failure(
        response.status,
        phrase,
        is_silence=response.is_local,
        redirects=redirects,
        retry_after_s=retry_after_s(response) if response.status == 503 else None,
    )


def why(reason: Reason, status: int) -> tuple[tuple[str, str], ...]:
    """The Reason header (RFC 3326); an ordinary end needs none."""
    if reason is Reason.COMPLETED_ELSEWHERE:
        return (ANSWERED_ELSEWHERE,)
    if reason in (Reason.NORMAL, Reason.CALLER_CANCELLED):
        return ()
    return (("Reason", f'SIP;cause={status};text="{reason.code}"'),)
