"""The log of sign-ins and of who was given access; append-only."""

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select

from callwright.operations.access.store import Event
from callwright.operations.actor import Actor
from callwright.storage.access_tables import ACCESS_EVENT
from callwright.storage.database import Database
from callwright.storage.schema import from_us, storable, to_us

_EVENT = ACCESS_EVENT.c


def note(connection: Connection, event: Event) -> None:
    """Part of the caller's transaction."""
    row = {
        "at_us": to_us(event.at),
        "actor_kind": event.by.kind,
        "actor": storable(event.by.name),
        "act": event.act,
        "subject": storable(event.subject),
        "detail": storable(event.detail),
    }
    connection.execute(insert(ACCESS_EVENT), row)


class AccessEvents:
    """May be used from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self, *, before: int | None, limit: int) -> Sequence[tuple[int, Event]]:
        """The newest first, each with its number; only those below ``before``."""
        statement = select(ACCESS_EVENT).order_by(_EVENT.id.desc()).limit(limit)
        if before is not None:
            statement = statement.where(_EVENT.id < before)
        with self._database.reading() as connection:
            return [
                (
                    row.id,
                    Event(
                        from_us(row.at_us),
                        Actor(row.actor_kind, row.actor),
                        row.act,
                        row.subject,
                        row.detail,
                    ),
                )
                for row in connection.execute(statement)
            ]
