"""The media engine's contract: commands in, events out (design §4).

Ids and ports are chosen by the caller, so that no command waits for an answer and the engine may
live on other threads or in another process. Commands about an unknown or closed leg are ignored
and counted. Audio inside is 16-bit linear PCM, mono, of 8,000 or 16,000 Hz.
"""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Protocol

from callwright.kernel.ids import LegId, PromptId, RoomId
from callwright.media.events import LegStatistics, MediaEvent
from callwright.media.remote import RemoteMedia


class RecordSide(Enum):
    """Whose voice a recording holds."""

    LEG = "leg"
    """What the leg says, mono."""
    MIXED = "mixed"
    """What the leg says and what it hears, mono."""
    STEREO = "stereo"
    """Left: what the leg says; right: what it hears."""


class MediaEngine(Protocol):
    """What every engine does; ``tests/contract`` holds each implementation to it."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate that DTLS handshakes show: upper-case hex pairs, colons."""
        ...

    def open_leg(self, leg: LegId, local_ip: str, rtp_port: int) -> None:
        """Receives on ``rtp_port`` (RTP) and ``rtp_port + 1`` (RTCP).

        Several legs may share a pair: packets go to the leg whose peer they come from. Raises
        OSError when somebody else holds a port: the caller then picks another one.
        """
        ...

    def set_remote(self, leg: LegId, remote: RemoteMedia) -> None:
        """Starts or changes the stream. A changed ip or port latches anew."""
        ...

    # -- who hears whom ----------------------------------------------------------------------------

    def bridge(self, one: LegId, other: LegId) -> None:
        """Relays between two legs, both ways, DTMF included; ends both legs' plays.

        Packets pass undecoded where codec and packet time agree, else transcoded. A leg is in at
        most one bridge or room: a new one replaces the old.
        """
        ...

    def unbridge(self, leg: LegId) -> None:
        """Ends the leg's bridge; its former peer is left silent, too."""
        ...

    def join_room(self, leg: LegId, room: RoomId) -> None:
        """Mixes the leg with the room's members: all hear all others. The first member makes the
        room, the last one to leave ends it. ``leave_room``, a bridge and its end take a leg out."""
        ...

    def leave_room(self, leg: LegId) -> None: ...

    def set_gain(self, speaker: LegId, listener: LegId, gain: float) -> None:
        """How loud one member hears another: 1.0 as it is, 0.0 not at all, up to 4.0.

        Both are members of one room; a pair that was not set has 1.0. Monitor is a member that
        nobody hears, whisper one that only the agent hears, barge one that all hear.
        """
        ...

    # -- prompts -----------------------------------------------------------------------------------

    def load_prompt(self, prompt: PromptId, pcm: bytes) -> None:
        """Takes decoded audio (s16le, 8000 Hz, mono); encoded once, shared by all listeners."""
        ...

    def unload_prompt(self, prompt: PromptId) -> None: ...

    def play(
        self,
        leg: LegId,
        prompts: Sequence[PromptId],
        *,
        loop: bool,
        token: int,
        start_ms: int = 0,
        under: float = 0.0,
    ) -> None:
        """Plays prompts one after the other, replacing the current play; `PlayFinished` at the end.

        While a bridged leg or a member of a room has a play, only that leg hears it, and its peers
        with the gain ``under`` (0.0: not at all). ``start_ms`` leaves out the beginning.
        """
        ...

    def stop_play(self, leg: LegId) -> None:
        """Silence within 20 ms; a bridged leg hears its peer again."""
        ...

    def tone(self, leg: LegId, frequency_hz: int, duration_ms: int, token: int) -> None:
        """Plays a sine of -10 dBm0 like a prompt; 0 ms: until stopped."""
        ...

    def send_dtmf(self, leg: LegId, digits: str, *, duration_ms: int = 100) -> None:
        """Sends RFC 4733 events, or tones to a peer without them, with 50 ms between digits."""
        ...

    # -- recording ---------------------------------------------------------------------------------

    def record(
        self,
        leg: LegId,
        path: str,
        *,
        max_ms: int,
        silence_ms: int,
        stop_digits: str,
        token: int,
        side: RecordSide = RecordSide.LEG,
    ) -> None:
        """Records into a file: ``.wav`` (PCM 16-bit) or ``.opus`` (Ogg), 8,000 Hz, or 16,000 Hz for
        a wideband leg.

        Ends at ``max_ms``, after ``silence_ms`` of silence (0: never), on a key in
        ``stop_digits``, or on ``stop_record``. The file is playable at every instant.
        """
        ...

    def pause_record(self, leg: LegId) -> None:
        """What is said until ``resume_record`` is not in the file, and takes no time in it."""
        ...

    def resume_record(self, leg: LegId) -> None: ...

    def stop_record(self, leg: LegId) -> None: ...

    # -- listening ---------------------------------------------------------------------------------

    def listen(self, leg: LegId, token: int) -> None:
        """From now on what the leg says comes as `AudioHeard`, 40 ms at a time, decoded and in
        order; what is lost is concealed, silence comes, too. A new token replaces the former.

        Pieces that nobody takes in time are dropped and counted.
        """
        ...

    def stop_listening(self, leg: LegId) -> None: ...

    # -- life --------------------------------------------------------------------------------------

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
