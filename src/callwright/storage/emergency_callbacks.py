"""Numbers that lead back to whoever called for help with them, kept over a restart."""

from datetime import datetime

from sqlalchemy import Connection, delete, select

from callwright.domains.emergency.model import Callback
from callwright.kernel.e164 import E164
from callwright.kernel.ids import UserId
from callwright.storage.database import Database
from callwright.storage.schema import EMERGENCY_CALLBACK, from_us, insert_latest, to_us

_CALLBACK = EMERGENCY_CALLBACK.c


class StoredCallbacks:
    """May be used from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep_within(self, connection: Connection, callback: Callback) -> None:
        """A number leads back to one person: the last who called. May be repeated."""
        row = {
            "number": callback.number,
            "caller": callback.user,
            "until_us": to_us(callback.until),
        }
        connection.execute(insert_latest(connection, EMERGENCY_CALLBACK).values(row))

    def load(self, now: datetime) -> list[Callback]:
        """Those that still hold; forgets the others."""
        with self._database.writing() as connection:
            over = delete(EMERGENCY_CALLBACK).where(_CALLBACK.until_us <= to_us(now))
            connection.execute(over)
            rows = connection.execute(select(EMERGENCY_CALLBACK).order_by(_CALLBACK.until_us))
            return [
                Callback(E164(row.number), UserId(row.caller), from_us(row.until_us))
                for row in rows
            ]
