"""A final response that is no success, as call control speaks of it."""

from callwright.calls.leg import Failure
from callwright.kernel.plain_text import plain, plain_address
from callwright.sip.dialog import contact_uri
from callwright.sip.identity.reason import last_words
from callwright.sip.message import Response
from callwright.sip.redirection import redirect_targets, retry_after_s


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
