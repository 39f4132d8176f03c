"""What the media engine tells: events of legs, and what was counted."""

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from callwright.kernel.ids import LegId
from callwright.kernel.value import value


class LegQuality(NamedTuple):
    """How one direction of a leg sounded; None where nothing was measured."""

    packets: int | None
    lost: int | None
    """By sequence numbers (RFC 3550 A.3)."""
    jitter_ms: float | None
    """RFC 3550 §6.4.1; None before two packets."""
    late: int | None
    """Came after their time to be played. Only where the engine played them out itself."""
    mos: float | None
    """Listening quality, 1.0 to 4.5 (ITU-T G.107 over RFC 3611 §4.7.5)."""


class LegStatistics(NamedTuple):
    """Counted on one leg; None where nothing was measured."""

    packets_received: int
    packets_sent: int
    bytes_received: int
    bytes_sent: int
    packets_lost: int
    """By sequence numbers of what was received (RFC 3550 A.3)."""
    packets_rejected: int
    """From an address that is not the peer's, not RTP, or not authentic."""
    jitter_ms: float | None
    """RFC 3550 §6.4.1; None before two packets."""
    round_trip_ms: float | None
    """From RTCP (RFC 3550 §6.4.1); None without reports."""
    received: LegQuality | None = None
    """What the peer sent, as we heard it; None before the first packet."""
    sent: LegQuality | None = None
    """What we sent, as the peer's reports say; None without reports."""


class RecordEnd(Enum):
    STOPPED = "stopped"
    MAX_LENGTH = "max-length"
    SILENCE = "silence"
    DTMF = "dtmf"
    LEG_CLOSED = "leg-closed"
    FAILED = "failed"
    """Disk full or path refused; what was written stays."""


@dataclass(frozen=True, slots=True)
class DtmfReceived:
    """One key press (RFC 4733: reported once, at its first packet; in-band: when it is certain)."""

    leg: LegId
    digit: str


@dataclass(frozen=True, slots=True)
class PlayFinished:
    """A play ran to its end. Not sent for plays that were stopped or replaced."""

    leg: LegId
    token: int


@dataclass(frozen=True, slots=True)
class RecordFinished:
    leg: LegId
    token: int
    path: str
    duration_ms: int
    """Length of the audio in the file, trailing silence that ended it cut off."""
    end: RecordEnd


@dataclass(frozen=True, slots=True)
class MediaTimeout:
    """No packet arrived on a leg for its timeout; sent once per silence."""

    leg: LegId


class Protected(Enum):
    ESTABLISHED = "established"
    FAILED = "failed"
    """No handshake, or not with the certificate that was announced. Nothing is sent in clear."""


@dataclass(frozen=True, slots=True)
class ProtectionChanged:
    """The end of a leg's DTLS handshake."""

    leg: LegId
    state: Protected


@dataclass(frozen=True, slots=True)
class TalkingChanged:
    """A member of a room began or ceased to talk (after 200 ms and 600 ms)."""

    leg: LegId
    is_talking: bool


@dataclass(frozen=True, slots=True)
class AudioHeard:
    """A piece of what the leg says, for a listener: s16le, mono."""

    leg: LegId
    token: int
    rate_hz: int
    """8,000, or 16,000 for a wideband leg."""
    pcm: bytes


@value
class LegClosed:
    """The last event of a leg."""

    leg: LegId
    statistics: LegStatistics


MediaEvent = (
    DtmfReceived
    | PlayFinished
    | RecordFinished
    | MediaTimeout
    | ProtectionChanged
    | TalkingChanged
    | AudioHeard
    | LegClosed
)
