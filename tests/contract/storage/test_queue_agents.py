"""What agents chose and who waits, in each database."""

from datetime import timedelta

from tests.contract.storage.conftest import AT

from callwright.domains.queues.absence import Absence
from callwright.domains.queues.place import KeptPlace
from callwright.kernel.ids import CallId, CallQueueId, UserId
from callwright.storage.database import Database
from callwright.storage.queue_agents import StoredAbsences, StoredPlaces

ALICE, BOB = UserId("alice"), UserId("bob")
SUPPORT = CallQueueId("support")
MINUTE = timedelta(minutes=1)


def test_absences_begin_and_end(database: Database) -> None:
    stored = StoredAbsences(database)
    out, pause = Absence(ALICE, SUPPORT, AT), Absence(BOB, None, AT + MINUTE, "Lunch")
    stored.begin(out)
    stored.begin(pause)
    assert stored.all() == [out, pause]
    assert stored.end(ALICE, SUPPORT)
    assert not stored.end(ALICE, SUPPORT)
    assert stored.all() == [pause]


def test_another_reason_does_not_begin_a_pause_anew(database: Database) -> None:
    stored = StoredAbsences(database)
    stored.begin(Absence(BOB, None, AT, "Lunch"))
    stored.begin(Absence(BOB, None, AT + MINUTE, "Training"))
    assert stored.all() == [Absence(BOB, None, AT, "Training")]


def test_places_are_kept_until_they_are_dropped(database: Database) -> None:
    stored = StoredPlaces(database)
    first = KeptPlace(CallId("call_1"), SUPPORT, "+12065550101", AT)
    second = KeptPlace(CallId("call_2"), SUPPORT, "+12065550102", AT + MINUTE)
    with database.writing() as connection:
        stored.keep_within(connection, second)
        stored.keep_within(connection, first)
        stored.keep_within(connection, KeptPlace(CallId("call_3"), SUPPORT, "+1", AT))
        stored.drop_within(connection, [CallId("call_3")])
    assert stored.all() == [first, second]
    with database.writing() as connection:
        stored.drop_within(connection, [first.call, second.call])
    assert stored.all() == []
