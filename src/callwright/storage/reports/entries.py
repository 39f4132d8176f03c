"""Callers of attendants and queues one by one, newest first (SPEC 10.1)."""

from collections.abc import Collection, Sequence
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Table, and_, false, func, not_, or_, select, tuple_

from callwright.calls.record import Direction
from callwright.calls.visits import (
    AttendantResult,
    AttendantVisit,
    HistoryKind,
    QueueResult,
    QueueVisit,
)
from callwright.kernel.ids import AutoAttendantId, CallId, CallQueueId, UserId
from callwright.operations.reports.figures import ANSWERED, HistoryEntry
from callwright.operations.reports.shared_history import SENT_ON
from callwright.operations.reports.span import Span
from callwright.storage.database import Database
from callwright.storage.reports.grouping import within
from callwright.storage.schema import CALL_RECORD, to_us
from callwright.storage.visit_tables import ATTENDANT_VISIT, QUEUE_VISIT
from callwright.storage.visits import attendant_visit, queue_visit

QueueEntry = HistoryEntry[QueueVisit]
AttendantEntry = HistoryEntry[AttendantVisit]


class Place(NamedTuple):
    """Where an entry stands in the list."""

    started_at_us: int
    call: str
    number: int


class HistoryEntries:
    """May be used from any thread. ``before`` is the place of the last entry of the page before."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_queues(
        self,
        span: Span,
        *,
        limit: int,
        before: Place | None = None,
        queues: Collection[CallQueueId] | None = None,
        agent: UserId | None = None,
        result: QueueResult | None = None,
        kinds: Collection[HistoryKind] | None = None,
    ) -> list[QueueEntry]:
        """``agent`` is who answered. Offers are left out."""
        wanted: list[ColumnElement[bool]] = []
        if queues is not None:
            wanted += [QUEUE_VISIT.c.queue.in_(queues), _of_results(QUEUE_VISIT, QueueResult)]
        if agent is not None:
            wanted.append(QUEUE_VISIT.c.agent == agent)
        if result is not None:
            wanted.append(QUEUE_VISIT.c.result == result.value)
        if kinds is not None:
            wanted.append(or_(*map(_of_kind, kinds)))
        rows = self._rows(QUEUE_VISIT, span, wanted, limit, before)
        return [_queue_entry(row) for row in rows]

    def of_attendants(
        self,
        span: Span,
        *,
        limit: int,
        before: Place | None = None,
        attendants: Collection[AutoAttendantId] | None = None,
        result: AttendantResult | None = None,
    ) -> list[AttendantEntry]:
        wanted: list[ColumnElement[bool]] = []
        if attendants is not None:
            wanted.append(ATTENDANT_VISIT.c.attendant.in_(attendants))
            wanted.append(_of_results(ATTENDANT_VISIT, AttendantResult))
        if result is not None:
            wanted.append(ATTENDANT_VISIT.c.result == result.value)
        rows = self._rows(ATTENDANT_VISIT, span, wanted, limit, before)
        return [HistoryEntry(*_of_call(row), attendant_visit(row)) for row in rows]

    def _rows(
        self,
        table: Table,
        span: Span,
        wanted: Sequence[ColumnElement[bool]],
        limit: int,
        before: Place | None,
    ) -> Sequence[Any]:
        visit, record = table.c, CALL_RECORD.c
        place = (visit.started_at_us, visit.call_id, visit.number)
        statement = (
            select(table, record.caller, record.callee, record.direction)
            .join(CALL_RECORD, record.id == visit.call_id)
            .where(within(visit.started_at_us, span), *wanted)
            .order_by(*(column.desc() for column in place))
            .limit(limit)
        )
        if before is not None:
            statement = statement.where(tuple_(*place) < tuple_(*before))
        with self._database.reading() as connection:
            return connection.execute(statement).all()


def place_of(entry: QueueEntry | AttendantEntry) -> Place:
    return Place(to_us(entry.visit.started_at), entry.call, entry.number)


def _of_results(table: Table, results: type[Enum]) -> ColumnElement[bool]:
    """Any of them, which lets the index of names and results find the span."""
    return table.c.result.in_([result.value for result in results])


def _of_kind(kind: HistoryKind) -> ColumnElement[bool]:
    """As ``kind_of`` has it."""
    is_served = QUEUE_VISIT.c.result.in_([result.value for result in ANSWERED])
    action = func.coalesce(QUEUE_VISIT.c.final_action, "")
    is_sent_on = action.in_([each.value for each in SENT_ON])
    match kind:
        case HistoryKind.ANSWERED:
            return is_served
        case HistoryKind.REDIRECTED:
            return and_(not_(is_served), is_sent_on)
        case HistoryKind.MISSED:
            return and_(not_(is_served), not_(is_sent_on))
        case HistoryKind.OUTBOUND:
            return false()


def _queue_entry(row: Any) -> QueueEntry:
    """Of a call that calls a customer back the customer is whom it calls."""
    call, number, caller, is_external = _of_call(row)
    visit = queue_visit(row)
    if visit.callback_of is not None:
        caller, is_external = row.callee, True
    return HistoryEntry(call, number, caller, is_external, visit)


def _of_call(row: Any) -> tuple[CallId, int, str, bool]:
    is_external = Direction(row.direction) is Direction.INBOUND
    return CallId(row.call_id), row.number, row.caller, is_external
