"""Who may listen to agents, and speak with them, while they serve callers (SPEC 10.3)."""

from dataclasses import dataclass
from datetime import datetime

from callwright.kernel.decision import Decision, Step
from callwright.kernel.ids import CallId, CallQueueId, UserId
from callwright.kernel.reason import Reason
from callwright.kernel.supervision import SupervisionMode


@dataclass(frozen=True, slots=True)
class SupervisorRights:
    """What a user who is listed at queues may do there, by his voice applications policy."""

    queues: frozenset[CallQueueId]
    """Those that list the user."""
    most: SupervisionMode | None = None
    """None: the policy allows no supervision."""
    tells_agent: bool = False
    """The agent hears that a supervisor joins."""


@dataclass(frozen=True, slots=True)
class AgentTalk:
    """A conversation of an agent, as far as it matters here."""

    queue: CallQueueId | None
    """None: no queue brought the caller."""
    is_emergency: bool = False
    supervisor: UserId | None = None
    """Who is in it already."""


@dataclass(frozen=True, slots=True)
class SupervisionState:
    """A supervisor who is in an agent's call now."""

    supervisor: UserId
    agent: UserId
    mode: SupervisionMode
    call: CallId
    """The supervisor's own."""
    watched: CallId
    """The agent's."""
    since: datetime


def may_supervise(
    supervisor: UserId,
    agent: UserId,
    mode: SupervisionMode,
    *,
    rights: SupervisorRights | None,
    talk: AgentTalk | None,
) -> Decision[Reason | None]:
    """None: he may. ``talk`` is None while the agent talks to nobody.

    Who has no right at all is not told whether the agent talks.
    """
    what = f"{supervisor} may not {_DEEDS[mode]} {agent}"
    if supervisor == agent:
        return _refused(Reason.SUPERVISION_FORBIDDEN, what, "nobody supervises himself")
    allowed = _may_at_all(what, mode, rights)
    if rights is None or allowed.value is not None:
        return allowed
    if talk is None:
        return _refused(Reason.AGENT_NOT_TALKING, what, f"{agent} talks to nobody")
    if talk.is_emergency:
        return _refused(Reason.SUPERVISION_FORBIDDEN, what, "it is a call for help")
    if talk.queue is None or talk.queue not in rights.queues:
        return _no_queue_of_his(supervisor, agent, what)
    if talk.supervisor is not None:
        because = f"{talk.supervisor} supervises {agent} already"
        return _refused(Reason.SUPERVISED_ALREADY, what, because)
    because = f"queue {talk.queue} lists him, and {allowed.steps[-1].because}"
    return Decision(None, (Step(f"{supervisor} may {_DEEDS[mode]} {agent}", because),))


def may_stay(
    supervisor: UserId,
    agent: UserId,
    mode: SupervisionMode,
    *,
    rights: SupervisorRights | None,
    queue: CallQueueId,
) -> Decision[Reason | None]:
    """Whether who is in the call of an agent that ``queue`` brought, may go on there."""
    what = f"{supervisor} may no longer {_DEEDS[mode]} {agent}"
    allowed = _may_at_all(what, mode, rights)
    if rights is None or allowed.value is not None or queue in rights.queues:
        return allowed
    return _no_queue_of_his(supervisor, agent, what)


def may_change(
    supervisor: UserId, agent: UserId, mode: SupervisionMode, rights: SupervisorRights | None
) -> Decision[Reason | None]:
    """Whether who is in the agent's call already may do this there."""
    return _may_at_all(f"{supervisor} may not {_DEEDS[mode]} {agent}", mode, rights)


def _may_at_all(
    what: str, mode: SupervisionMode, rights: SupervisorRights | None
) -> Decision[Reason | None]:
    if rights is None or rights.most is None:
        because = "no voice applications policy of his allows it, or no queue lists him"
        return _refused(Reason.SUPERVISION_FORBIDDEN, what, because)
    if not rights.most.includes(mode):
        because = f"his voice applications policy allows {rights.most.value} at most"
        return _refused(Reason.SUPERVISION_FORBIDDEN, what, because)
    allows = f"his voice applications policy allows {rights.most.value}"
    return Decision(None, (Step(what.replace(" may not ", " may ", 1), allows),))


_DEEDS = {
    SupervisionMode.MONITOR: "listen to",
    SupervisionMode.WHISPER: "whisper to",
    SupervisionMode.BARGE: "join the call of",
    SupervisionMode.TAKEOVER: "take over the call of",
}


def _no_queue_of_his(supervisor: UserId, agent: UserId, what: str) -> Decision[Reason | None]:
    because = f"the call of {agent} came from no queue that lists {supervisor}"
    return _refused(Reason.SUPERVISION_FORBIDDEN, what, because)


def _refused(reason: Reason, what: str, because: str) -> Decision[Reason | None]:
    return Decision(reason, (Step(what, because),))
