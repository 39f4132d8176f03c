"""A supervisor in an agent's talk (SPEC 10.3): hears both, and is heard as the mode says.

The supervisor's leg stays its own call's. The agent's leg knows of the supervision, so that it goes
on through whatever the agent's call does: holds, a transfer that failed, a new peer.
"""

from callwright.calls.call import Call, owner_of
from callwright.calls.leg import Leg
from callwright.calls.talk_audio import connect
from callwright.kernel.ids import RoomId
from callwright.kernel.supervision import SupervisionMode


class Supervision:
    """Begins with ``begin``, ends with ``end``; ends of legs end nothing else here."""

    __slots__ = ("agent", "heard", "mode", "supervisor")

    def __init__(self, agent: Leg, supervisor: Leg, mode: SupervisionMode) -> None:
        self.agent = agent
        self.supervisor = supervisor
        self.mode = mode
        self.heard: tuple[Leg, ...] = ()
        """The two who were mixed last."""

    @property
    def room(self) -> RoomId:
        """No other room of the engine has this number: legs have each their own."""
        return RoomId(self.supervisor.media.id)

    def is_heard_by(self, listener: Leg) -> bool:
        match self.mode:
            case SupervisionMode.MONITOR:
                return False
            case SupervisionMode.WHISPER:
                return listener is self.agent
            case SupervisionMode.BARGE | SupervisionMode.TAKEOVER:
                return True

    def begin(self) -> None:
        self.agent.supervision = self
        self._connect()

    def restore(self) -> None:
        """Everybody hears again what he is to hear, after something else was played to him."""
        if self.agent.supervision is self:
            self._connect()

    def switch(self, mode: SupervisionMode) -> None:
        """Between monitor, whisper and barge."""
        self.mode = mode
        self._connect()

    @property
    def party(self) -> Leg | None:
        """Whom the agent talked to last."""
        return next((leg for leg in self.heard if leg is not self.agent), None)

    def concerns(self, leg: Leg) -> bool:
        """Whether the leg is the agent's, or of whom the agent talked to last."""
        return leg is self.agent or leg in self.heard

    def follow(self, agent: Leg) -> None:
        """The agent goes on with another phone."""
        self.agent.supervision = None
        self.agent = agent
        self.begin()

    def end(self) -> None:
        """Those who talk are alone again."""
        if self.agent.supervision is self:
            self.agent.supervision = None
            self._connect()
        self.supervisor.media.leave()

    def take_over(self, by: Call) -> Leg | None:
        """Gives the supervisor, whose call is ``by``, the agent's place. Returns the party that
        stays, to converse with; None: nobody talks there any more."""
        owner = owner_of(self.agent)
        if owner is None or not owner.can_give_place(self.agent):
            return None
        self.agent.supervision = None
        return owner.give_place(self.agent, self.supervisor, by)

    def _connect(self) -> None:
        owner = owner_of(self.agent)
        peer = None if owner is None else owner.peer_of(self.agent)
        if owner is not None and peer is not None and owner.is_talking:
            connect(self.agent, peer)
