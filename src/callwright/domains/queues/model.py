"""Settings of a call queue (SPEC 5.2)."""

from dataclasses import dataclass
from enum import Enum

from callwright.kernel.ids import CallQueueId, UserId
from callwright.kernel.limits import (
    QUEUE_ALERT_S_DEFAULT,
    QUEUE_TIMEOUT_S_DEFAULT,
    QUEUE_WAITING_DEFAULT,
)
from callwright.kernel.prompt import Prompt, Tune
from callwright.kernel.target import Disconnect, Target


class RoutingMethod(Enum):
    ATTENDANT = "attendant"
    """All at once, the first to answer wins."""
    SERIAL = "serial"
    ROUND_ROBIN = "round-robin"
    LONGEST_IDLE = "longest-idle"


@dataclass(frozen=True, slots=True)
class ExceptionAction:
    """Where a call goes that the queue does not serve, and what it hears first."""

    to: Target
    prompt: Prompt | None = None


@dataclass(frozen=True, slots=True)
class CallQueue:
    id: CallQueueId
    name: str
    agents: tuple[UserId, ...]
    """Groups resolved, duplicates dropped, in the order written."""
    routing: RoutingMethod = RoutingMethod.ATTENDANT
    greeting: Prompt | None = None
    music: Prompt = Tune.DEFAULT_MUSIC
    alert_s: int = QUEUE_ALERT_S_DEFAULT
    presence_based: bool = True
    """Agents in a call are not rung (row 129)."""
    max_waiting: int = QUEUE_WAITING_DEFAULT
    overflow: ExceptionAction = ExceptionAction(Disconnect())
    timeout_s: int = QUEUE_TIMEOUT_S_DEFAULT
    timeout: ExceptionAction = ExceptionAction(Disconnect())
    no_agents: ExceptionAction | None = None
    """None: callers wait although nobody is signed in (SPEC 5.2, text default)."""
