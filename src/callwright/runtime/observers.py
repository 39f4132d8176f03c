"""What watches calls and never stands in their way: records, metrics, log."""

from collections.abc import Callable
from functools import cache, partial

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from callwright.calls.call import Call
from callwright.calls.leg import Leg
from callwright.calls.record import CallRecord
from callwright.calls.visits import QueueVisit
from callwright.kernel.ids import SbcId, UserId
from callwright.routing.snapshot import Snapshot
from callwright.runtime.alarms import NodeAlarms
from callwright.runtime.leg_notes import LegNotes
from callwright.runtime.surroundings import CallJournal
from callwright.runtime.trace import Trace

log = structlog.get_logger("callwright.calls")

GATEWAY_ALERT_SHARE = 0.9
"""SPEC 2.3: an alert at 90 % of a gateway's sessions (row 93)."""


class Metrics:
    """What `/metrics` tells of calls."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.started = Counter("callwright_calls_started", "Calls begun.", registry=self.registry)
        self.ended = Counter(
            "callwright_calls_ended", "Calls ended.", ["result"], registry=self.registry
        )
        self.queue_callers = Counter(
            "callwright_queue_callers_left",
            "Callers who left a queue, by how.",
            ["queue", "result"],
            registry=self.registry,
        )
        self.defects = Counter(
            "callwright_call_defects", "Calls that a defect ended.", registry=self.registry
        )
        self.talk_s = Histogram(
            "callwright_call_talk_seconds",
            "Talk time of answered calls.",
            buckets=(5, 15, 30, 60, 120, 300, 600, 1_800, 3_600),
            registry=self.registry,
        )
        self.queue_repairs = Counter(
            "callwright_queue_repairs",
            "What the watch over queues found wrong and repaired; each is a defect.",
            ["fault"],
            registry=self.registry,
        )
        self.gateway_sessions = Gauge(
            "callwright_gateway_sessions", "Legs by SBC.", ["sbc"], registry=self.registry
        )

    def watch(self, name: str, text: str, read: Callable[[], float]) -> None:
        """Adds a gauge that is read when somebody asks."""
        Gauge(f"callwright_{name}", text, registry=self.registry).set_function(read)


class CallWatch:
    """Writes records and counts (``CallObserver``)."""

    def __init__(
        self,
        journal: CallJournal,
        metrics: Metrics,
        alarms: NodeAlarms,
        *,
        snapshot: Callable[[], Snapshot | None],
        user_became_idle: Callable[[UserId], None],
        leg_changed: Callable[[Leg], None],
        notes: LegNotes,
        trace: Trace | None = None,
    ) -> None:
        self._journal = journal
        self._notes = notes
        self._metrics = metrics
        self._alarms = alarms
        self._trace = trace
        self._snapshot = snapshot
        self._alerted: set[SbcId] = set()
        # Looking a labelled child up costs more than counting with it.
        self._ended = cache(lambda result: metrics.ended.labels(result.value))
        self._queue_callers = cache(metrics.queue_callers.labels)
        self._sessions: dict[SbcId, int] = {}
        """What the gauge tells of each gateway when somebody asks."""
        self.user_became_idle = user_became_idle
        self.leg_changed = leg_changed

    def call_started(self, call: Call) -> None:
        story = call.story
        self._metrics.started.inc()
        self._journal.record_started(
            call.id, story.started_at, story.caller, story.callee, story.direction
        )
        self._notes.start()

    def call_ended(self, call: Call, record: CallRecord) -> None:
        self._ended(record.result).inc()
        if record.answered_at is not None:
            self._metrics.talk_s.observe(record.duration_s)
        for visit in record.visits:
            if isinstance(visit, QueueVisit):
                self._queue_callers(visit.queue, visit.result.value).inc()
        self._journal.record_ended(record)
        if self._trace is not None:
            self._trace.call_ended(call.id)

    def call_failed(self, call: Call, error: BaseException) -> None:
        self._metrics.defects.inc()
        log.error("a defect ended a call", call=call.id, exc_info=error)

    def gateway_used(self, sbc: SbcId, sessions: int) -> None:
        if sbc not in self._sessions:
            gauge = self._metrics.gateway_sessions.labels(sbc)
            gauge.set_function(partial(self._sessions.__getitem__, sbc))
        self._sessions[sbc] = sessions
        snapshot = self._snapshot()
        known = None if snapshot is None else snapshot.sbcs.get(sbc)
        limit = None if known is None else known.max_concurrent_sessions
        if limit is None or sessions < limit * GATEWAY_ALERT_SHARE:
            self._alerted.discard(sbc)
        elif sbc not in self._alerted:
            self._alerted.add(sbc)
            self._alarms.gateway_is_busy(sbc, sessions, limit)
