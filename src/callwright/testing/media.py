"""The media engine of a virtual world: who hears whom is worked out, no packet is sent.

Every source has a name. A phone is heard where a path leads: its stream is on, the simulated
network would carry it (NAT bindings, cut links), the leg accepts its address, and bridge, plays
and hold let it through (`paths`). Durations are virtual; recordings are real files with the phones'
tones in them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from callwright.kernel.addresses import HostPort
from callwright.kernel.ids import LegId, PromptId, RoomId
from callwright.media.engine import RecordSide
from callwright.media.events import (
    AudioHeard,
    LegClosed,
    LegStatistics,
    MediaEvent,
    MediaTimeout,
    PlayFinished,
    RecordEnd,
)
from callwright.media.remote import RemoteMedia
from callwright.testing.handset import Handset, Sources, Stream
from callwright.testing.network import Host
from callwright.testing.paths import ENGINE_FINGERPRINT, RELATCH_S, Paths
from callwright.testing.simulated_keys import SimulatedKeys
from callwright.testing.simulated_leg import Play, SimulatedLeg
from callwright.testing.simulated_rooms import SimulatedRooms
from callwright.testing.tape import Tape
from callwright.testing.tape_deck import TapeDeck

SAMPLES_PER_S = 8_000
FIRST_FREQUENCY_HZ = 400
FREQUENCY_STEP_HZ = 37
FREQUENCIES_MAX = 80
"""Tones stay below 3400 Hz; the 81st phone shares the first one's."""
FIRST_HANDSET_PORT = 40_000
PORTS_END = 65_536


@dataclass(slots=True)
class _LoadedPrompt:
    name: str
    length_s: float


@dataclass(slots=True)
class Counters:
    ignored: int = 0
    """Commands about legs that are not there."""
    events: int = 0


class SimulatedMedia:
    """A `MediaEngine` on a host of the simulated network."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.counters = Counters()
        self._loop = host.network.loop
        self._paths = Paths(host)
        self._deck = TapeDeck(self._loop, self._paths, self._tell)
        self._keys = SimulatedKeys(self._loop, self._paths, self._deck, self._tell)
        self._rooms = SimulatedRooms(
            self._loop, lambda leg: bool(self._paths.said_on(leg)), self._refresh, self._tell
        )
        self._is_closing = False
        self._next_ports: dict[Host, int] = {}
        self._legs: dict[LegId, SimulatedLeg] = {}
        self._ports: dict[int, list[SimulatedLeg]] = {}
        self._prompts: dict[PromptId, _LoadedPrompt] = {}
        self._listener: Callable[[MediaEvent], None] = lambda event: None
        host.network.on_change.append(self._refresh_all)

    # -- phones ------------------------------------------------------------------------------------

    @property
    def handsets(self) -> list[Handset]:
        return self._paths.handsets

    def handset(self, host: Host, name: str) -> Handset:
        """The audio of one phone call, on the next even port of the host; none is used again
        soon, so that packets for a call that is over miss the next one."""
        port = self._next_ports.get(host, FIRST_HANDSET_PORT)
        self._next_ports[host] = port + 2 if port + 2 < PORTS_END else FIRST_HANDSET_PORT
        step = self._tone_number(name)
        frequency_hz = FIRST_FREQUENCY_HZ + FREQUENCY_STEP_HZ * (step % FREQUENCIES_MAX)
        handset = Handset(self, host, port, name, frequency_hz)
        self.handsets.append(handset)
        return handset

    def _tone_number(self, name: str) -> int:
        names = list(dict.fromkeys(handset.name for handset in self.handsets))
        return names.index(name) if name in names else len(names)

    def forget(self, handset: Handset) -> None:
        if handset in self.handsets:
            self.handsets.remove(handset)

    def handset_changed(self, handset: Handset, former: Stream | None) -> None:
        for stream in {former, handset.stream}:
            for leg in () if stream is None else self._legs_at(stream.remote):
                self._refresh(leg)

    def key_pressed(self, handset: Handset, digit: str) -> None:
        stream = handset.stream
        leg = self._leg_of(handset)
        if stream is None or leg is None or not stream.sends_digits or leg.remote is None:
            return
        if leg.remote.dtmf_payload_type is not None and leg.remote.receive:
            transit_s = self.host.network.transit_s()
            self._loop.call_later(transit_s, self._keys.arrived, leg, digit)

    def said(self, handset: Handset, text: str) -> None:
        """A listener gets the text where a microphone would give samples."""
        leg = self._leg_of(handset)
        if leg is not None and leg.listener is not None and leg.remote and leg.remote.receive:
            self._tell(AudioHeard(leg.id, leg.listener, SAMPLES_PER_S, text.encode()))

    def is_recorded(self, handset: Handset) -> bool:
        """True while the leg that the handset talks to writes it down."""
        leg = self._leg_of(handset)
        return leg is not None and leg.tape is not None

    def heard_by(self, handset: Handset) -> Sources:
        return self._paths.heard_by(handset, self._legs.values())

    # -- MediaEngine -------------------------------------------------------------------------------

    @property
    def fingerprint(self) -> str:
        return ENGINE_FINGERPRINT

    def open_leg(self, leg: LegId, local_ip: str, rtp_port: int) -> None:
        opened = SimulatedLeg(leg, rtp_port, self._loop.time())
        self._legs[leg] = opened
        self._ports.setdefault(rtp_port, []).append(opened)

    def set_remote(self, leg: LegId, remote: RemoteMedia) -> None:
        known = self._known(leg)
        if known is None:
            return
        former, known.remote = known.remote, remote
        if former is None or _places(former) != _places(remote):
            known.latched = None
        self._refresh(known)

    def bridge(self, one: LegId, other: LegId) -> None:
        first, second = self._known(one), self._known(other)
        if first is None or second is None or first is second:
            return
        for leg in (first, second):
            self._separate(leg)
            leg.play = None
        first.peer, second.peer = second, first
        self._refresh(first)

    def unbridge(self, leg: LegId) -> None:
        known = self._known(leg)
        if known is not None:
            self._separate(known)

    def join_room(self, leg: LegId, room: RoomId) -> None:
        known = self._known(leg)
        if known is not None and (known.room is None or known.room.id != room):
            self._separate(known)
            self._rooms.join(known, room)

    def leave_room(self, leg: LegId) -> None:
        known = self._known(leg)
        if known is not None and known.room is not None:
            self._separate(known)

    def set_gain(self, speaker: LegId, listener: LegId, gain: float) -> None:
        one, other = self._known(speaker), self._known(listener)
        if one is None or other is None or not self._rooms.set_gain(one, other, gain):
            self.counters.ignored += 1

    def load_prompt(self, prompt: PromptId, pcm: bytes) -> None:
        self._prompts[prompt] = _LoadedPrompt(f"prompt {prompt}", len(pcm) / 2 / SAMPLES_PER_S)

    def name_prompt(self, prompt: PromptId, name: str) -> None:
        """What phones report when they hear it."""
        self._prompts[prompt].name = name

    def unload_prompt(self, prompt: PromptId) -> None:
        self._prompts.pop(prompt, None)

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
        loaded = [self._prompts[prompt] for prompt in prompts if prompt in self._prompts]
        parts = tuple((prompt.name, prompt.length_s) for prompt in loaded)
        began_s = self._loop.time() - start_ms / 1_000
        self._start_play(leg, Play(parts, loop, token, began_s, under))

    def stop_play(self, leg: LegId) -> None:
        known = self._known(leg)
        if known is not None:
            known.play = None
            self._refresh(known)

    def tone(self, leg: LegId, frequency_hz: int, duration_ms: int, token: int) -> None:
        parts = ((f"{frequency_hz} Hz", duration_ms / 1_000 or 1.0),)
        self._start_play(leg, Play(parts, duration_ms == 0, token, self._loop.time()))

    def send_dtmf(self, leg: LegId, digits: str, *, duration_ms: int = 100) -> None:
        known = self._known(leg)
        if known is not None:
            self._keys.send(known, digits, duration_ms)

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
        known = self._known(leg)
        if known is None:
            return

        def tape() -> Tape:
            return Tape(path, token, silence_ms / 1_000, stop_digits, max_ms / 1_000, side)

        self._deck.start(known, tape, path, token)

    def pause_record(self, leg: LegId) -> None:
        self._deck.pause(self._known(leg))

    def resume_record(self, leg: LegId) -> None:
        self._deck.resume(self._known(leg))

    def stop_record(self, leg: LegId) -> None:
        self._deck.end(self._known(leg), RecordEnd.STOPPED)

    def listen(self, leg: LegId, token: int) -> None:
        known = self._known(leg)
        if known is not None:
            known.listener = token

    def stop_listening(self, leg: LegId) -> None:
        known = self._known(leg)
        if known is not None:
            known.listener = None

    def set_media_timeout(self, leg: LegId, timeout_s: float) -> None:
        known = self._known(leg)
        if known is not None:
            known.timeout_s = timeout_s
            known.timeout_told = False
            known.last_packet_s = max(known.last_packet_s, self._loop.time())
            self._watch_timeout(known)

    def statistics(self, leg: LegId) -> LegStatistics | None:
        known = self._legs.get(leg)
        if known is None:
            return None
        known.count(self._loop.time())
        return known.statistics()

    def close_leg(self, leg: LegId) -> None:
        known = self._known(leg)
        if known is None:
            return
        known.play = None
        self._deck.end(known, RecordEnd.LEG_CLOSED)
        self._separate(known)
        known.count(self._loop.time())
        known.is_closed = True
        del self._legs[leg]
        self._ports[known.port].remove(known)
        self._tell(LegClosed(leg, known.statistics()))

    def on_event(self, listener: Callable[[MediaEvent], None]) -> None:
        self._listener = listener

    def close(self) -> None:
        """Events of the end come before this returns: there is no later."""
        self._is_closing = True
        for leg in tuple(self._legs):
            self.close_leg(leg)

    @property
    def open_count(self) -> int:
        return len(self._legs)

    def _legs_at(self, address: HostPort) -> tuple[SimulatedLeg, ...]:
        return tuple(self._ports.get(address.port, ())) if address.host == self.host.ip else ()

    def _leg_of(self, handset: Handset) -> SimulatedLeg | None:
        """The leg that takes the handset's packets."""
        legs = () if handset.stream is None else self._legs_at(handset.stream.remote)
        return next((leg for leg in legs if self._paths.takes_from(leg, handset)), None)

    # -- time --------------------------------------------------------------------------------------

    def _refresh_all(self) -> None:
        for leg in tuple(self._legs.values()):
            self._refresh(leg)

    def _refresh(self, leg: SimulatedLeg) -> None:
        """Something changed around the leg: count what was, watch what is."""
        now_s = self._loop.time()
        for each in leg.around:
            if each.is_closed:
                continue
            each.count(now_s)
            receives = each.remote is not None and each.remote.receive
            each.streams_in = len(self._paths.accepted(each)) if receives else 0
            each.streams_rejected = len(self._paths.arriving(each)) - len(
                self._paths.accepted(each)
            )
            each.streams_out = int(self._paths.has_audio_for(each))
            if each.streams_in:
                each.timeout_told = False
            self._watch_timeout(each)
            self._deck.watch(each)
            self._rooms.watch(each)

    def _look_later(self, leg: SimulatedLeg) -> None:
        """Packets from elsewhere are taken when the latched source was silent for long enough."""
        due_s = leg.last_packet_s + RELATCH_S
        if due_s > self._loop.time():
            self._loop.call_at(due_s, self._refresh, leg)

    def _watch_timeout(self, leg: SimulatedLeg) -> None:
        if leg.timeout_s and not leg.streams_in and not leg.timeout_told:
            self._loop.call_at(leg.last_packet_s + leg.timeout_s, self._look_for_silence, leg)

    def _look_for_silence(self, leg: SimulatedLeg) -> None:
        leg.count(self._loop.time())
        is_due = self._loop.time() >= leg.last_packet_s + leg.timeout_s
        if leg.is_closed or leg.streams_in or leg.timeout_told or not leg.timeout_s or not is_due:
            return
        leg.timeout_told = True
        self._tell(MediaTimeout(leg.id))

    def _start_play(self, leg: LegId, play: Play) -> None:
        known = self._known(leg)
        if known is None:
            return
        known.play = play
        if not play.loop:
            self._loop.call_at(play.ends_at_s, self._play_ended, known, play)
        self._refresh(known)

    def _play_ended(self, leg: SimulatedLeg, play: Play) -> None:
        if leg.play is play and not leg.is_closed:
            leg.play = None
            self._tell(PlayFinished(leg.id, play.token))
            self._refresh(leg)

    # -- ends --------------------------------------------------------------------------------------

    def _known(self, leg: LegId) -> SimulatedLeg | None:
        known = self._legs.get(leg)
        if known is None:
            self.counters.ignored += 1
        return known

    def _separate(self, leg: SimulatedLeg) -> None:
        peer, leg.peer = leg.peer, None
        if peer is not None:
            peer.peer = None
            self._refresh(peer)
        self._rooms.leave(leg)
        self._refresh(leg)

    def _tell(self, event: MediaEvent) -> None:
        """Later, on the loop: a command is over before its events come."""
        self.counters.events += 1
        if self._is_closing:
            self._listener(event)
        else:
            self._loop.call_soon(self._deliver, event)

    def _deliver(self, event: MediaEvent) -> None:
        self._listener(event)


def _places(remote: RemoteMedia) -> tuple[str, int, str | None]:
    """Where packets may come from; when that changes, the latch is open again."""
    return remote.ip, remote.rtp_port, remote.also_accept
