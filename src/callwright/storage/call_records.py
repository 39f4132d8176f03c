"""Call records, and the journal of calls that run.

The journal has one row for each call from its start to its record. What is left in it after a
crash becomes a record, too, so that a call which a killed node took with it is seen by people.
``…_within`` does the same inside a transaction of the caller's.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    bindparam,
    delete,
    or_,
    select,
    true,
    tuple_,
)

from callwright.calls.record import CallRecord, CallResult, Direction, LegRecord
from callwright.kernel.decision import Step
from callwright.kernel.ids import AutoAttendantId, CallId, CallQueueId, SbcId, UserId
from callwright.kernel.money import Money
from callwright.kernel.reason import Reason
from callwright.storage import events
from callwright.storage.call_legs import add_legs_within, legs_within
from callwright.storage.database import Database
from callwright.storage.many_rows import write_rows
from callwright.storage.news import of_call
from callwright.storage.schema import (
    CALL_RECORD,
    OPEN_CALL,
    from_us,
    insert_once,
    storable,
    storable_or_none,
    to_us,
)
from callwright.storage.visit_tables import AGENT_OFFER, ATTENDANT_VISIT, QUEUE_VISIT
from callwright.storage.visits import add_visits_within, visits_within


@dataclass(frozen=True, slots=True)
class CallStart:
    """A call that runs, as much as is known when it begins."""

    id: CallId
    started_at: datetime
    caller: str
    callee: str
    direction: Direction


Records = list[CallRecord]
_RECORD = CALL_RECORD.c
_END = delete(OPEN_CALL).where(OPEN_CALL.c.id == bindparam("of_id"))
_REASONS = {reason.code: reason for reason in Reason}


class CallRecords:
    """May be used from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def started(
        self,
        call_id: CallId,
        started_at: datetime,
        caller: str,
        callee: str,
        direction: Direction,
    ) -> None:
        """Writes the call into the journal."""
        with self._database.writing() as connection:
            start = CallStart(call_id, started_at, caller, callee, direction)
            self.started_within(connection, [start])

    def add(self, records: Sequence[CallRecord]) -> None:
        """Adds them and takes their calls out of the journal; a record that is there stays."""
        with self._database.writing() as connection:
            self.add_within(connection, records)

    def get(self, call_id: CallId) -> CallRecord | None:
        with self._database.reading() as connection:
            row = connection.execute(select(CALL_RECORD).where(_RECORD.id == call_id)).first()
            if row is None:
                return None
            visits, legs = visits_within(connection, call_id), legs_within(connection, call_id)
        return replace(record_of(row), visits=visits, legs=legs)

    def running(self, call_id: CallId) -> tuple[CallStart, tuple[LegRecord, ...]] | None:
        """A call without a record yet, and its legs as they were a few seconds ago."""
        with self._database.reading() as connection:
            found = [start for start in _journal(connection) if start.id == call_id]
            return (found[0], legs_within(connection, call_id)) if found else None

    def list(
        self,
        *,
        limit: int,
        before: CallId | None = None,
        caller: str | None = None,
        callee: str | None = None,
        user: UserId | None = None,
        gateway: SbcId | None = None,
        result: CallResult | None = None,
        direction: Direction | None = None,
        queue: CallQueueId | None = None,
        attendant: AutoAttendantId | None = None,
        agent: UserId | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Records:
        """Newest first, without visits and legs. ``before``: the last record of the page before;
        LookupError if unknown.

        ``user`` is who called or was called, ``agent`` whom a queue rang for it; ``since`` is
        included, ``until`` is not.
        """
        wanted: list[ColumnElement[bool]] = [
            column == value
            for column, value in (
                (_RECORD.caller, caller),
                (_RECORD.callee, callee),
                (_RECORD.gateway, gateway),
                (_RECORD.result, None if result is None else result.value),
                (_RECORD.direction, None if direction is None else direction.value),
            )
            if value is not None
        ]
        if user is not None:
            wanted.append(or_(_RECORD.caller_user == user, _RECORD.callee_user == user))
        wanted += [
            _RECORD.id.in_(select(column.table.c.call_id).where(column == value))
            for column, value in (
                (QUEUE_VISIT.c.queue, queue),
                (ATTENDANT_VISIT.c.attendant, attendant),
                (AGENT_OFFER.c.agent, agent),
            )
            if value is not None
        ]
        if since is not None:
            wanted.append(_RECORD.started_at_us >= to_us(since))
        if until is not None:
            wanted.append(_RECORD.started_at_us < to_us(until))
        statement = select(CALL_RECORD).where(true(), *wanted).limit(limit)
        with self._database.reading() as connection:
            if before is not None:
                statement = statement.where(_older_than(connection, before))
            return [record_of(row) for row in connection.execute(_newest_first(statement))]

    def open_calls(self) -> tuple[CallStart, ...]:
        """The journal, oldest first."""
        with self._database.reading() as connection:
            return _journal(connection)

    def close_orphans(self, at: datetime) -> int:
        """Writes a record for each call in the journal, which a killed node left; how many."""
        with self._database.writing() as connection:
            return self.close_orphans_within(connection, at, {})

    def started_within(self, connection: Connection, starts: Sequence[CallStart]) -> None:
        rows = [
            {
                "id": start.id,
                "started_at_us": to_us(start.started_at),
                "caller": storable(start.caller),
                "callee": storable(start.callee),
                "direction": start.direction.value,
            }
            for start in starts
        ]
        write_rows(connection, insert_once(connection, OPEN_CALL), rows)

    def add_within(self, connection: Connection, records: Sequence[CallRecord]) -> None:
        if records:
            rows = [_row(record) for record in records]
            write_rows(connection, insert_once(connection, CALL_RECORD), rows)
            add_visits_within(connection, records)
            add_legs_within(connection, {record.id: record.legs for record in records})
            write_rows(connection, _END, [{"of_id": record.id} for record in records])
            events.add_within(connection, [of_call(record) for record in records])

    def close_orphans_within(
        self, connection: Connection, at: datetime, charges: Mapping[CallId, Money]
    ) -> int:
        """``charges``: what was settled for them."""
        orphans = [
            CallRecord(
                id=start.id,
                started_at=start.started_at,
                answered_at=None,
                ended_at=max(at, start.started_at),
                caller=start.caller,
                callee=start.callee,
                direction=start.direction,
                result=CallResult.FAILED,
                sip_status=Reason.NODE_LOST.sip_status,
                reason=Reason.NODE_LOST,
                charge=charges.get(start.id),
                steps=(Step("call lost", "the server was killed while the call was running"),),
            )
            for start in _journal(connection)
        ]
        self.add_within(connection, orphans)
        return len(orphans)


def _journal(connection: Connection) -> tuple[CallStart, ...]:
    rows = connection.execute(select(OPEN_CALL).order_by(OPEN_CALL.c.started_at_us, OPEN_CALL.c.id))
    return tuple(
        CallStart(
            CallId(row.id),
            from_us(row.started_at_us),
            row.caller,
            row.callee,
            Direction(row.direction),
        )
        for row in rows
    )


def _newest_first(statement: Select[Any]) -> Select[Any]:
    return statement.order_by(_RECORD.started_at_us.desc(), _RECORD.id.desc())


def _older_than(connection: Connection, call_id: CallId) -> ColumnElement[bool]:
    started = connection.execute(
        select(_RECORD.started_at_us).where(_RECORD.id == call_id)
    ).scalar_one_or_none()
    if started is None:
        raise LookupError(f"there is no call record {call_id!r}")
    return tuple_(_RECORD.started_at_us, _RECORD.id) < tuple_(started, call_id)


def _row(record: CallRecord) -> dict[str, object]:
    charge, answered_at = record.charge, record.answered_at
    return {
        "id": record.id,
        "started_at_us": to_us(record.started_at),
        "answered_at_us": None if answered_at is None else to_us(answered_at),
        "ended_at_us": to_us(record.ended_at),
        "caller": storable(record.caller),
        "callee": storable(record.callee),
        "direction": record.direction.value,
        "result": record.result.value,
        "sip_status": record.sip_status,
        "reason": record.reason.code,
        "charge_micros": None if charge is None else charge.micros,
        "charge_currency": None if charge is None else charge.currency,
        "caller_user": record.caller_user,
        "callee_user": record.callee_user,
        "gateway": record.gateway,
        "via": storable_or_none(record.via),
        "steps": json.dumps(
            [(storable(step.what), storable(step.because)) for step in record.steps]
        ),
    }


def record_of(row: Row[Any]) -> CallRecord:
    """Without what its visits and legs have in rows of their own."""
    is_charged = row.charge_micros is not None
    return CallRecord(
        id=CallId(row.id),
        started_at=from_us(row.started_at_us),
        answered_at=None if row.answered_at_us is None else from_us(row.answered_at_us),
        ended_at=from_us(row.ended_at_us),
        caller=row.caller,
        callee=row.callee,
        direction=Direction(row.direction),
        result=CallResult(row.result),
        sip_status=row.sip_status,
        reason=_REASONS.get(row.reason, Reason.INTERNAL),
        charge=Money(row.charge_micros, row.charge_currency) if is_charged else None,
        caller_user=row.caller_user,
        callee_user=row.callee_user,
        gateway=row.gateway,
        via=row.via,
        steps=tuple(Step(what, because) for what, because in json.loads(row.steps)),
    )
