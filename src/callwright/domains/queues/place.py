"""A caller's place in a line, as it is kept over a restart.

Calls do not survive one; the place does, for callers who call again soon (ADR 0036).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from callwright.kernel.ids import CallId, CallQueueId
from callwright.kernel.limits.agents import KEEP_PLACE_S
from callwright.kernel.limits.queues import QUEUE_TIMEOUT_S_RANGE
from callwright.kernel.value import value

QUEUE_TIMEOUT_S_MAX = QUEUE_TIMEOUT_S_RANGE[1]


@value
class KeptPlace:
    call: CallId
    """The call that waited, which is over."""
    queue: CallQueueId
    number: str
    """Tells who comes back."""
    since: datetime
    """UTC; when the caller joined the line."""


class KeptPlaces:
    """Places of callers whom restarts cut off; each is given back once, and not for ever."""

    def __init__(self, places: Iterable[KeptPlace], restarted_at: datetime) -> None:
        self._until = restarted_at + timedelta(seconds=KEEP_PLACE_S)
        # Who came before that has no place: the system was down for longer than anybody waits.
        earliest = restarted_at - timedelta(seconds=KEEP_PLACE_S + QUEUE_TIMEOUT_S_MAX)
        self._expired: list[KeptPlace] = []
        self._places: dict[tuple[CallQueueId, str], list[KeptPlace]] = {}
        for place in sorted(places, key=lambda place: place.since):
            if place.since < earliest:
                self._expired.append(place)
            else:
                self._places.setdefault((place.queue, place.number), []).append(place)

    def give_back(self, queue: CallQueueId, number: str | None, now: datetime) -> KeptPlace | None:
        """Returns the oldest place of the number; None: it has none. Several people may call from
        behind one number, and whoever of them comes next has the next one."""
        theirs = self._places.get((queue, number), []) if number is not None else []
        return theirs.pop(0) if theirs and now <= self._until else None

    def give_up(self) -> tuple[KeptPlace, ...]:
        """Returns those that nobody came back for, once."""
        left = *self._expired, *(place for places in self._places.values() for place in places)
        self._expired, self._places = [], {}
        return left
