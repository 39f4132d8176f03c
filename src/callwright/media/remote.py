"""What signalling agreed for one leg's audio (RFC 3264): formats, addresses, keys, ICE."""

from dataclasses import dataclass, field
from enum import Enum

from callwright.kernel.value import value


class Codec(Enum):
    """Audio codecs by the name that SDP gives them, upper case (RFC 4855)."""

    PCMU = "PCMU"
    PCMA = "PCMA"
    G722 = "G722"
    OPUS = "OPUS"
    L16 = "L16"


STATIC_PAYLOAD_TYPES = {Codec.PCMU: 0, Codec.PCMA: 8, Codec.G722: 9}
"""RFC 3551 §6."""


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """A codec under the number that packets carry."""

    codec: Codec
    payload_type: int
    clock_hz: int = 8_000
    """Of RTP timestamps. Opus: 48,000 (RFC 7587 §4.1); G.722: 8,000 (RFC 3551 §4.5.2)."""
    parameters: str = ""
    """What the receiver of such packets asks for: the value of its ``a=fmtp``."""


class Suite(Enum):
    """SRTP protection profiles by the name that SDP gives them (RFC 4568 §6.2, RFC 7714 §14.2)."""

    AES_CM_128_HMAC_SHA1_80 = "AES_CM_128_HMAC_SHA1_80"
    AES_CM_128_HMAC_SHA1_32 = "AES_CM_128_HMAC_SHA1_32"
    AEAD_AES_128_GCM = "AEAD_AES_128_GCM"
    AEAD_AES_256_GCM = "AEAD_AES_256_GCM"


@dataclass(frozen=True, slots=True)
class Sdes:
    """Keys that the signalling carried (RFC 4568). They are secrets: never shown."""

    suite: Suite
    local_key: bytes = field(repr=False)
    """Master key and salt of what we send, one after the other: 30, 28 or 44 octets."""
    remote_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Dtls:
    """A handshake agrees on the keys (RFC 5763, 5764)."""

    is_client: bool
    """We begin the handshake (``a=setup:active`` is ours)."""
    fingerprint: str
    """SHA-256 of the peer's certificate: upper-case hex pairs with colons (RFC 8122 §5)."""


@dataclass(frozen=True, slots=True)
class IceSession:
    """Connectivity checks against us, who are a lite agent (RFC 8445 §2.5)."""

    local_ufrag: str
    local_password: str = field(repr=False)
    remote_ufrag: str
    remote_password: str = field(repr=False)


@value
class RemoteMedia:
    """One leg's stream, both ways."""

    ip: str
    """IP address the peer named in SDP. Packets are accepted from this address only, from any
    port: the first one latches the port (symmetric RTP). See ``also_accept``. With ``ice`` they
    are accepted from where the checks succeeded, and ``ip`` is not looked at."""
    rtp_port: int
    rtcp_port: int
    format: AudioFormat
    """What we send."""
    dtmf_payload_type: int | None
    """RFC 4733 telephone-event with the clock of ``format``; None: keys are sent as tones and heard
    in the audio."""
    ptime_ms: int = 20
    send: bool = True
    """False: send nothing (the peer is on hold with sendonly of its own, or inactive)."""
    receive: bool = True
    """False: ignore what arrives."""
    also_accept: str | None = None
    """The address that the signalling came from, when it differs from ``ip`` (a NATed phone)."""
    accepts: tuple[AudioFormat, ...] = ()
    """What else we said we take: the peer may change to it without a word."""
    comfort_noise_payload_type: int | None = None
    """RFC 3389, both ways; None: not agreed."""
    rtcp_mux: bool = False
    """RTCP on the port of RTP (RFC 5761)."""
    protection: Sdes | Dtls | None = None
    ice: IceSession | None = None
