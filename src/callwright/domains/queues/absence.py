"""What an agent chose: not to be rung by one queue, or by none of them for a while.

Durable, unlike everything else that is known of an agent, which is derived from phones and calls.
"""

from dataclasses import dataclass
from datetime import datetime

from callwright.kernel.ids import CallQueueId, UserId


@dataclass(frozen=True, slots=True)
class Absence:
    user: UserId
    queue: CallQueueId | None
    """The queue that the agent opted out of; None: the agent paused, in every queue."""
    since: datetime
    """UTC."""
    reason: str | None = None
    """Of a pause, where the organisation asks for one."""
