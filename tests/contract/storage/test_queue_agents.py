"""What agents chose and who waits, in each database."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from tests.contract.storage.conftest import AT
from tests.model.queue_phones import SteppedClock

from callwright.domains.queues.absence import Absence
from callwright.domains.queues.place import KeptPlace
from callwright.kernel.ids import CallId, CallQueueId, UserId
from callwright.kernel.limits.agents import PLACES_GROUP_S
from callwright.runtime.stores import WorkerQueues
from callwright.storage.database import Database
from callwright.storage.queue_agents import PlaceChanges, StoredAbsences, StoredPlaces
from callwright.storage.worker import StorageWorker

ALICE, BOB = UserId("alice"), UserId("bob")
SUPPORT = CallQueueId("support")
SALES = CallQueueId("sales")
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


def test_places_are_kept_until_they_are_left(database: Database) -> None:
    stored = StoredPlaces(database)
    first = KeptPlace(CallId("call_1"), SUPPORT, "+12065550101", AT)
    second = KeptPlace(CallId("call_2"), SUPPORT, "+12065550102", AT + MINUTE)
    served = KeptPlace(CallId("call_3"), SUPPORT, "+1", AT)
    write(database, second, first, served, left=[served.call])
    assert stored.all() == [first, second]
    moved = replace(first, queue=SALES)
    write(database, moved)
    assert stored.all() == [moved, second], "a call waits in one line at a time"
    write(database, left=[first.call, second.call])
    assert stored.all() == []


def test_of_who_is_served_at_once_nothing_is_written(database: Database) -> None:
    asyncio.run(come_and_go(database))


async def come_and_go(database: Database) -> None:
    clock = SteppedClock()
    worker = StorageWorker(database, utc=clock.utc, new_id=str)
    queues = WorkerQueues(worker, database, clock)
    served, waiting, last = (
        KeptPlace(CallId(f"call_{number}"), SUPPORT, f"+1206555010{number}", AT + number * MINUTE)
        for number in range(3)
    )
    try:
        queues.place_taken(served)
        queues.place_taken(waiting)
        queues.places_left([served.call])
        await worker.flush()
        assert queues.kept_places() == [], "not before PLACES_GROUP_S"
        for run in clock.due(PLACES_GROUP_S):
            run()
        await worker.flush()
        assert queues.kept_places() == [waiting]
        queues.place_taken(last)
        queues.post()
        await worker.flush()
        assert queues.kept_places() == [waiting, last], "a stop writes what is noted"
    finally:
        await worker.close()


def write(database: Database, *taken: KeptPlace, left: Sequence[CallId] = ()) -> None:
    changes = PlaceChanges()
    for place in taken:
        changes.taken(place)
    changes.left(left)
    with database.writing() as connection:
        changes.write_within(connection)
