"""The first act of a server: what a killed one left open is closed and paid."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from callwright.calls.record import Direction
from callwright.kernel.ids import CallId
from callwright.kernel.money import Money
from callwright.storage.call_records import CallRecords
from callwright.storage.database import Database, DatabaseError
from callwright.storage.ledger import Ledger
from callwright.storage.recovery import Recovered, recover

AT = datetime(2025, 3, 10, 9, 30, tzinfo=UTC)


def test_calls_get_records_and_their_slices_are_paid(open_again: Callable[[], Database]) -> None:
    killed = open_again()
    ledger, records = Ledger(killed), CallRecords(killed)
    ledger.post_opening(Money(1_000_000, "USD"), AT)
    for call in ("call_paid", "call_free"):
        records.started(CallId(call), AT, "101", "+4930123456", Direction.OUTBOUND)
    for key, slice_number in (("call_paid/1", 0), ("call_paid/1", 1), ("call_paid/2", 0)):
        ledger.reserve(key, slice_number, Money(100_000, "USD"), AT)

    database = open_again()
    assert recover(database, AT + timedelta(minutes=2)) == Recovered(calls=2, reservations=2)
    paid = CallRecords(database).get(CallId("call_paid"))
    free = CallRecords(database).get(CallId("call_free"))
    assert paid is not None
    assert paid.charge == Money(300_000, "USD")
    assert free is not None
    assert free.charge is None
    assert Ledger(database).balance() == Money(700_000, "USD")
    assert Ledger(database).reserved() == Money(0, "USD")
    assert recover(database, AT) == Recovered(calls=0, reservations=0)


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
