"""What a session description (RFC 8866) says about its streams."""

from callwright.kernel.value import value
from callwright.sip.sdp.carriage import BARE, Carriage

DIRECTIONS = frozenset({"sendrecv", "sendonly", "recvonly", "inactive"})
PLAIN_PROFILES = frozenset({"RTP/AVP", "RTP/AVPF"})
SDES_PROFILES = frozenset({"RTP/SAVP", "RTP/SAVPF"})
DTLS_PROFILES = frozenset({"UDP/TLS/RTP/SAVP", "UDP/TLS/RTP/SAVPF"})
AUDIO_PROFILES = PLAIN_PROFILES | SDES_PROFILES | DTLS_PROFILES
NOWHERE = "0.0.0.0"


class SdpError(ValueError):
    """The body is not a session description that can be used."""


@value
class Payload:
    number: int
    name: str
    """Upper case."""
    rate_hz: int
    channels: int = 1
    parameters: str = ""
    """The value of its a=fmtp: what its receiver asks for."""


@value
class Media:
    """One m-line with what belongs to it; session-wide values are filled in."""

    kind: str
    """``audio``, ``video``, ``image``, ..."""
    port: int
    """0: the stream is declined or gone."""
    protocol: str
    formats: tuple[str, ...]
    payloads: tuple[Payload, ...]
    """The formats that have a known meaning, in the order of preference. Only for audio by RTP."""
    ip: str | None
    """IPv4 or IPv6 address; None: absent, a host name, or multicast, which nobody here can use."""
    direction: str
    rtcp_port: int
    ptime_ms: int | None
    maxptime_ms: int | None
    codec_names: tuple[str, ...]
    """Of ``payloads``, each once, without what is no codec: DTMF events and comfort noise."""
    is_audio: bool
    """An audio stream that is in use and that we could speak with."""
    carriage: Carriage = BARE

    @property
    def is_nowhere(self) -> bool:
        """``c=0.0.0.0``: hold by the rules before RFC 3264 (its §8.4).

        With ICE it means only that no candidate was found yet (RFC 8838 §4.1; RFC 8840 §4.1.1).
        """
        return (self.ip == NOWHERE or self.ip == "::") and self.carriage.ice is None


@value
class SessionDescription:
    media: tuple[Media, ...]
    timing: str = "0 0"
    """The t-line, which an answer repeats (RFC 3264 §6)."""

    @property
    def audio(self) -> Media | None:
        """The first audio stream in use."""
        for media in self.media:
            if media.is_audio:
                return media
        return None

    def codec_names(self) -> tuple[str, ...]:
        """Upper-case names of the first audio stream in use, in its order."""
        audio = self.audio
        return () if audio is None else audio.codec_names

    @property
    def is_hold(self) -> bool:
        """The sender does not want to hear us."""
        audio = self.audio
        return audio is not None and (
            audio.direction in ("sendonly", "inactive") or audio.is_nowhere
        )
