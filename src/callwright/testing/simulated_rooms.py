"""Rooms of the simulated engine: who is in them, how loud, and who talks."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from callwright.kernel.ids import LegId, RoomId
from callwright.media.events import MediaEvent, TalkingChanged
from callwright.testing.simulated_leg import SimulatedLeg

TALK_BEGINS_S = 0.2
TALK_ENDS_S = 0.6


@dataclass(slots=True)
class SimulatedRoom:
    """Members and the gains that differ from 1."""

    id: RoomId
    members: list[SimulatedLeg] = field(default_factory=list)
    gains: dict[tuple[LegId, LegId], float] = field(default_factory=dict)

    def heard_by(self, listener: SimulatedLeg) -> list[SimulatedLeg]:
        """Who is loud enough for the listener to be heard at all."""
        return [
            member
            for member in self.members
            if member is not listener and self.gains.get((member.id, listener.id), 1.0) > 0
        ]


class SimulatedRooms:
    """All rooms; ``refresh`` is called for legs around which something changed."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        is_heard: Callable[[SimulatedLeg], bool],
        refresh: Callable[[SimulatedLeg], None],
        tell: Callable[[MediaEvent], None],
    ) -> None:
        self._loop = loop
        self._is_heard = is_heard
        self._refresh = refresh
        self._tell = tell
        self._rooms: dict[RoomId, SimulatedRoom] = {}

    def join(self, leg: SimulatedLeg, number: RoomId) -> None:
        room = self._rooms.setdefault(number, SimulatedRoom(number))
        room.members.append(leg)
        leg.room = room
        self._refresh(leg)

    def leave(self, leg: SimulatedLeg) -> None:
        room, leg.room = leg.room, None
        if room is None:
            return
        room.members.remove(leg)
        room.gains = {pair: gain for pair, gain in room.gains.items() if leg.id not in pair}
        if room.members:
            self._refresh(room.members[0])
        else:
            del self._rooms[room.id]
        if leg.is_talking:
            leg.is_talking = False
            self._tell(TalkingChanged(leg.id, False))

    def set_gain(self, speaker: SimulatedLeg, listener: SimulatedLeg, gain: float) -> bool:
        """False unless both are in one room."""
        room = speaker.room
        if room is None or room is not listener.room:
            return False
        room.gains[speaker.id, listener.id] = gain
        self._refresh(listener)
        return True

    def watch(self, leg: SimulatedLeg) -> None:
        """Looks again, when it is time, whether the leg talks other than was told."""
        talks = leg.room is not None and self._is_heard(leg)
        if talks == leg.seems_to_talk:
            return
        leg.seems_to_talk = talks
        leg.talk_changes += 1
        after_s = TALK_BEGINS_S if talks else TALK_ENDS_S
        self._loop.call_later(after_s, self._talk_lasts, leg, leg.talk_changes)

    def _talk_lasts(self, leg: SimulatedLeg, change: int) -> None:
        is_over = leg.is_closed or leg.room is None or leg.talk_changes != change
        if not is_over and leg.is_talking != leg.seems_to_talk:
            leg.is_talking = leg.seems_to_talk
            self._tell(TalkingChanged(leg.id, leg.is_talking))
