"""Tells observers that what a queue looks like has changed; never in the way of calls."""

from collections.abc import Callable, Iterable

from callwright.kernel.clock import Clock
from callwright.kernel.ids import CallQueueId

QueueListener = Callable[[CallQueueId], None]


class QueueNews:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._listeners: list[QueueListener] = []
        self._changed: set[CallQueueId] = set()

    def add(self, listener: QueueListener) -> None:
        self._listeners.append(listener)

    def note(self, queues: Iterable[CallQueueId]) -> None:
        """Remembers the queues until ``tell_soon``."""
        self._changed.update(queues)

    def tell_soon(self) -> None:
        """Tells from a timer of its own, where a defect of a listener harms no call."""
        if self._changed and self._listeners:
            changed = tuple(self._changed)
            self._clock.call_later(0.0, lambda: self._tell(changed))
        self._changed.clear()

    def _tell(self, changed: tuple[CallQueueId, ...]) -> None:
        for queue in changed:
            for listener in tuple(self._listeners):
                listener(queue)
