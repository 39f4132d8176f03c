"""Who supervises whom, and who may: the supervisors in agents' calls (SPEC 10.3)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from callwright.calls.call import Call
from callwright.calls.leg import Leg
from callwright.calls.supervised_talk import Supervision
from callwright.domains.queues import supervision as rules
from callwright.kernel.decision import Decision, Step
from callwright.kernel.ids import CallQueueId, UserId
from callwright.kernel.reason import Reason
from callwright.kernel.supervision import SUPERVISION_KEYS, SupervisionMode
from callwright.routing.request import Supervise
from callwright.routing.snapshot import Snapshot
from callwright.routing.supervision import supervisor_rights


@dataclass(frozen=True, slots=True, eq=False)
class Session:
    """A supervisor who is in an agent's call."""

    supervisor: UserId
    agent: UserId
    call: Call
    """The supervisor's own."""
    watched: Call
    """The agent's."""
    supervision: Supervision
    queue: CallQueueId
    """Which brought the agent's caller."""
    since: datetime

    def note(self, what: str, because: str) -> None:
        """In the records of both calls."""
        for call in (self.call, self.watched):
            call.note(Step(what, because))

    @property
    def mode(self) -> SupervisionMode:
        return self.supervision.mode

    def press(self, mode: SupervisionMode) -> None:
        """Changes over as the supervisor's own key would."""
        key = next(key for key, meant in SUPERVISION_KEYS.items() if meant is mode)
        self.supervision.supervisor.media.press(key)


class Supervisions:
    """Owns who supervises whom: an agent has one supervisor, a supervisor one agent."""

    def __init__(
        self,
        legs_of: Callable[[UserId], Mapping[Leg, Call]],
        served_queue: Callable[[UserId], CallQueueId | None],
        current: Callable[[], Snapshot | None],
    ) -> None:
        """``legs_of``: a user's live legs, each with its call; ``served_queue``: of which queue an
        agent serves a caller; ``current``: what is configured now, for a right that is taken is
        taken from who listens already, too."""
        self._legs_of = legs_of
        self._served_queue = served_queue
        self._current = current
        self._listeners: list[Callable[[], None]] = []
        self._sessions: dict[UserId, Session] = {}
        """By supervisor."""

    def __iter__(self) -> Iterator[Session]:
        return iter(tuple(self._sessions.values()))

    def of(self, supervisor: UserId) -> Session | None:
        return self._sessions.get(supervisor)

    def on_change(self, listener: Callable[[], None]) -> None:
        """Tells the listener when a session began, changed over or ended."""
        self._listeners.append(listener)

    def changed(self) -> None:
        for listener in self._listeners:
            listener()

    def judge(self, wanted: Supervise) -> Decision[Reason | None]:
        """Whether the supervisor may begin now, and why."""
        rights = self._rights(wanted.supervisor)
        found = self.talk_of(wanted.agent)
        facts = None if found is None else self._facts(wanted.agent, *found)
        if (facts is None or facts.queue is None) and not self._leads(rights, wanted.agent):
            facts = rules.AgentTalk(None)  # whether anybody else talks, and to whom, is not told
        decision = rules.may_supervise(
            wanted.supervisor,
            wanted.agent,
            wanted.mode,
            rights=rights,
            talk=facts,
        )
        busy_with = self.of(wanted.supervisor)
        if decision.value is None and busy_with is not None:
            what = f"{wanted.supervisor} may not supervise {wanted.agent}"
            step = Step(what, f"he supervises {busy_with.agent} already")
            return Decision(Reason.SUPERVISED_ALREADY, (step,))
        return decision

    def may_change(self, session: Session, mode: SupervisionMode) -> Decision[Reason | None]:
        """Whether the supervisor may do this in the call that he is in."""
        rights = self._rights(session.supervisor)
        return rules.may_change(session.supervisor, session.agent, mode, rights)

    def talk_of(self, agent: UserId) -> tuple[Leg, Call] | None:
        """The leg with which the agent talks, one with a queue's caller first."""
        talking = [
            (leg, call)
            for leg, call in self._legs_of(agent).items()
            if leg.is_answered and call.peer_of(leg) is not None
        ]
        talking.sort(key=lambda found: self.queue_of(agent, found[1]) is None)
        return talking[0] if talking else None

    def queue_of(self, agent: UserId, call: Call) -> CallQueueId | None:
        """The queue whose caller the agent serves in this call; None: it came in another way."""
        queue = self._served_queue(agent)
        return queue if queue is not None and queue == call.story.via else None

    def successor(self, session: Session) -> Leg | None:
        """Another leg of the agent, who talks to the same party with it."""
        party = session.supervision.party
        legs = self._legs_of(session.agent).items()
        return next((leg for leg, call in legs if party and call.peer_of(leg) is party), None)

    def begin(self, session: Session) -> None:
        self._sessions[session.supervisor] = session
        session.supervision.begin()
        self.changed()

    def end(self, session: Session) -> None:
        self._sessions.pop(session.supervisor, None)
        session.supervision.end()
        self.changed()

    def leave_to_help(self, call: Call, leg: Leg) -> None:
        """Ends each session in the call, or with the party, that is put through to help: nobody
        listens there."""
        for session in self:
            if session.watched is call or session.supervision.concerns(leg):
                _forbid(session, "it is a call for help")

    def look_again(self) -> None:
        """Ends each session that the configuration allows no longer."""
        for session in self:
            decision = rules.may_stay(
                session.supervisor,
                session.agent,
                session.mode,
                rights=self._rights(session.supervisor),
                queue=session.queue,
            )
            if decision.value is not None:
                _forbid(session, decision.steps[-1].because)

    def _facts(self, agent: UserId, leg: Leg, call: Call) -> rules.AgentTalk:
        by = next((each.supervisor for each in self if each.agent == agent), None)
        peer = call.peer_of(leg)
        is_supervising = any(each.call is call for each in self)
        is_emergency = call.is_emergency or (peer is not None and peer.is_emergency)
        queue = None if is_supervising else self.queue_of(agent, call)
        return rules.AgentTalk(queue, is_emergency, by)

    def _rights(self, supervisor: UserId) -> rules.SupervisorRights | None:
        snapshot = self._current()
        return None if snapshot is None else supervisor_rights(snapshot, supervisor)

    def _leads(self, rights: rules.SupervisorRights | None, agent: UserId) -> bool:
        snapshot = self._current()
        if snapshot is None or rights is None:
            return False
        queues = map(snapshot.queues.get, rights.queues)
        return any(queue is not None and agent in queue.agents for queue in queues)


def _forbid(session: Session, because: str) -> None:
    session.note(f"{session.supervisor} supervises {session.agent} no longer", because)
    session.call.end(Reason.SUPERVISION_FORBIDDEN)
