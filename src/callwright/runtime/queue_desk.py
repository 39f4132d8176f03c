"""A node's call queues: the floor, what agents may do, and what keeps watch over both."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

import structlog

from callwright.apps.call_queue.agent_acts import AgentActs
from callwright.apps.call_queue.floor import Floor
from callwright.apps.call_queue.reconciler import Reconciler
from callwright.apps.call_queue.ticket import Guest, Ticket
from callwright.calls.leg import HIDDEN
from callwright.calls.live_calls import LiveCalls
from callwright.domains.queues.absence import Absence
from callwright.domains.queues.model import CallQueue, is_outside
from callwright.domains.queues.place import KeptPlace, KeptPlaces
from callwright.domains.queues.reconciliation import Finding
from callwright.kernel.clock import Clock
from callwright.kernel.decision import Step
from callwright.kernel.ids import CallQueueId, UserId
from callwright.kernel.limits.agents import KEEP_PLACE_S
from callwright.routing.rights import staffed
from callwright.routing.snapshot import Snapshot
from callwright.runtime.observers import Metrics
from callwright.runtime.reach import PhoneReach
from callwright.runtime.roster import LiveRoster
from callwright.runtime.surroundings import QueueStore

log = structlog.get_logger("callwright.queues")
Staffed = tuple[CallQueue, tuple[Step, ...]]


@dataclass(frozen=True, slots=True)
class _Known:
    """Who may take a queue's calls, asked once a day and for each configuration."""

    of: CallQueue
    at: tuple[int, date]
    answer: Staffed


class QueueDesk:
    def __init__(
        self,
        clock: Clock,
        store: QueueStore,
        metrics: Metrics,
        reach: PhoneReach,
        calls: LiveCalls,
        current: Callable[[], Snapshot | None],
    ) -> None:
        self._clock = clock
        self._current = current
        self._store = store
        self._repairs = metrics.queue_repairs
        self._known: dict[CallQueueId, _Known] = {}
        self.places = WaitingPlaces(clock, store)
        roster = LiveRoster(reach, calls, current)
        self.floor = Floor(roster, clock, self._staffed, self.places)
        self.acts = AgentActs(self.floor, store, self._pause_reasons)
        self._reconciler = Reconciler(self.floor, self._count)
        metrics.watch(
            "queue_oldest_idle_wait_seconds",
            "How long a caller has waited while an agent was free; more than 0 is a defect.",
            self._reconciler.oldest_idle_wait_s,
        )
        metrics.watch(
            "queue_absences",
            "Queues that agents opted out of, and pauses.",
            lambda: len(self.floor.desk.absences()),
        )
        metrics.watch("queue_callers", "Callers who wait in queues.", self._waiting_count)

    def restore(self, absences: Iterable[Absence], places: Iterable[KeptPlace]) -> None:
        """What was kept by a node that was stopped or killed."""
        self.floor.desk.restore(absences)
        self.places.restore(places)

    def follow(self, snapshot: Snapshot) -> None:
        """Takes what is configured now. Whoever gets the key of a user or of a queue that is gone
        begins without what was chosen before."""
        for absence in self.floor.desk.absences():
            queue_is_gone = absence.queue is not None and absence.queue not in snapshot.queues
            if queue_is_gone or not _is_known(absence.user, snapshot):
                self.floor.desk.end(absence.user, absence.queue)
                self._store.forget(absence)
        self._known.clear()
        self.floor.follow(snapshot.queues)

    def _staffed(self, queue: CallQueue) -> Staffed:
        """The queue less agents who may not take its calls now; licences end with a day."""
        snapshot, now = self._current(), self._clock.utc()
        if snapshot is None:
            return queue, ()
        today = now.astimezone(snapshot.zone).date()
        known = self._known.get(queue.id)
        if known is None or known.of is not queue or known.at != (snapshot.revision, today):
            answer = staffed(snapshot, queue, now)
            known = self._known[queue.id] = _Known(queue, (snapshot.revision, today), answer)
        return known.answer

    def _pause_reasons(self) -> tuple[str, ...]:
        snapshot = self._current()
        return () if snapshot is None else snapshot.pause_reasons

    def _waiting_count(self) -> float:
        return sum(len(line) for line in self.floor.lines().values())

    def _count(self, finding: Finding) -> None:
        self._repairs.labels(finding.fault.value).inc()
        log.error(
            "a queue was repaired",
            fault=finding.fault.value,
            call=finding.call,
            agent=finding.agent,
        )


def _is_known(agent: UserId, snapshot: Snapshot) -> bool:
    """Somebody outside is known for as long as any queue rings the number."""
    if not is_outside(agent):
        return agent in snapshot.users
    return any(agent in queue.agents for queue in snapshot.queues.values())


class WaitingPlaces:
    """Keeps who waits; a caller whom a restart cut off gets the place back
    (``apps.call_queue.roster.PlaceKeeper``)."""

    def __init__(self, clock: Clock, store: QueueStore) -> None:
        self._clock = clock
        self._store = store
        self._kept = KeptPlaces((), clock.utc())
        self.is_closing = False
        """True: who is cut off now may come back."""

    def restore(self, places: Iterable[KeptPlace]) -> None:
        """They stay stored until they are given back or it is too late: another restart may come
        before."""
        self._kept = KeptPlaces(places, self._clock.utc())
        self._clock.call_later(KEEP_PLACE_S, self._give_up)

    def waited_s(self, queue: CallQueueId, guest: Guest) -> float:
        now = self._clock.utc()
        place = self._kept.give_back(queue, guest.number, now)
        if place is None:
            return 0.0
        self._store.places_left([place.call])
        return max(0.0, (now - place.since).total_seconds())

    def came(self, ticket: Ticket) -> None:
        number = ticket.guest.number
        if number is not None and number != HIDDEN:
            place = KeptPlace(ticket.guest.call, ticket.queue, number, ticket.since)
            self._store.place_taken(place)

    def left(self, ticket: Ticket) -> None:
        may_come_back = self.is_closing and ticket.is_cut_off
        if not may_come_back and ticket.guest.number is not None:
            self._store.places_left([ticket.guest.call])

    def _give_up(self) -> None:
        if not self.is_closing:
            self._store.places_left([place.call for place in self._kept.give_up()])
