"""Tells observers that what queues look like has changed; never in the way of calls."""

from collections.abc import Callable, Collection

from callwright.kernel.clock import Clock
from callwright.kernel.ids import CallQueueId
from callwright.kernel.limits.supervision import QUEUE_NEWS_S

QueueListener = Callable[[], None]


class QueueNews:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._listeners: list[QueueListener] = []
        self._marked: list[set[CallQueueId]] = []
        self._is_new = False
        self._is_due = False
        """A timer is set, and will tell."""

    def add(self, listener: QueueListener, changed: set[CallQueueId] | None = None) -> None:
        """``changed``: has each queue that changes, until the listener takes it out."""
        self._listeners.append(listener)
        if changed is not None:
            self._marked.append(changed)

    def note(self, queues: Collection[CallQueueId]) -> None:
        """Whoever looks from now on knows; listeners hear of it at ``tell_soon``."""
        for changed in self._marked:
            changed.update(queues)
        self._is_new = self._is_new or bool(queues)

    def tell_soon(self) -> None:
        """Tells from a timer of its own, where a defect of a listener harms no call. What a busy
        queue does in so short a time is one piece of news."""
        if self._is_new and self._listeners and not self._is_due:
            self._is_due = True
            self._clock.call_later(QUEUE_NEWS_S, self._tell)

    def _tell(self) -> None:
        self._is_new = self._is_due = False
        for listener in tuple(self._listeners):
            listener()
