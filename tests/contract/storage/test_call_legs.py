"""How legs sounded comes back as it was measured, of calls that are over and of those that run."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from callwright.calls.record import CallRecord, Direction, LegRecord
from callwright.kernel.ids import CallId, SbcId, UserId
from callwright.media.events import LegQuality, LegStatistics
from callwright.storage.call_records import CallRecords
from callwright.storage.database import Database
from callwright.storage.worker import StorageWorker

AT = datetime(2025, 3, 10, 9, 30, tzinfo=UTC)
CALL = CallId("call_running")
COUNTED = LegStatistics(
    packets_received=4_990,
    packets_sent=5_000,
    bytes_received=798_400,
    bytes_sent=800_000,
    packets_lost=10,
    packets_rejected=3,
    jitter_ms=2.625,
    round_trip_ms=41.5,
    received=LegQuality(packets=4_990, lost=10, jitter_ms=2.625, late=0, mos=4.27),
    sent=LegQuality(packets=4_750, lost=0, jitter_ms=None, late=None, mos=4.41),
)
PHONE = LegRecord(7, "101", UserId("alice"), None, "OPUS", COUNTED)
TRUNK = LegRecord(
    12, "Zoë <+12065550199>", None, SbcId("sbc1"), None, COUNTED._replace(received=None, sent=None)
)
RecordMaker = Callable[..., CallRecord]


@pytest.fixture
def records(database: Database) -> CallRecords:
    return CallRecords(database)


def test_legs_come_back_as_they_were_measured(
    records: CallRecords, make_record: RecordMaker
) -> None:
    record, other = make_record(legs=(PHONE, TRUNK)), make_record()
    records.add([record, other])
    assert records.get(record.id) == record
    assert records.get(other.id) == other
    assert records.list(limit=2) == [other, replace(record, legs=())]


def test_what_is_unknown_stays_unknown(records: CallRecords, make_record: RecordMaker) -> None:
    """rvoip#200: what nobody had measured was shown as a good number."""
    nothing = LegQuality(packets=1, lost=0, jitter_ms=None, late=None, mos=None)
    counted = COUNTED._replace(jitter_ms=None, round_trip_ms=None, received=nothing, sent=None)
    record = make_record(legs=(replace(PHONE, statistics=counted),))
    records.add([record])
    assert records.get(record.id) == record


def test_a_running_call_is_seen_and_its_record_has_the_last_word(
    open_again: Callable[[], Database], make_record: RecordMaker
) -> None:
    elsewhere = CallRecords(open_again())

    async def script() -> None:
        worker = StorageWorker(open_again(), utc=lambda: AT, new_id=str)
        try:
            worker.record_started(CALL, AT, "101", "102", Direction.INTERNAL)
            await worker.flush()
            running = elsewhere.running(CALL)
            assert running is not None
            assert running[1] == ()
            for packets in (500, 1_000):
                counted = COUNTED._replace(packets_received=packets)
                worker.legs_measured({CALL: [replace(PHONE, statistics=counted)]})
            await worker.flush()
            running = elsewhere.running(CALL)
            assert running is not None
            start, legs = running
            assert (start.caller, start.started_at) == ("101", AT)
            assert [leg.statistics.packets_received for leg in legs] == [1_000]
            record = make_record(id=CALL, ended_at=AT + timedelta(minutes=2), legs=(PHONE,))
            worker.record_ended(record)
            worker.legs_measured({CALL: [replace(PHONE, codec="stale")]})
            await worker.flush()
            assert elsewhere.running(CALL) is None
            assert elsewhere.get(CALL) == record
        finally:
            await worker.close()

    asyncio.run(script())


def test_a_call_that_a_killed_node_took_with_it_keeps_what_was_heard(
    database: Database, records: CallRecords
) -> None:
    async def script() -> None:
        worker = StorageWorker(database, utc=lambda: AT, new_id=str)
        worker.record_started(CALL, AT, "101", "102", Direction.INTERNAL)
        worker.legs_measured({CALL: [PHONE]})
        await worker.close()

    asyncio.run(script())
    assert records.close_orphans(AT) == 1
    lost = records.get(CALL)
    assert lost is not None
    assert lost.legs == (PHONE,)


def test_nobody_knows_a_call_that_never_was(records: CallRecords) -> None:
    assert records.running(CALL) is None
