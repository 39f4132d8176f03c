"""Requests that no user need see: what RFC 3261 §8.2 has a user agent refuse by itself."""

from zlib import crc32

from callwright.kernel.value import value
from callwright.sip.bodies import SDP as SDP
from callwright.sip.message import Request, Response, make_response
from callwright.sip.methods import (
    ALLOW,
    IN_DIALOG_ONLY,
    KNOWN,
    SUPPORTED_EXTENSIONS,
)
from callwright.sip.service_urn import is_sos
from callwright.sip.session.expiry import TOO_SHORT, asks_too_often
from callwright.sip.uri import UriError

ANSWERED_BY_US = frozenset({"OPTIONS", "REGISTER"})
"""What goes no further than this node, however few hops are left (RFC 3261 §16.3)."""
OVERLOAD_RETRY_S = 5
REASON_CHARACTERS_MAX = 100
"""A reason phrase may quote what the peer sent; it need not send all of it back."""
_SCHEMES = frozenset({"sip", "tel"})
"""No sips, not even over TLS: it asks for TLS on every hop, which nobody can promise for a
trunk or a colleague's phone (RFC 5630 §5; SPEC 2.3)."""
_SDP_RANGES = frozenset({SDP, "application/*", "*/*"})


@value
class Refusal:
    """A response that is the same for every copy of the request, so nothing is remembered."""

    status: int
    reason: str | None = None
    headers: tuple[tuple[str, str], ...] = ()

    def response(self, request: Request, user_agent: str) -> Response:
        return make_response(
            request,
            self.status,
            self.reason and self.reason[:REASON_CHARACTERS_MAX],
            headers=(*self.headers, ("Server", user_agent)),
            to_tag=stateless_tag(request),
        )


UNKNOWN_DIALOG = Refusal(481)
MERGED = Refusal(482)
TOO_LARGE = Refusal(513)
OVERLOADED = Refusal(503, None, (("Retry-After", str(OVERLOAD_RETRY_S)),))


def screen(request: Request) -> Refusal | None:
    """Why a request is refused, in a dialog or not: method, then extensions (§8.2.1, §8.2.2.3)."""
    if request.method not in KNOWN:
        return Refusal(501, None, (ALLOW,))
    if request.header("Require") is not None:
        required = request.header_values("Require")
        unknown = [tag for tag in required if tag.lower() not in SUPPORTED_EXTENSIONS]
        if unknown:
            return Refusal(420, None, (("Unsupported", ", ".join(unknown)),))
    if request.method in ("INVITE", "UPDATE") and asks_too_often(request):
        return Refusal(422, None, (TOO_SHORT,))
    return None


def screen_initial(request: Request) -> Refusal | None:
    """Why a request outside a dialog is refused, beyond ``screen``, but body, merging, load."""
    method = request.method
    if method in IN_DIALOG_ONLY:
        return UNKNOWN_DIALOG
    try:
        uri = request.parsed_uri
    except UriError as error:
        return Refusal(400, str(error))
    if uri.scheme not in _SCHEMES and not is_sos(uri):
        return Refusal(416)
    if request.max_forwards == 0 and method not in ANSWERED_BY_US:
        return Refusal(483)
    if method == "REGISTER" and not request.to.uri.is_sip:
        return Refusal(400, "To of a REGISTER is a SIP URI")  # RFC 3261 §10.2
    return _screen_invite(request) if method == "INVITE" else None


def screen_offer(request: Request) -> Refusal | None:
    """Why the body of an INVITE or UPDATE is refused before anybody reads it (§8.2.3).

    Apart from ``screen_initial``: a call for help is taken whatever it brings.
    """
    if request.body:
        if request.content_type != SDP:
            return Refusal(415, None, (("Accept", SDP),))
        if (request.header("Content-Encoding") or "identity").lower() != "identity":
            return Refusal(415, None, (("Accept-Encoding", "identity"),))
    return None


def _screen_invite(request: Request) -> Refusal | None:
    # A peer from before RFC 3261 need not name one (RFC 4475 §3.4.1): it is reached at its From.
    if not request.contacts and request.top_via.has_unique_branch:
        return Refusal(400, "An INVITE has a Contact")
    if not _takes_sdp(request):
        return Refusal(406, None, (("Warning", '399 callwright "Only SDP can be answered"'),))
    return None


def _takes_sdp(request: Request) -> bool:
    """Whether an answer with SDP may be given; without Accept it may (§20.1)."""
    if request.header("Accept") is None:
        return True
    ranges = {value.partition(";")[0].strip().lower() for value in request.header_values("Accept")}
    return not ranges.isdisjoint(_SDP_RANGES)


def stateless_tag(request: Request) -> str:
    """The same To tag for each copy of a request (RFC 3261 §8.2.7)."""
    via, call_id = request.header("Via") or "", request.header("Call-ID") or ""
    return f"{crc32(f'{via} {call_id}'.encode('utf-8', 'surrogateescape')):08x}"
