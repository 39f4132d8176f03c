"""One leg of the simulated engine: what is agreed, what plays, and what was counted."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from callwright.kernel.addresses import HostPort
from callwright.kernel.ids import LegId
from callwright.media.events import LegStatistics
from callwright.media.remote import RemoteMedia
from callwright.testing.handset import PACKET_S, SILENCE, Sources
from callwright.testing.tape import Tape

if TYPE_CHECKING:
    from callwright.testing.simulated_rooms import SimulatedRoom

PAYLOAD_BYTES = 160
"""20 ms of G.711."""


@dataclass(frozen=True, slots=True, eq=False)
class Play:
    """Prompts one after the other: (name, seconds) each."""

    parts: tuple[tuple[str, float], ...]
    loop: bool
    token: int
    started_at_s: float
    under: float = 0.0
    """How loud the peers stay."""

    @property
    def ends_at_s(self) -> float:
        return self.started_at_s + sum(length_s for _, length_s in self.parts)

    def now(self, at_s: float) -> Sources:
        """The prompt that sounds at this instant."""
        total_s = self.ends_at_s - self.started_at_s
        elapsed_s = at_s - self.started_at_s
        if self.loop and total_s:
            elapsed_s %= total_s
        for name, length_s in self.parts:
            if elapsed_s < length_s:
                return frozenset({name})
            elapsed_s -= length_s
        return SILENCE


class SimulatedLeg:
    """State and counters; the engine decides who hears whom."""

    __slots__ = (
        "_counted_at_s",
        "_received",
        "_rejected",
        "_sent",
        "id",
        "is_closed",
        "is_talking",
        "keys_until_s",
        "last_packet_s",
        "latched",
        "listener",
        "peer",
        "play",
        "port",
        "remote",
        "room",
        "seems_to_talk",
        "streams_in",
        "streams_out",
        "streams_rejected",
        "talk_changes",
        "tape",
        "timeout_s",
        "timeout_told",
    )

    def __init__(self, leg_id: LegId, port: int, now_s: float) -> None:
        self.id = leg_id
        self.port = port
        self.remote: RemoteMedia | None = None
        self.latched: HostPort | None = None
        """Where the accepted packets come from, and ours go."""
        self.peer: SimulatedLeg | None = None
        self.room: SimulatedRoom | None = None
        self.is_talking = self.seems_to_talk = False
        """In its room: as was told, and at this instant."""
        self.talk_changes = 0
        self.play: Play | None = None
        self.tape: Tape | None = None
        self.listener: int | None = None
        """The token of whoever listens."""
        self.is_closed = False
        self.keys_until_s = now_s
        """When the keys that we were told to send are out."""
        self.timeout_s = 0.0
        self.timeout_told = False
        self.last_packet_s = now_s
        self.streams_in = self.streams_out = self.streams_rejected = 0
        """How many streams flow since the last count."""
        self._counted_at_s = now_s
        self._received = self._sent = self._rejected = 0.0

    @property
    def around(self) -> "list[SimulatedLeg]":
        """Itself and those who hear it, or whom it hears."""
        if self.room is not None:
            return list(self.room.members)
        return [self] if self.peer is None else [self, self.peer]

    @property
    def is_sending(self) -> bool:
        return self.remote is not None and self.remote.send

    @property
    def target(self) -> HostPort | None:
        """Where packets go: back to where they come from, else where the signalling said."""
        if self.latched is not None or self.remote is None:
            return self.latched
        return HostPort(self.remote.ip, self.remote.rtp_port)

    def count(self, now_s: float) -> None:
        """Adds what flowed since the last count."""
        packets = (now_s - self._counted_at_s) / PACKET_S
        self._counted_at_s = now_s
        self._received += packets * self.streams_in
        self._sent += packets * self.streams_out
        self._rejected += packets * self.streams_rejected
        if self.streams_in:
            self.last_packet_s = now_s

    def statistics(self) -> LegStatistics:
        received, sent = round(self._received), round(self._sent)
        return LegStatistics(
            packets_received=received,
            packets_sent=sent,
            bytes_received=received * PAYLOAD_BYTES,
            bytes_sent=sent * PAYLOAD_BYTES,
            packets_lost=0,
            packets_rejected=round(self._rejected),
            jitter_ms=0.0 if received > 1 else None,
            round_trip_ms=None,
        )
