"""The media contract in the words of the extension module, whoever carries them out."""

from collections.abc import Sequence

from callwright.kernel.ids import LegId, PromptId, RoomId
from callwright.media import _native
from callwright.media.engine import RecordSide
from callwright.media.events import (
    AudioHeard,
    DtmfReceived,
    LegClosed,
    LegQuality,
    LegStatistics,
    MediaEvent,
    MediaTimeout,
    PlayFinished,
    Protected,
    ProtectionChanged,
    RecordEnd,
    RecordFinished,
    TalkingChanged,
)
from callwright.media.remote import AudioFormat, Dtls, RemoteMedia, Sdes


class NativeCommands:
    """What `MediaEngine` asks for, but for how events get to their listener."""

    def __init__(self, commands: _native.Commands) -> None:
        self._commands = commands
        self._malformed = 0

    def _order(self) -> _native.Commands:
        """Asked for each command: who has to prepare for one does it here."""
        return self._commands

    def _take_events(self, limit: int) -> list[MediaEvent]:
        return [_event_of(event) for event in self._commands.take_events(limit)]

    @property
    def fingerprint(self) -> str:
        return self._commands.fingerprint()

    def open_leg(self, leg: LegId, local_ip: str, rtp_port: int) -> None:
        self._order().open_leg(leg, local_ip, rtp_port)

    def set_remote(self, leg: LegId, remote: RemoteMedia) -> None:
        try:
            self._order().set_remote(
                leg,
                (remote.ip, remote.rtp_port, remote.rtcp_port, remote.also_accept),
                _format_of(remote.format),
                [_format_of(accepted) for accepted in remote.accepts],
                (
                    remote.ptime_ms,
                    remote.send,
                    remote.receive,
                    remote.rtcp_mux,
                    remote.dtmf_payload_type,
                    remote.comfort_noise_payload_type,
                ),
                _protection_of(remote.protection),
                None
                if remote.ice is None
                else (
                    remote.ice.local_ufrag,
                    remote.ice.local_password,
                    remote.ice.remote_ufrag,
                    remote.ice.remote_password,
                ),
            )
        except (ValueError, OverflowError):
            # What a peer wrote into its SDP must not raise here; the leg keeps what it had.
            self._malformed += 1

    def bridge(self, one: LegId, other: LegId) -> None:
        self._order().bridge(one, other)

    def unbridge(self, leg: LegId) -> None:
        self._order().unbridge(leg)

    def join_room(self, leg: LegId, room: RoomId) -> None:
        self._order().join_room(leg, room)

    def leave_room(self, leg: LegId) -> None:
        self._order().leave_room(leg)

    def set_gain(self, speaker: LegId, listener: LegId, gain: float) -> None:
        self._order().set_gain(speaker, listener, gain)

    def load_prompt(self, prompt: PromptId, pcm: bytes) -> None:
        self._order().load_prompt(prompt, pcm)

    def unload_prompt(self, prompt: PromptId) -> None:
        self._order().unload_prompt(prompt)

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
        self._order().play(leg, list(prompts), loop, token, start_ms, under)

    def stop_play(self, leg: LegId) -> None:
        self._order().stop_play(leg)

    def tone(self, leg: LegId, frequency_hz: int, duration_ms: int, token: int) -> None:
        self._order().tone(leg, frequency_hz, duration_ms, token)

    def send_dtmf(self, leg: LegId, digits: str, *, duration_ms: int = 100) -> None:
        self._order().send_dtmf(leg, digits, duration_ms)

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
        self._order().record(leg, path, max_ms, silence_ms, stop_digits, token, side.value)

    def pause_record(self, leg: LegId) -> None:
        self._order().pause_record(leg)

    def resume_record(self, leg: LegId) -> None:
        self._order().resume_record(leg)

    def stop_record(self, leg: LegId) -> None:
        self._order().stop_record(leg)

    def listen(self, leg: LegId, token: int) -> None:
        self._order().listen(leg, token)

    def stop_listening(self, leg: LegId) -> None:
        self._order().stop_listening(leg)

    def set_media_timeout(self, leg: LegId, timeout_s: float) -> None:
        self._order().set_media_timeout(leg, round(timeout_s * 1000) if timeout_s > 0 else None)

    def statistics(self, leg: LegId) -> LegStatistics | None:
        counters = self._commands.statistics(leg)
        return None if counters is None else _statistics_of(counters)

    def close_leg(self, leg: LegId) -> None:
        self._order().close_leg(leg)

    @property
    def ignored_commands(self) -> int:
        """Commands, or parts of them, that came to nothing: leg gone, prompt or key unknown."""
        return self._commands.ignored_commands() + self._malformed


def _format_of(audio: AudioFormat) -> "_native.Format":
    return audio.codec.value, audio.payload_type, audio.clock_hz, audio.parameters


def _protection_of(protection: Sdes | Dtls | None) -> "_native.Protection | None":
    if isinstance(protection, Sdes):
        return protection.suite.value, protection.local_key, protection.remote_key
    if isinstance(protection, Dtls):
        return protection.is_client, protection.fingerprint
    return None


def _statistics_of(counters: "_native.Counters") -> LegStatistics:
    received, sent = _quality_of(counters[8]), _quality_of(counters[9])
    return LegStatistics(*counters[:8], received, sent)


def _quality_of(fields: "_native.Quality | None") -> LegQuality | None:
    return None if fields is None else LegQuality(*fields)


def _event_of(event: "_native.Event") -> MediaEvent:
    leg = LegId(event[1])
    match event:
        case ("closed", _, counters):  # of every leg, so it is looked for first
            return LegClosed(leg, _statistics_of(counters))
        case ("dtmf", _, key):
            return DtmfReceived(leg, key)
        case ("play", _, token):
            return PlayFinished(leg, token)
        case ("record", _, token, path, duration_ms, end):
            return RecordFinished(leg, token, path, duration_ms, RecordEnd(end))
        case ("timeout", _):
            return MediaTimeout(leg)
        case ("protection", _, is_established):
            state = Protected.ESTABLISHED if is_established else Protected.FAILED
            return ProtectionChanged(leg, state)
        case ("talking", _, is_talking):
            return TalkingChanged(leg, is_talking)
        case ("audio", _, token, rate_hz, pcm):
            return AudioHeard(leg, token, rate_hz, pcm)
