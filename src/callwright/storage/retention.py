"""Forgets what is too old, a bounded part at a time, so that no call waits for its turn long."""

from datetime import datetime

from sqlalchemy import Connection, Table, delete, select, tuple_

from callwright.storage.database import Database
from callwright.storage.queue_recordings import StoredRecordings
from callwright.storage.schema import CALL_LEG, CALL_RECORD, to_us
from callwright.storage.visit_tables import AGENT_OFFER, ATTENDANT_VISIT, QUEUE_VISIT

_OF_CALLS = (AGENT_OFFER, QUEUE_VISIT, ATTENDANT_VISIT, CALL_LEG)
"""What belongs to a call by its ``call_id``."""


class Retention:
    """May be used from any thread. Each method forgets at most ``limit`` things that began before
    an instant, the oldest first, in one transaction, and says how many it was."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.forget_recordings = StoredRecordings(database, new_id=str).forget

    def forget_history(self, before: datetime, *, limit: int) -> int:
        """Visits of attendants and queues, with whom the queues rang; their calls stay."""
        with self._database.writing() as connection:
            count = _forget_visits(connection, QUEUE_VISIT, before, limit)
            if count < limit:
                count += _forget_visits(connection, ATTENDANT_VISIT, before, limit - count)
        return count

    def forget_calls(self, before: datetime, *, limit: int) -> int:
        """Records of calls, and all that belongs to them."""
        record = CALL_RECORD.c
        oldest = (
            select(record.id)
            .where(record.started_at_us < to_us(before))
            .order_by(record.started_at_us, record.id)
            .limit(limit)
        )
        with self._database.writing() as connection:
            calls = connection.execute(oldest).scalars().all()
            if calls:
                for table in _OF_CALLS:
                    connection.execute(delete(table).where(table.c.call_id.in_(calls)))
                connection.execute(delete(CALL_RECORD).where(record.id.in_(calls)))
        return len(calls)


def _forget_visits(connection: Connection, table: Table, before: datetime, limit: int) -> int:
    visit = table.c
    oldest = (
        select(visit.call_id, visit.number)
        .where(visit.started_at_us < to_us(before))
        .order_by(visit.started_at_us, visit.call_id, visit.number)
        .limit(limit)
    )
    places = [tuple(row) for row in connection.execute(oldest)]
    if places:
        if table is QUEUE_VISIT:
            offer = tuple_(AGENT_OFFER.c.call_id, AGENT_OFFER.c.visit_number)
            connection.execute(delete(AGENT_OFFER).where(offer.in_(places)))
        connection.execute(delete(table).where(tuple_(visit.call_id, visit.number).in_(places)))
    return len(places)
