"""The first act of a server: what a killed one left open is closed and paid."""

import os
import wave
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callwright.apps.queue_services import TalkRecording
from callwright.apps.services import Message
from callwright.calls.record import Direction
from callwright.kernel.ids import CallId, CallQueueId, MailboxId, UserId
from callwright.kernel.money import Money
from callwright.storage.call_records import CallRecords
from callwright.storage.database import Database, DatabaseError
from callwright.storage.ledger import Ledger
from callwright.storage.queue_recordings import StoredRecordings
from callwright.storage.recovery import Recovered, recover
from callwright.storage.voicemail import Voicemails

ALICE = MailboxId("alice")
AT = datetime(2025, 3, 10, 9, 30, tzinfo=UTC)


def test_calls_get_records_and_their_slices_are_paid(open_again: Callable[[], Database]) -> None:
    killed = open_again()
    ledger, records = Ledger(killed), CallRecords(killed)
    ledger.post_opening(Money(1_000_000, "USD"), AT)
    for call in ("call_paid", "call_free"):
        records.started(CallId(call), AT, "101", "+4930123456", Direction.OUTBOUND)
    for key, slice_number in (("call_paid/1", 0), ("call_paid/1", 1), ("call_paid/2", 0)):
        ledger.reserve(key, slice_number, Money(100_000, "USD"), AT)
    ledger.note_answered("call_paid/1", 60, AT + timedelta(seconds=30))

    database = open_again()
    assert recover(database, AT + timedelta(minutes=2)) == Recovered(calls=2, reservations=2)
    paid = CallRecords(database).get(CallId("call_paid"))
    free = CallRecords(database).get(CallId("call_free"))
    assert paid is not None
    assert paid.charge == Money(200_000, "USD")  # the second leg was never answered
    assert free is not None
    assert free.charge is None
    assert Ledger(database).balance() == Money(800_000, "USD")
    assert Ledger(database).reserved() == Money(0, "USD")
    assert recover(database, AT) == Recovered(calls=0, reservations=0)


def test_a_call_that_was_paid_and_not_yet_recorded_tells_its_price(
    open_again: Callable[[], Database],
) -> None:
    """The node was killed between the two; one leg was settled by it, one by the recovery."""
    killed = open_again()
    ledger, call = Ledger(killed), CallId("call_paid")
    ledger.post_opening(Money(1_000_000, "USD"), AT)
    CallRecords(killed).started(call, AT, "101", "+4930123456", Direction.OUTBOUND)
    for key in ("call_paid/1", "call_paid/2"):
        ledger.reserve(key, 0, Money(100_000, "USD"), AT)
        ledger.note_answered(key, 60, AT)
    ledger.settle("call_paid/1", Money(70_000, "USD"), AT)

    database = open_again()
    assert recover(database, AT + timedelta(seconds=30)) == Recovered(calls=1, reservations=1)
    record = CallRecords(database).get(call)
    assert record is not None
    assert record.charge == Money(170_000, "USD")
    assert Ledger(database).balance() == Money(830_000, "USD")


def test_sound_that_became_no_message_goes_after_a_day(
    open_again: Callable[[], Database],
) -> None:
    database = open_again()
    names = iter(("kept", "orphan", "fresh"))
    voicemails = Voicemails(database, new_id=lambda: next(names))
    kept, orphan, fresh = (voicemails.new_path(ALICE) for _ in range(3))
    for path in (kept, orphan, fresh):
        path.write_bytes(b"RIFF")
    voicemails.add(Message(ALICE, "101", None, AT, 3.0, kept))
    note = kept.with_suffix(".txt")
    note.write_text("not ours")
    for path in (kept, orphan, note):
        os.utime(path, (AT.timestamp(), AT.timestamp()))
    os.utime(fresh, (AT.timestamp() + 7_200, AT.timestamp() + 7_200))

    assert recover(database, AT + timedelta(days=1, hours=1)).recordings == 1
    assert [path.exists() for path in (kept, orphan, fresh, note)] == [True, False, True, True]


def test_a_talk_that_was_being_recorded_is_listed_as_far_as_it_came(
    open_again: Callable[[], Database],
) -> None:
    killed = open_again()
    names = iter(("whole", "cut", "empty", "gone"))
    stored = StoredRecordings(killed, new_id=lambda: next(names))
    begun = [TalkRecording(
        call=CallId(f"call_{minute}"),
        queue=CallQueueId("support"),
        agent=UserId("alice"),
        caller="+12065552368",
        started_at=AT + timedelta(minutes=minute),
        duration_s=0.0,
        path=stored.new_path(CallQueueId("support")),
    ) for minute in range(4)]  # fmt: skip
    for talk, seconds in zip(begun, (3, 2, 0), strict=False):
        write_sound(talk.path, seconds)
    with killed.writing() as connection:
        for talk in begun:
            stored.begin_within(connection, talk)
        stored.add_within(connection, replace(begun[0], duration_s=3.0))
    assert [each.id for each in stored.page(None, before=None, limit=10)] == ["whole"]

    database = open_again()
    assert recover(database, AT + timedelta(hours=1)).talks == 1
    cut, whole = StoredRecordings(database, new_id=str).page(None, before=None, limit=10)
    assert (whole.id, whole.duration_s) == ("whole", 3.0)
    assert (cut.id, cut.call, cut.agent, cut.duration_s) == ("cut", "call_1", "alice", 2.0)
    assert [talk.path.exists() for talk in begun] == [True, True, False, False]
    assert recover(database, AT + timedelta(hours=1)).talks == 0


def write_sound(path: Path, seconds: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, 8_000, 0, "NONE", ""))
        file.writeframes(bytes(seconds * 32_000))


def test_a_second_server_does_not_close_the_calls_of_the_first(
    open_again: Callable[[], Database],
) -> None:
    first, second = open_again(), open_again()
    recover(first, AT)
    CallRecords(first).started(CallId("call_1"), AT, "101", "102", Direction.INTERNAL)
    with pytest.raises(DatabaseError, match="another callwright serves"):
        recover(second, AT)
    assert len(CallRecords(second).open_calls()) == 1
    first.close()
    assert recover(second, AT).calls == 1
