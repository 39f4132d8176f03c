"""Callbacks that were promised, kept over a restart."""

from sqlalchemy import Connection, delete, select

from callwright.domains.queues.callback import CallbackRequest
from callwright.kernel.e164 import E164
from callwright.kernel.ids import CallId, CallQueueId, ResourceAccountId
from callwright.storage.database import Database
from callwright.storage.queue_tables import QUEUE_CALLBACK
from callwright.storage.schema import from_us, insert_latest, storable_or_none, to_us

_REQUEST = QUEUE_CALLBACK.c


class StoredQueueCallbacks:
    """May be used from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep_within(self, connection: Connection, request: CallbackRequest) -> None:
        """Takes the place of what was kept of the same request."""
        not_before = request.not_before
        row = {
            "call_id": request.call,
            "queue": request.queue,
            "account": request.account,
            "number": request.number,
            "name": storable_or_none(request.name),
            "joined_at_us": to_us(request.joined_at),
            "expires_at_us": to_us(request.expires_at),
            "priority": request.priority,
            "attempts": request.attempts,
            "not_before_us": None if not_before is None else to_us(not_before),
        }
        connection.execute(insert_latest(connection, QUEUE_CALLBACK).values(row))

    def forget_within(self, connection: Connection, call: CallId) -> None:
        connection.execute(delete(QUEUE_CALLBACK).where(_REQUEST.call_id == call))

    def all(self) -> list[CallbackRequest]:
        """In the order in which the callers joined."""
        with self._database.reading() as connection:
            rows = connection.execute(select(QUEUE_CALLBACK).order_by(_REQUEST.joined_at_us)).all()
        return [
            CallbackRequest(
                call=CallId(row.call_id),
                queue=CallQueueId(row.queue),
                account=ResourceAccountId(row.account),
                number=E164(row.number),
                name=row.name,
                joined_at=from_us(row.joined_at_us),
                expires_at=from_us(row.expires_at_us),
                priority=row.priority,
                attempts=row.attempts,
                not_before=None if row.not_before_us is None else from_us(row.not_before_us),
            )
            for row in rows
        ]
