"""What a server does before its first call: it closes what a killed one left open."""

from dataclasses import dataclass
from datetime import datetime

from callwright.kernel.ids import CallId
from callwright.kernel.money import Money
from callwright.storage.call_records import CallRecords
from callwright.storage.database import Database
from callwright.storage.ledger import Ledger
from callwright.storage.registrations import StoredRegistrations
from callwright.storage.voicemail import Voicemails


@dataclass(frozen=True, slots=True)
class Recovered:
    calls: int
    """Calls that a killed node took with it; each has a record now."""
    reservations: int
    """Paid legs that were closed: what had begun is charged, the rest released (ADR 0005)."""
    recordings: int = 0
    """Sound that belongs to no message, and is old enough that it never will."""


def recover(database: Database, at: datetime) -> Recovered:
    """Makes this process the one server of ``database``, and settles what is open in it.

    Raises DatabaseError, also where another server runs on it: its calls are alive.
    """
    database.claim()
    with database.writing() as connection:
        settled = Ledger(database).recover_within(connection, at)
        charges = _by_call(settled)
        calls = CallRecords(database).close_orphans_within(connection, at, charges)
        StoredRegistrations(database).remove_expired_within(connection, at)
    with database.reading() as connection:
        recordings = Voicemails(database, new_id=str).remove_orphans_within(connection, at)
    return Recovered(calls, len(settled), recordings)


def _by_call(settled: dict[str, Money]) -> dict[CallId, Money]:
    """A key is the call's id, a slash and the number of the leg."""
    charges: dict[CallId, Money] = {}
    for key, charge in settled.items():
        call = CallId(key.partition("/")[0])
        charges[call] = charges[call] + charge if call in charges else charge
    return charges
