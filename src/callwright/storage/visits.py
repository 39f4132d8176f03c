"""What calls met in attendants and queues: rows beside call records, written with them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Table, select

from callwright.calls.plain_json import value_or_none
from callwright.calls.record import CallRecord
from callwright.calls.visits import (
    AgentOffer,
    AttendantFlow,
    AttendantResult,
    AttendantVisit,
    FinalAction,
    OfferOutcome,
    QueueResult,
    QueueVisit,
    SearchMethod,
    TargetType,
    TransferAction,
    Visit,
)
from callwright.kernel.ids import AutoAttendantId, CallId, CallQueueId, UserId
from callwright.storage.many_rows import write_rows
from callwright.storage.schema import from_us, insert_once, storable_or_none, to_us
from callwright.storage.visit_tables import AGENT_OFFER, ATTENDANT_VISIT, QUEUE_VISIT

Values = dict[str, object]
_MICROSECONDS = 1_000_000


def add_visits_within(connection: Connection, records: Sequence[CallRecord]) -> None:
    """Writes those of all records, one statement for each table that gets any."""
    rows: dict[Table, list[Values]] = defaultdict(list)
    for record in records:
        for number, visit in enumerate(record.visits, start=1):
            if isinstance(visit, AttendantVisit):
                rows[ATTENDANT_VISIT].append(_attendant_row(record.id, number, visit))
            else:
                rows[QUEUE_VISIT].append(_queue_row(record.id, number, visit))
                rows[AGENT_OFFER] += _offer_rows(record.id, number, visit)
    for table, of_table in rows.items():
        write_rows(connection, insert_once(connection, table), of_table)


def visits_within(connection: Connection, call: CallId) -> tuple[Visit, ...]:
    """In the order in which the caller left them."""
    found: list[tuple[int, Visit]] = [
        (row.number, attendant_visit(row)) for row in connection.execute(_of(ATTENDANT_VISIT, call))
    ]
    queued = connection.execute(_of(QUEUE_VISIT, call)).all()
    if queued:
        offers: dict[int, list[AgentOffer]] = defaultdict(list)
        for row in connection.execute(_of(AGENT_OFFER, call)):
            offers[row.visit_number].append(_offer(row))
        found += [(row.number, queue_visit(row, offers[row.number])) for row in queued]
    return tuple(visit for _, visit in sorted(found, key=lambda numbered: numbered[0]))


def attendant_visit(row: Row[Any]) -> AttendantVisit:
    return AttendantVisit(
        attendant=AutoAttendantId(row.attendant),
        account=row.account,
        started_at=from_us(row.started_at_us),
        ended_at=from_us(row.ended_at_us),
        result=AttendantResult(row.result),
        flow=AttendantFlow(row.flow),
        actions=row.actions,
        chain_index=row.chain_index,
        search=None if row.search is None else SearchMethod(row.search),
        transfer=None if row.transfer is None else TransferAction(row.transfer),
        target=row.target,
    )


def queue_visit(row: Row[Any], offers: Sequence[AgentOffer] = ()) -> QueueVisit:
    return QueueVisit(
        queue=CallQueueId(row.queue),
        account=row.account,
        started_at=from_us(row.started_at_us),
        ended_at=from_us(row.ended_at_us),
        result=QueueResult(row.result),
        chain_index=row.chain_index,
        agent_count=row.agent_count,
        opted_in_count=row.opted_in_count,
        waiting_before=row.waiting_before,
        priority=row.priority,
        offers=tuple(offers),
        agent=row.agent,
        final_action=None if row.final_action is None else FinalAction(row.final_action),
        target_type=None if row.target_type is None else TargetType(row.target_type),
        target=row.target,
        callback_of=row.callback_of,
    )


def _of(table: Table, call: CallId) -> Any:
    return select(table).where(table.c.call_id == call).order_by(*table.primary_key)


def _attendant_row(call: CallId, number: int, visit: AttendantVisit) -> Values:
    return {
        "call_id": call,
        "number": number,
        "attendant": visit.attendant,
        "account": visit.account,
        "started_at_us": to_us(visit.started_at),
        "ended_at_us": to_us(max(visit.started_at, visit.ended_at)),
        "result": visit.result.value,
        "flow": visit.flow.value,
        "actions": visit.actions,
        "chain_index": visit.chain_index,
        "search": value_or_none(visit.search),
        "transfer": value_or_none(visit.transfer),
        "target": storable_or_none(visit.target),
    }


def _queue_row(call: CallId, number: int, visit: QueueVisit) -> Values:
    return {
        "call_id": call,
        "number": number,
        "queue": visit.queue,
        "account": visit.account,
        "started_at_us": to_us(visit.started_at),
        "ended_at_us": to_us(max(visit.started_at, visit.ended_at)),
        "result": visit.result.value,
        "chain_index": visit.chain_index,
        "agent_count": visit.agent_count,
        "opted_in_count": visit.opted_in_count,
        "waiting_before": visit.waiting_before,
        "priority": visit.priority,
        "agent": visit.agent,
        "final_action": value_or_none(visit.final_action),
        "target_type": value_or_none(visit.target_type),
        "target": storable_or_none(visit.target),
        "callback_of": visit.callback_of,
    }


def _offer_rows(call: CallId, visit_number: int, visit: QueueVisit) -> Iterator[Values]:
    for number, offer in enumerate(visit.offers, start=1):
        yield {
            "call_id": call,
            "visit_number": visit_number,
            "number": number,
            "queue": visit.queue,
            "agent": offer.agent,
            "offered_at_us": to_us(offer.offered_at),
            "ended_at_us": to_us(offer.ended_at),
            "outcome": offer.outcome.value,
            "talk_us": None if offer.talk_s is None else round(offer.talk_s * _MICROSECONDS),
        }


def _offer(row: Row[Any]) -> AgentOffer:
    return AgentOffer(
        agent=UserId(row.agent),
        offered_at=from_us(row.offered_at_us),
        ended_at=from_us(row.ended_at_us),
        outcome=OfferOutcome(row.outcome),
        talk_s=None if row.talk_us is None else row.talk_us / _MICROSECONDS,
    )
