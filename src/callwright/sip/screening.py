"""Requests that no user need see: what RFC 3261 §8.2 has a user agent refuse by itself."""

from dataclasses import dataclass
from zlib import crc32

from callwright.sip.message import Request, Response, make_response
from callwright.sip.methods import ALLOW, IN_DIALOG_ONLY, KNOWN, SUPPORTED_EXTENSIONS
from callwright.sip.uri import UriError

SDP = "application/sdp"
ANSWERED_BY_US = frozenset({"OPTIONS", "REGISTER"})
"""What goes no further than this node, however few hops are left (RFC 3261 §16.3)."""
OVERLOAD_RETRY_S = 5
_SCHEMES = frozenset({"sip", "sips", "tel"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """A response that is the same for every copy of the request, so nothing is remembered."""

    status: int
    reason: str | None = None
    headers: tuple[tuple[str, str], ...] = ()

    def response(self, request: Request, user_agent: str) -> Response:
        return make_response(
            request,
            self.status,
            self.reason,
            headers=(*self.headers, ("Server", user_agent)),
            to_tag=stateless_tag(request),
        )


UNKNOWN_DIALOG = Refusal(481)
MERGED = Refusal(482)
OVERLOADED = Refusal(503, None, (("Retry-After", str(OVERLOAD_RETRY_S)),))


def screen(request: Request) -> Refusal | None:
    """Why a request is refused, in a dialog or not: method, then extensions (§8.2.1, §8.2.2.3)."""
    if request.method not in KNOWN:
        return Refusal(405, None, (ALLOW,))
    if request.header("Require") is not None:
        required = request.header_values("Require")
        unknown = [tag for tag in required if tag.lower() not in SUPPORTED_EXTENSIONS]
        if unknown:
            return Refusal(420, None, (("Unsupported", ", ".join(unknown)),))
    return None


def screen_initial(request: Request) -> Refusal | None:
    """Why a request outside a dialog is refused, beyond ``screen``; merging and load apart."""
    method = request.method
    if method in IN_DIALOG_ONLY:
        return UNKNOWN_DIALOG
    try:
        scheme = request.parsed_uri.scheme
    except UriError as error:
        return Refusal(400, str(error))
    if scheme not in _SCHEMES:
        return Refusal(416)
    if request.max_forwards == 0 and method not in ANSWERED_BY_US:
        return Refusal(483)
    return _screen_invite(request) if method == "INVITE" else None


def _screen_invite(request: Request) -> Refusal | None:
    if not request.contacts:
        return Refusal(400, "An INVITE has a Contact")
    if request.body:
        if request.content_type != SDP:
            return Refusal(415, None, (("Accept", SDP),))
        if (request.header("Content-Encoding") or "identity").lower() != "identity":
            return Refusal(415, None, (("Accept-Encoding", "identity"),))
    return None


def stateless_tag(request: Request) -> str:
    """The same To tag for each copy of a request (RFC 3261 §8.2.7)."""
    branch = next((value for name, value in request.headers if name == "Via"), "")
    call_id = request.header("Call-ID") or ""
    return f"{crc32(f'{branch} {call_id}'.encode('utf-8', 'surrogateescape')):08x}"
