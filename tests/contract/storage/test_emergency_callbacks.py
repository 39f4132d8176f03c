"""Numbers that lead back to whoever called for help, in each database."""

from datetime import timedelta

from tests.contract.storage.conftest import AT

from callwright.domains.emergency.model import Callback
from callwright.kernel.e164 import E164
from callwright.kernel.ids import UserId
from callwright.storage.database import Database
from callwright.storage.emergency_callbacks import StoredCallbacks

HOUR = timedelta(hours=1)
FIRST = Callback(E164("+14255550115"), UserId("dave"), AT + HOUR)
SECOND = Callback(E164("+14255550116"), UserId("erin"), AT + 2 * HOUR)


def keep(database: Database, *callbacks: Callback) -> StoredCallbacks:
    kept = StoredCallbacks(database)
    for callback in callbacks:
        with database.writing() as connection:
            kept.keep_within(connection, callback)
    return kept


def test_they_come_back_until_their_hour_is_over(database: Database) -> None:
    kept = keep(database, FIRST, SECOND)

    assert kept.load(AT) == [FIRST, SECOND]
    assert kept.load(AT + HOUR) == [SECOND]
    assert kept.load(AT) == [SECOND], "what is over is forgotten"


def test_the_last_who_called_with_a_number_is_the_one(database: Database) -> None:
    later = Callback(FIRST.number, UserId("bob"), FIRST.until + HOUR)

    assert keep(database, FIRST, later).load(AT) == [later]
