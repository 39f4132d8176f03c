"""Texts between people (RFC 3428): what of a MESSAGE goes on, and what its sender is told."""

from callwright.kernel.limits.texts import TEXT_MESSAGE_BYTES_MAX, TEXT_UDP_BYTES_MAX
from callwright.sip.flow import Flow
from callwright.sip.message import Request, Response

PLAIN = "text/plain"
CARRIED = frozenset(
    {
        "Subject",
        "Date",
        "Expires",
        "In-Reply-To",
        "Content-Language",
        "Content-Disposition",
        "Content-Encoding",
    }
)
"""Headers that belong to the text and not to the hop it came on."""
_SAID_OF_THE_TEXT = frozenset({413, 415, 486, 488, 493, 513, 600, 603, 606})
"""Refusals that the sender can make something of; others are about us and the phone."""
UNREACHED = 480
TOO_LARGE = 513


def carried_headers(request: Request) -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.headers if name in CARRIED]


def content_type_of(request: Request) -> str:
    """As it came, parameters and all."""
    return request.header("Content-Type") or PLAIN


def is_too_large(request: Request) -> bool:
    return len(request.body) > TEXT_MESSAGE_BYTES_MAX


def fits(body: bytes, flow: Flow) -> bool:
    """A datagram that the path cuts into pieces may get lost without anybody noticing (§8)."""
    return flow.is_reliable or len(body) <= TEXT_UDP_BYTES_MAX


def told_status(response: Response) -> int:
    """What the sender of a text is told of one phone's answer."""
    if response.status < 300 or response.status in _SAID_OF_THE_TEXT:
        return response.status
    return UNREACHED
