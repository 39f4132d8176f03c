"""What a queue looks like now: who waits, and what its agents do. For boards, lamps and the API.

Pure values; instants are UTC. What is not known is None.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from callwright.kernel.ids import CallId, CallQueueId, UserId
from callwright.kernel.value import value


class WaitingState(Enum):
    GREETING = "greeting"
    """Hears the greeting; no agent rings yet."""
    WAITING = "waiting"
    RINGING = "ringing"
    """At least one agent rings for this caller."""
    AWAY = "away"
    """Asked to be called back, and keeps the place."""


class AgentCondition(Enum):
    """What an agent does, the first that applies in this order."""

    OFFLINE = "offline"
    """No phone is signed in."""
    OPTED_OUT = "opted-out"
    """Of this queue."""
    IN_CALL = "in-call"
    RINGING = "ringing"
    """For a caller of this or of another queue."""
    PAUSED = "paused"
    BUSY = "busy"
    """Not to be disturbed, or rung by a call that is no queue's."""
    WRAP_UP = "wrap-up"
    AVAILABLE = "available"


@value
class WaitingView:
    call: CallId
    caller: str
    """The address that people may see."""
    name: str | None
    since: datetime
    position: int
    """1 is served next."""
    priority: int
    state: WaitingState
    ringing: tuple[UserId, ...] = ()


@value
class AgentView:
    agent: UserId
    condition: AgentCondition
    since: datetime | None
    until: datetime | None = None
    """When wrap-up ends by itself."""
    talks_with: str | None = None
    """The address that people may see."""
    in_queue: CallQueueId | None = None
    """The queue whose caller the agent talks to, rings for or wraps up after."""
    is_paused: bool = False
    """Chose a pause, whatever the condition is: who pauses may sign out."""
    reason: str | None = None
    """Of the pause."""


@dataclass(frozen=True, slots=True)
class Membership:
    """An agent in one of the agent's queues."""

    queue: CallQueueId
    is_opted_in: bool
    may_opt_out: bool


@dataclass(frozen=True, slots=True)
class AgentCard:
    """An agent over all queues."""

    view: AgentView
    """``opted-out`` only where the agent is out of every queue."""
    queues: tuple[Membership, ...]
    """In the file's order."""


@dataclass(frozen=True, slots=True)
class QueueView:
    queue: CallQueueId
    waiting: tuple[WaitingView, ...]
    """In the order in which they are served."""
    agents: tuple[AgentView, ...]
    """In the queue's order."""
    service_level: float | None
    """Share of the last callers who were answered in time; None: no threshold, or nobody to
    count."""
    oldest_idle_wait_s: float
    """How long a caller has waited while an agent was free for it; 0 when all is well."""
