"""The media engine's contract: commands in, events out (design §4).

Ids and ports are chosen by the caller, so that no command waits for an answer and the engine may
live on other threads or in another process. Commands about an unknown or closed leg are ignored
and counted. Audio inside is 16-bit linear PCM, 8000 Hz, mono.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from callwright.kernel.ids import LegId, PromptId


class Codec(Enum):
    """Audio codecs with their static RTP payload types (RFC 3551 §6)."""

    PCMU = 0
    PCMA = 8


@dataclass(frozen=True, slots=True)
class RemoteMedia:
    """What the signalling agreed for one leg (RFC 3264)."""

    ip: str
    """IP address the peer named in SDP. Packets are accepted from this address only, from any
    port: the first one latches the port (symmetric RTP). See ``also_accept``."""
    rtp_port: int
    rtcp_port: int
    codec: Codec
    dtmf_payload_type: int | None
    """RFC 4733 telephone-event at 8000 Hz, or None."""
    ptime_ms: int = 20
    send: bool = True
    """False: send nothing (the peer is on hold with sendonly of its own, or inactive)."""
    receive: bool = True
    """False: ignore what arrives."""
    also_accept: str | None = None
    """The address that the signalling came from, when it differs from ``ip`` (a NATed phone)."""


@dataclass(frozen=True, slots=True)
class LegStatistics:
    """Counted on one leg; None where nothing was measured."""

    packets_received: int
    packets_sent: int
    bytes_received: int
    bytes_sent: int
    packets_lost: int
    """By sequence numbers of what was received (RFC 3550 A.3)."""
    packets_rejected: int
    """From an address that is not the peer's, or not RTP."""
    jitter_ms: float | None
    """RFC 3550 §6.4.1; None before two packets."""
    round_trip_ms: float | None
    """From RTCP (RFC 3550 §6.4.1); None without reports."""


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
    """One key press (RFC 4733: reported once, at its first packet)."""

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


@dataclass(frozen=True, slots=True)
class LegClosed:
    """The last event of a leg."""

    leg: LegId
    statistics: LegStatistics


MediaEvent = DtmfReceived | PlayFinished | RecordFinished | MediaTimeout | LegClosed


class MediaEngine(Protocol):
    """What every engine does; ``tests/contract`` holds each implementation to it."""

    def open_leg(self, leg: LegId, local_ip: str, rtp_port: int) -> None:
        """Binds ``rtp_port`` (RTP) and ``rtp_port + 1`` (RTCP).

        Raises OSError when a port is taken: the caller then picks another one.
        """
        ...

    def set_remote(self, leg: LegId, remote: RemoteMedia) -> None:
        """Starts or changes the stream. A changed ip or port latches anew."""
        ...

    def bridge(self, one: LegId, other: LegId) -> None:
        """Relays between two legs, both ways, DTMF included; ends both legs' plays.

        Packets pass undecoded where codec and packet time agree, else transcoded. A leg is in at
        most one bridge: a new one replaces the old.
        """
        ...

    def unbridge(self, leg: LegId) -> None:
        """Ends the leg's bridge; its former peer is left silent, too."""
        ...

    def load_prompt(self, prompt: PromptId, pcm: bytes) -> None:
        """Takes decoded audio (s16le, 8000 Hz, mono); encoded once, shared by all listeners."""
        ...

    def unload_prompt(self, prompt: PromptId) -> None: ...

    def play(self, leg: LegId, prompts: Sequence[PromptId], *, loop: bool, token: int) -> None:
        """Plays prompts one after the other, replacing the current play; `PlayFinished` at the end.

        While a bridged leg has a play (music on hold), it hears the play and not its peer.
        """
        ...

    def stop_play(self, leg: LegId) -> None:
        """Silence within 20 ms; a bridged leg hears its peer again."""
        ...

    def tone(self, leg: LegId, frequency_hz: int, duration_ms: int, token: int) -> None:
        """Plays a sine of -10 dBm0 like a prompt; 0 ms: until stopped."""
        ...

    def send_dtmf(self, leg: LegId, digits: str, *, duration_ms: int = 100) -> None:
        """Sends RFC 4733 events, digit after digit with 50 ms between them."""
        ...

    def record(
        self,
        leg: LegId,
        path: str,
        *,
        max_ms: int,
        silence_ms: int,
        stop_digits: str,
        token: int,
    ) -> None:
        """Writes what the leg says as WAV (PCM 16-bit, 8000 Hz, mono).

        Ends at ``max_ms``, after ``silence_ms`` of silence (0: never), on a key in
        ``stop_digits``, or on ``stop_record``. The file is playable at every instant.
        """
        ...

    def stop_record(self, leg: LegId) -> None: ...

    def set_media_timeout(self, leg: LegId, timeout_s: float) -> None:
        """0 switches it off, which it is at first."""
        ...

    def statistics(self, leg: LegId) -> LegStatistics | None:
        """A reading of a live leg; None when the leg is unknown."""
        ...

    def close_leg(self, leg: LegId) -> None:
        """Frees ports; ends plays, records and bridge; `LegClosed` follows."""
        ...

    def on_event(self, listener: Callable[[MediaEvent], None]) -> None:
        """Names the one listener; events come on the caller's event loop, in order per leg."""
        ...

    def close(self) -> None:
        """Ends every leg and thread."""
        ...
