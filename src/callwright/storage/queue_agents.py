"""What queue agents chose, and the places of waiting callers, kept over a restart."""

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, delete, select

from callwright.domains.queues.absence import Absence
from callwright.domains.queues.place import KeptPlace
from callwright.kernel.ids import CallId, CallQueueId, UserId
from callwright.kernel.limits.agents import KEPT_PLACES_MAX
from callwright.storage.database import Database
from callwright.storage.many_rows import write_rows
from callwright.storage.queue_tables import AGENT_ABSENCE, WAITING_PLACE
from callwright.storage.schema import from_us, insert_latest, to_us

ALL_QUEUES = ""
"""Stands for no queue in particular in the key of an absence: the agent paused."""
_ABSENCE = AGENT_ABSENCE.c
_PLACE = WAITING_PLACE.c
_ABSENCES = select(AGENT_ABSENCE).order_by(_ABSENCE.since_us)
_FORGET_PLACE = delete(WAITING_PLACE).where(_PLACE.call_id == bindparam("of_call"))


class StoredAbsences:
    """May be used from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Absence]:
        """The oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(_ABSENCES).all()
        return [
            Absence(
                UserId(row.agent),
                CallQueueId(row.queue) if row.queue != ALL_QUEUES else None,
                from_us(row.since_us),
                row.reason,
            )
            for row in rows
        ]

    def begin(self, absence: Absence) -> None:
        with self._database.writing() as connection:
            self.begin_within(connection, absence)

    def begin_within(self, connection: Connection, absence: Absence) -> None:
        """May be repeated: a pause takes another reason, and goes on since it began."""
        queue = absence.queue or ALL_QUEUES
        key = (_ABSENCE.agent == absence.user) & (_ABSENCE.queue == queue)
        since_us = connection.execute(select(_ABSENCE.since_us).where(key)).scalar()
        row = {
            "agent": absence.user,
            "queue": queue,
            "since_us": to_us(absence.since) if since_us is None else since_us,
            "reason": absence.reason,
        }
        connection.execute(insert_latest(connection, AGENT_ABSENCE).values(row))

    def end(self, user: UserId, queue: CallQueueId | None) -> bool:
        """False: there was nothing to end."""
        with self._database.writing() as connection:
            return self.end_within(connection, user, queue)

    def end_within(self, connection: Connection, user: UserId, queue: CallQueueId | None) -> bool:
        key = (_ABSENCE.agent == user) & (_ABSENCE.queue == (queue or ALL_QUEUES))
        return connection.execute(delete(AGENT_ABSENCE).where(key)).rowcount > 0


class PlaceChanges:
    """Who came and who left since the last write; the newest state of each call counts, so that
    nothing is written of a place that nobody has any longer.

    Nothing may be noted any more once they were given away to be written.
    """

    def __init__(self) -> None:
        self._changes: dict[CallId, KeptPlace | None] = {}

    def __len__(self) -> int:
        return len(self._changes)

    def taken(self, place: KeptPlace) -> None:
        self._changes[place.call] = place

    def left(self, calls: Iterable[CallId]) -> None:
        self._changes.update(dict.fromkeys(calls))

    def write_within(self, connection: Connection) -> None:
        """May be repeated after a failure."""
        gone = [{"of_call": call} for call, place in self._changes.items() if place is None]
        write_rows(connection, _FORGET_PLACE, gone)
        rows = [_place_row(place) for place in self._changes.values() if place is not None]
        write_rows(connection, insert_latest(connection, WAITING_PLACE), rows)


class StoredPlaces:
    """May be used from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[KeptPlace]:
        """Of callers who wait, or whom a stop cut off, the oldest first."""
        wanted = select(WAITING_PLACE).order_by(_PLACE.since_us).limit(KEPT_PLACES_MAX)
        with self._database.reading() as connection:
            rows = connection.execute(wanted).all()
        return [
            KeptPlace(
                CallId(row.call_id), CallQueueId(row.queue), row.number, from_us(row.since_us)
            )
            for row in rows
        ]


def _place_row(place: KeptPlace) -> dict[str, object]:
    return {
        "call_id": place.call,
        "queue": place.queue,
        "number": place.number,
        "since_us": to_us(place.since),
    }
