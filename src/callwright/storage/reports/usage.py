"""Records of calls that went through a gateway, newest first."""

from typing import NamedTuple

from sqlalchemy import select, tuple_

from callwright.calls.record import CallRecord
from callwright.operations.reports.span import Span
from callwright.storage.call_records import record_of
from callwright.storage.database import Database
from callwright.storage.reports.grouping import within
from callwright.storage.schema import CALL_RECORD, to_us

_RECORD = CALL_RECORD.c


class CallPlace(NamedTuple):
    """Where a call stands in the list."""

    started_at_us: int
    call: str


class GatewayCalls:
    """May be used from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(
        self, span: Span, *, limit: int, before: CallPlace | None = None, via: str | None = None
    ) -> list[CallRecord]:
        """Without visits and legs. ``before``: the place of the last one of the page before;
        ``via``: only those with it."""
        place = (_RECORD.started_at_us, _RECORD.id)
        statement = (
            select(CALL_RECORD)
            .where(within(_RECORD.started_at_us, span), _RECORD.gateway.is_not(None))
            .order_by(*(column.desc() for column in place))
            .limit(limit)
        )
        if via is not None:
            statement = statement.where(_RECORD.via == via)
        if before is not None:
            statement = statement.where(tuple_(*place) < tuple_(*before))
        with self._database.reading() as connection:
            return [record_of(row) for row in connection.execute(statement)]


def place_of_call(record: CallRecord) -> CallPlace:
    return CallPlace(to_us(record.started_at), record.id)
