"""One leg's audio as verbs that a voice app can await: play, collect, record."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from secrets import token_bytes

from callwright.calls.listening import Listening
from callwright.calls.party_input import PartyInput, be_over
from callwright.calls.ports import NOBODY_KNOWN, MediaPeer, PortsExhausted, RtpPorts
from callwright.calls.running_recording import RunningRecording
from callwright.kernel.ids import LegId, RoomId
from callwright.kernel.phrases import Heard, Phrases
from callwright.kernel.prompt import Prompt
from callwright.kernel.reason import Reason
from callwright.media.engine import MediaEngine, RecordSide
from callwright.media.events import (
    AudioHeard,
    DtmfReceived,
    LegClosed,
    LegStatistics,
    MediaEvent,
    MediaTimeout,
    PlayFinished,
    Protected,
    ProtectionChanged,
    RecordEnd,
    RecordFinished,
)
from callwright.media.library import PromptLibrary
from callwright.media.recognition import NoRecogniser, Recogniser
from callwright.media.remote import RemoteMedia

BIND_ATTEMPTS_MAX = 500
"""Ports that something else on the machine may hold before we give up."""


class MediaRoom:
    """Opens media legs and brings each engine event to its leg."""

    def __init__(
        self,
        engine: MediaEngine,
        prompts: PromptLibrary,
        ports: RtpPorts,
        bind_ips: Sequence[str],
        new_secret: Callable[[int], bytes] = token_bytes,
        *,
        ids_from: int = 1,
        recogniser: Recogniser | None = None,
    ) -> None:
        """``bind_ips``: where audio is taken, one for each family of addresses. ``new_secret``:
        so many octets that nobody can guess, for keys. ``ids_from``: the first leg's, where
        others use the engine, too. ``recogniser``: None: callers have keys only."""
        self.engine = engine
        self.recogniser = recogniser or NoRecogniser()
        self.prompts = prompts
        self.new_secret = new_secret
        self._ports = ports
        self._bind_ips = {":" in ip: ip for ip in reversed(bind_ips)}
        self._legs: dict[LegId, MediaLeg] = {}
        self.ids_from = ids_from
        self._ids = count(ids_from)
        self.tokens = count(1)
        self.session_ids = count(1)
        """Of session descriptions (RFC 8866 §5.2)."""
        engine.on_event(self._dispatch)

    def open(self, own_ip: str = "", peer: MediaPeer = NOBODY_KNOWN) -> "MediaLeg":
        """Binds a port pair; raises PortsExhausted when none is to be had. ``own_ip``, which the
        peer is told, says whether it is IPv6."""
        return self._open(self._ports.take, own_ip, peer)

    def open_for_emergency(self, own_ip: str = "", peer: MediaPeer = NOBODY_KNOWN) -> "MediaLeg":
        """As ``open``, from the last ports if need be."""
        return self._open(self._ports.take_for_emergency, own_ip, peer)

    def _open(self, take: Callable[[MediaPeer], int], own_ip: str, peer: MediaPeer) -> "MediaLeg":
        leg_id = LegId(next(self._ids))
        is_v6 = ":" in own_ip
        bind_ip = self._bind_ips.get(is_v6, "::" if is_v6 else "0.0.0.0")
        for _ in range(BIND_ATTEMPTS_MAX):
            port = take(peer)
            try:
                self.engine.open_leg(leg_id, bind_ip, port)
            except OSError:
                self._ports.give_back(port, peer)
                continue
            leg = MediaLeg(leg_id, port, self, peer)
            self._legs[leg_id] = leg
            return leg
        raise PortsExhausted

    @property
    def open_count(self) -> int:
        return len(self._legs)

    def _dispatch(self, event: MediaEvent) -> None:
        leg = self._legs.get(event.leg)
        if leg is None:
            return
        if isinstance(event, LegClosed):
            del self._legs[event.leg]
            self._ports.give_back(leg.port, leg.peer)
        leg.handle(event)


class MediaLeg:
    """The audio of one leg. Verbs on a closed leg end at once, as if the party had left."""

    __slots__ = (
        "_input",
        "_is_barred",
        "_listening",
        "_play",
        "_recording",
        "_replaced",
        "_room",
        "closed",
        "id",
        "on_key",
        "on_lost",
        "on_signalled_key",
        "peer",
        "port",
        "presses_in_audio",
        "remote",
        "statistics",
    )

    def __init__(self, leg_id: LegId, port: int, room: MediaRoom, peer: MediaPeer) -> None:
        self.id = leg_id
        self.port = port
        self.peer = peer
        self.closed = False
        self.remote: RemoteMedia | None = None
        """What signalling agreed last."""
        self.statistics: LegStatistics | None = None
        """What was counted, once the leg is closed."""
        self.on_lost: Callable[[Reason], None] | None = None
        """Called when nothing arrived for the leg's media timeout, or nothing readable will."""
        self.on_key: Callable[[str], None] | None = None
        """Called with each key that came in the audio."""
        self.on_signalled_key: Callable[[str], None] | None = None
        self.presses_in_audio = False
        """A key of the party came there, not by signalling."""
        self._room = room
        self._input = PartyInput()
        self._is_barred = False
        self._play: tuple[int, asyncio.Future[None]] | None = None
        self._recording: RunningRecording | None = None
        self._replaced: RunningRecording | None = None
        """The recording that the last one ended, until the engine says what it holds."""
        self._listening: Listening | None = None

    @property
    def number(self) -> int:
        """How many legs this node had with it; for records, where ``id`` means nothing."""
        return self.id - self._room.ids_from + 1

    def connect(self, remote: RemoteMedia) -> None:
        self.remote = remote
        self._room.engine.set_remote(self.id, remote)

    def reading(self) -> LegStatistics | None:
        """What was counted until now."""
        return self.statistics if self.closed else self._room.engine.statistics(self.id)

    def bridge(self, other: "MediaLeg") -> None:
        self._end_play()
        other._end_play()
        self._room.engine.bridge(self.id, other.id)

    def unbridge(self) -> None:
        self._room.engine.unbridge(self.id)

    def join(self, room: RoomId) -> None:
        """Mixes this leg with all others in the room (see `MediaEngine.join_room`)."""
        self._room.engine.join_room(self.id, room)

    def leave(self) -> None:
        self._room.engine.leave_room(self.id)

    def set_gain(self, listener: "MediaLeg", gain: float) -> None:
        """How loud another member of the room hears this one: 1.0 as it is, 0.0 not at all."""
        self._room.engine.set_gain(self.id, listener.id, gain)

    async def play(self, *prompts: Prompt, start_ms: int = 0) -> None:
        """Plays to the end; returns early when the play is stopped or replaced."""
        await self._fetch(prompts)
        await self._start(prompts, loop=False, start_ms=start_ms)

    def start_play(
        self, *prompts: Prompt, loop: bool = False, start_ms: int = 0, under: float = 0.0
    ) -> None:
        """Starts a play that nobody waits for: music, ringing tone, an announcement to this party
        alone, with its peers ``under`` it. What has to be rendered first is left out."""
        self._start(prompts, loop=loop, start_ms=start_ms, under=under)

    def stop_play(self) -> None:
        if self._end_play():
            self._room.engine.stop_play(self.id)

    @property
    def is_playing(self) -> bool:
        return self._play is not None

    async def next_digit(self, within_s: float | None = None) -> str | None:
        """The next key pressed; None when there was none within the time."""
        if not self._input.has_key:
            await self._input.wait(within_s)
        return self._input.take_key()

    def understands(self, language: str) -> bool:
        """False: a caller of this language can press keys only (row 188)."""
        return self._room.recogniser.understands(language)

    def listen(self, phrases: Phrases) -> Listening:
        """From now until it is stopped, what the party says counts as input, as keys do. One
        listening at a time: a new one ends the former."""
        if self._listening is not None:
            self._listening.stop()
        room, forget = self._room, self._input.forget_heard
        ears = self.id, next(room.tokens), room.engine, room.recogniser
        self._listening = Listening(*ears, phrases, self._take_heard, forget)
        return self._listening

    async def next_input(self, within_s: float | None = None) -> str | Heard | None:
        """The next key, or what was heard meanwhile; None when there was neither in time."""
        if not self._input:
            await self._input.wait(within_s)
        if self._listening is not None:
            await self._listening.hear_out(self._input)
        return self._input.take()

    async def play_until_digit(self, *prompts: Prompt) -> bool:
        """Plays; a key ends it within 100 ms, and so does a phrase that was understood (barge-in).
        Returns True when input is waiting."""
        if not self._input:
            await self._fetch(prompts)
        if self._input:  # perhaps pressed while there was nothing to hear yet
            return True
        arrival = self._input.arrival()
        self._start(prompts, loop=False).add_done_callback(lambda _played: be_over(arrival))
        try:
            await arrival
        finally:
            self._input.no_longer_awaited()
            self.stop_play()
        return bool(self._input)

    def press(self, digit: str) -> None:
        """A key that came by signalling: it does what one in the audio does."""
        recording = self._recording
        if recording is not None and recording.is_ended_by(digit) and not self.closed:
            self._room.engine.stop_record(self.id)
        self._input.press(digit)
        if self.on_signalled_key is not None:
            self.on_signalled_key(digit)

    def send_key(self, key: str) -> None:
        """The party hears it as a telephone-event (RFC 4733), if it agreed on that."""
        self._room.engine.send_dtmf(self.id, key)

    def forget_digits(self) -> None:
        """What was pressed, and said, until now."""
        self._input.forget()

    async def record(
        self,
        path: Path,
        *,
        max_s: float,
        silence_s: float,
        stop_digits: str = "#",
        side: RecordSide = RecordSide.LEG,
    ) -> RecordFinished:
        """Records until the length, silence, a key or another recording ends it. ``path`` ends in
        wav or opus.

        When the waiting task is cancelled the recording goes on until `finish_record`.
        """
        token = next(self._room.tokens)
        done: asyncio.Future[RecordFinished] = asyncio.get_running_loop().create_future()
        self._replaced = self._recording
        self._recording = RunningRecording(token, stop_digits, done)
        if self.closed:
            done.set_result(RecordFinished(self.id, token, str(path), 0, RecordEnd.LEG_CLOSED))
            return done.result()
        self._room.engine.record(
            self.id,
            str(path),
            max_ms=int(max_s * 1000),
            silence_ms=int(silence_s * 1000),
            stop_digits=stop_digits,
            token=token,
            side=side,
        )
        return await asyncio.shield(done)

    def pause_record(self) -> None:
        """What is said until `resume_record` is not in the file, and takes no time in it."""
        self._room.engine.pause_record(self.id)

    def resume_record(self) -> None:
        self._room.engine.resume_record(self.id)

    async def finish_record(self) -> RecordFinished | None:
        """Ends the running recording and returns what it holds; None when there is none."""
        recording = self._recording
        if recording is None:
            return None
        if not recording.done.done() and not self.closed:
            self._room.engine.stop_record(self.id)
        return await asyncio.shield(recording.done)

    def watch_silence(self, timeout_s: float) -> None:
        """From now on somebody is to be heard. A handshake that failed before is told now."""
        if self._is_barred:
            loop = asyncio.get_running_loop()
            loop.call_soon(self._lose, Reason.ENCRYPTION_FAILED)
        self._room.engine.set_media_timeout(self.id, timeout_s)

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self.on_lost = self.on_key = self.on_signalled_key = None
            self._end_play()
            if self._listening is not None:
                self._listening.stop()
            self.statistics = self._room.engine.statistics(self.id)
            self._room.engine.close_leg(self.id)

    def handle(self, event: MediaEvent) -> None:
        match event:
            case LegClosed(statistics=statistics):  # of every leg, so it is looked for first
                self.statistics = statistics
                self._input.wake()
            case DtmfReceived(digit=digit):
                self.presses_in_audio = True
                self._input.press(digit)
                if self.on_key is not None:
                    self.on_key(digit)
            case AudioHeard(token=token, pcm=pcm, rate_hz=rate_hz):
                if self._listening is not None and self._listening.token == token:
                    self._listening.feed(pcm, rate_hz)
            case PlayFinished(token=token):
                if self._play is not None and self._play[0] == token:
                    self._end_play()
            case RecordFinished(token=token):
                for one in (self._recording, self._replaced):
                    if one is not None and one.token == token and not one.done.done():
                        one.done.set_result(event)
            case MediaTimeout():
                self._lose(Reason.MEDIA_TIMEOUT)
            case ProtectionChanged(state=Protected.FAILED):
                self._is_barred = True
                self._lose(Reason.ENCRYPTION_FAILED)

    async def _fetch(self, prompts: tuple[Prompt, ...]) -> None:
        """Has those rendered that nobody heard before."""
        library = self._room.prompts
        for prompt in prompts:
            if not self.closed and library.get(prompt) is None:
                await library.fetch(prompt)

    def _start(
        self, prompts: tuple[Prompt, ...], *, loop: bool, start_ms: int = 0, under: float = 0.0
    ) -> asyncio.Future[None]:
        self._end_play()
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        loaded = [self._room.prompts.get(prompt) for prompt in prompts]
        ids = [prompt.id for prompt in loaded if prompt is not None]
        if self.closed or not ids:
            done.set_result(None)
            return done
        token = next(self._room.tokens)
        self._play = (token, done)
        engine = self._room.engine
        engine.play(self.id, ids, loop=loop, token=token, start_ms=start_ms, under=under)
        return done

    def _lose(self, reason: Reason) -> None:
        if self.on_lost is not None:
            self.on_lost(reason)

    def _end_play(self) -> bool:
        if self._play is None:
            return False
        (_, done), self._play = self._play, None
        if not done.done():
            done.set_result(None)
        return True

    def _take_heard(self, heard: Heard) -> None:
        """What is not understood under a prompt is forgotten: it may be the prompt's echo, or a
        cough, and the prompt asks anyway."""
        if heard.phrase is not None or not self.is_playing:
            self._input.hear(heard)
