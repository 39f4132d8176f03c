"""What a server does before its first call: it closes what a killed one left open."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from callwright.kernel.ids import CallId
from callwright.kernel.money import Money
from callwright.storage.call_records import CallRecords
from callwright.storage.database import Database
from callwright.storage.ledger import Act, Ledger
from callwright.storage.queue_recordings import StoredRecordings
from callwright.storage.registrations import StoredRegistrations
from callwright.storage.schema import LEDGER_TRANSFER, OPEN_CALL, from_us, to_us
from callwright.storage.voicemail import Voicemails

_TRANSFER = LEDGER_TRANSFER.c
_BACK_AT_MOST = timedelta(days=1)
"""So far a clock may have been set back while a call ran; it only bounds what is read."""


@dataclass(frozen=True, slots=True)
class Recovered:
    calls: int
    """Calls that a killed node took with it; each has a record now."""
    reservations: int
    """Paid legs that were closed: what had begun is charged, the rest released (ADR 0005)."""
    recordings: int = 0
    """Sound that belongs to no message, and is old enough that it never will."""
    talks: int = 0
    """Recordings of queues' talks that were cut short, and are listed from now on."""


def recover(database: Database, at: datetime) -> Recovered:
    """Makes this process the one server of ``database``, and settles what is open in it.

    Raises DatabaseError, also where another server runs on it: its calls are alive.
    """
    database.claim()
    with database.writing() as connection:
        settled = Ledger(database).recover_within(connection, at)
        charges = _by_call(_paid_within(connection))
        calls = CallRecords(database).close_orphans_within(connection, at, charges)
        StoredRegistrations(database).remove_expired_within(connection, at)
        talks = StoredRecordings(database, new_id=str).mend_within(connection)
    with database.reading() as connection:
        recordings = Voicemails(database, new_id=str).remove_orphans_within(connection, at)
    return Recovered(calls, len(settled), recordings, talks)


def _paid_within(connection: Connection) -> Iterable[tuple[str, Money]]:
    """What legs of calls in the journal were charged, now or by the node that was killed; zero
    for each leg that was released."""
    first_us = connection.execute(select(func.min(OPEN_CALL.c.started_at_us))).scalar()
    if first_us is None:
        return
    settled = select(_TRANSFER.key, _TRANSFER.act, _TRANSFER.micros, _TRANSFER.currency).where(
        _TRANSFER.act.in_((Act.CHARGE.value, Act.RELEASE.value)),
        _TRANSFER.at_us >= to_us(from_us(first_us) - _BACK_AT_MOST),
    )
    for key, act, micros, currency in connection.execute(settled):
        yield key, Money(micros if act == Act.CHARGE.value else 0, currency)


def _by_call(paid: Iterable[tuple[str, Money]]) -> dict[CallId, Money]:
    """A key is the call's id, a slash and the number of the leg."""
    charges: dict[CallId, Money] = {}
    for key, charge in paid:
        call = CallId(key.partition("/")[0])
        charges[call] = charges[call] + charge if call in charges else charge
    return charges
