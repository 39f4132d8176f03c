"""Session descriptions (RFC 8866) and the offer/answer model (RFC 3264) for one audio stream."""

from callwright.sip.sdp.description import Media, SdpError, SessionDescription, parse_sdp
from callwright.sip.sdp.negotiation import (
    AgreedAudio,
    LocalAudio,
    agree,
    answer,
    format_offer,
    says_the_same,
)

__all__ = [
    "AgreedAudio",
    "LocalAudio",
    "Media",
    "SdpError",
    "SessionDescription",
    "agree",
    "answer",
    "format_offer",
    "parse_sdp",
    "says_the_same",
]
