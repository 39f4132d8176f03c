"""The native engine behind the media contract: converts, and brings events to the event loop."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

from callwright.kernel.ids import LegId, PromptId, RoomId
from callwright.media import _native
from callwright.media.engine import RecordSide
from callwright.media.events import (
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

EVENTS_PER_TURN_MAX = 256
"""Events delivered before other callbacks of the loop get their turn."""


class NativeEngine:
    """Implements `MediaEngine` with threads of its own, which run from creation to `close`.

    Not thread-safe towards itself: one thread, the one of the event loop, uses it.
    """

    def __init__(self) -> None:
        self._engine = _native.Engine()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listener: Callable[[MediaEvent], None] | None = None
        self._malformed = 0

    @property
    def fingerprint(self) -> str:
        return self._engine.fingerprint()

    def open_leg(self, leg: LegId, local_ip: str, rtp_port: int) -> None:
        self._engine.open_leg(leg, local_ip, rtp_port)

    def set_remote(self, leg: LegId, remote: RemoteMedia) -> None:
        try:
            self._engine.set_remote(
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
        self._engine.bridge(one, other)

    def unbridge(self, leg: LegId) -> None:
        self._engine.unbridge(leg)

    def join_room(self, leg: LegId, room: RoomId) -> None:
        self._engine.join_room(leg, room)

    def leave_room(self, leg: LegId) -> None:
        self._engine.leave_room(leg)

    def set_gain(self, speaker: LegId, listener: LegId, gain: float) -> None:
        self._engine.set_gain(speaker, listener, gain)

    def load_prompt(self, prompt: PromptId, pcm: bytes) -> None:
        self._engine.load_prompt(prompt, pcm)

    def unload_prompt(self, prompt: PromptId) -> None:
        self._engine.unload_prompt(prompt)

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
        self._engine.play(leg, list(prompts), loop, token, start_ms, under)

    def stop_play(self, leg: LegId) -> None:
        self._engine.stop_play(leg)

    def tone(self, leg: LegId, frequency_hz: int, duration_ms: int, token: int) -> None:
        self._engine.tone(leg, frequency_hz, duration_ms, token)

    def send_dtmf(self, leg: LegId, digits: str, *, duration_ms: int = 100) -> None:
        self._engine.send_dtmf(leg, digits, duration_ms)

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
        self._engine.record(leg, path, max_ms, silence_ms, stop_digits, token, side.value)

    def pause_record(self, leg: LegId) -> None:
        self._engine.pause_record(leg)

    def resume_record(self, leg: LegId) -> None:
        self._engine.resume_record(leg)

    def stop_record(self, leg: LegId) -> None:
        self._engine.stop_record(leg)

    def set_media_timeout(self, leg: LegId, timeout_s: float) -> None:
        self._engine.set_media_timeout(leg, round(timeout_s * 1000) if timeout_s > 0 else None)

    def statistics(self, leg: LegId) -> LegStatistics | None:
        counters = self._engine.statistics(leg)
        return None if counters is None else _statistics_of(counters)

    def close_leg(self, leg: LegId) -> None:
        self._engine.close_leg(leg)

    def on_event(self, listener: Callable[[MediaEvent], None]) -> None:
        """Names the one listener; the running loop becomes the one that events come on.

        Raises RuntimeError outside of a running loop.
        """
        loop = asyncio.get_running_loop()
        self._forget_loop()
        self._listener = listener
        self._loop = loop
        loop.add_reader(self._engine.event_descriptor(), self._deliver)

    def close(self) -> None:
        """Ends every leg and thread; the last events are delivered before it returns."""
        self._engine.close()
        self._forget_loop()
        while self._deliver():
            pass

    @property
    def ignored_commands(self) -> int:
        """Commands, or parts of them, that came to nothing: leg gone, prompt or key unknown."""
        return self._engine.ignored_commands() + self._malformed

    def _deliver(self) -> int:
        """Takes what has happened to the listener; returns how much that was."""
        events = self._engine.take_events(EVENTS_PER_TURN_MAX)
        for event in events:
            if self._listener is None:
                continue
            try:
                self._listener(_event_of(event))
            except Exception as error:
                # The defect of one leg's owner must not cost the events of other legs.
                self._report(error)
        return len(events)

    def _report(self, error: Exception) -> None:
        loop = self._loop
        if loop is None:
            raise error
        loop.call_exception_handler(
            {"message": "a listener to media events failed", "exception": error}
        )

    def _forget_loop(self) -> None:
        loop, self._loop = self._loop, None
        if loop is not None and not loop.is_closed():
            with suppress(NotImplementedError):
                loop.remove_reader(self._engine.event_descriptor())


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
        case ("closed", _, counters):
            return LegClosed(leg, _statistics_of(counters))
