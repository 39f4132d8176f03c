"""A caller's place in a line, as it is kept over a restart.

Calls do not survive one; the place does, for callers who call again soon (ADR 0036).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from callwright.kernel.agent_limits import KEEP_PLACE_S
from callwright.kernel.ids import CallId, CallQueueId
from callwright.kernel.limits import QUEUE_TIMEOUT_S_RANGE

QUEUE_TIMEOUT_S_MAX = QUEUE_TIMEOUT_S_RANGE[1]


@dataclass(frozen=True, slots=True)
class KeptPlace:
    call: CallId
    """The call that waited, which is over."""
    queue: CallQueueId
    number: str
    """Tells who comes back."""
    since: datetime
    """UTC; when the caller joined the line."""


class KeptPlaces:
    """Places of callers whom a restart cut off; each is given back once, and not for ever."""

    def __init__(self, places: Iterable[KeptPlace], restarted_at: datetime) -> None:
        self._until = restarted_at + timedelta(seconds=KEEP_PLACE_S)
        self._since: dict[tuple[CallQueueId, str], datetime] = {}
        for place in places:
            if place.since < restarted_at - timedelta(seconds=KEEP_PLACE_S + QUEUE_TIMEOUT_S_MAX):
                continue  # longer than anybody waits: the system was down for too long
            key = (place.queue, place.number)
            self._since[key] = min(place.since, self._since.get(key, place.since))

    def give_back(self, queue: CallQueueId, number: str | None, now: datetime) -> float:
        """Returns how many seconds the caller waited before the restart; 0.0: has no place."""
        if now > self._until or not self._since:
            self._since = {}
            return 0.0
        since = None if number is None else self._since.pop((queue, number), None)
        return 0.0 if since is None else max(0.0, (now - since).total_seconds())
