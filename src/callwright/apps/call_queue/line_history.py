"""How callers of each queue fared lately: what the service level and the expected wait are made of.

Of this node and since it started; reports are made of call records.
"""

from collections import deque

from callwright.domains.queues.service_level import Wait
from callwright.kernel.ids import CallQueueId
from callwright.kernel.limits.agents import WAITS_REMEMBERED_MAX
from callwright.kernel.limits.queues import QUEUE_ANSWERS_REMEMBERED_MAX


class LineHistory:
    def __init__(self) -> None:
        self._waits: dict[CallQueueId, deque[Wait]] = {}
        self._answers: dict[CallQueueId, deque[float]] = {}

    def note(self, queue: CallQueueId, wait: Wait, now_s: float) -> None:
        """A caller waits no longer."""
        self._waits.setdefault(queue, deque(maxlen=WAITS_REMEMBERED_MAX)).append(wait)
        if wait.is_answered:
            answers = self._answers.setdefault(queue, deque(maxlen=QUEUE_ANSWERS_REMEMBERED_MAX))
            answers.append(now_s)

    def waits(self, queue: CallQueueId) -> tuple[Wait, ...]:
        """How long the last callers waited."""
        return tuple(self._waits.get(queue, ()))

    def answered_at_s(self, queue: CallQueueId) -> tuple[float, ...]:
        """When the last calls were answered (monotonic), the oldest first."""
        return tuple(self._answers.get(queue, ()))
