"""Session descriptions (RFC 8866) and the offer/answer model (RFC 3264) for one audio stream."""

from callwright.sip.sdp.agreement import AgreedAudio, DtlsRole, IcePair, SdesKeys
from callwright.sip.sdp.carriage import Carriage, IceCredentials
from callwright.sip.sdp.description import (
    Media,
    Payload,
    SdpError,
    SessionDescription,
)
from callwright.sip.sdp.exchange import AudioExchange, Identity, Proposal
from callwright.sip.sdp.negotiation import (
    Encryption,
    agree,
    answer,
    format_offer,
    is_usable,
    usable_stream,
)
from callwright.sip.sdp.reading import parse_sdp
from callwright.sip.sdp.writing import LocalAudio, says_the_same

__all__ = [
    "AgreedAudio",
    "AudioExchange",
    "Carriage",
    "DtlsRole",
    "Encryption",
    "IceCredentials",
    "IcePair",
    "Identity",
    "LocalAudio",
    "Media",
    "Payload",
    "Proposal",
    "SdesKeys",
    "SdpError",
    "SessionDescription",
    "agree",
    "answer",
    "format_offer",
    "is_usable",
    "parse_sdp",
    "says_the_same",
    "usable_stream",
]
