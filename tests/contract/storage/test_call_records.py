"""Call records come back as they were written, newest first, and no call is forgotten."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from callwright.calls.record import CallRecord, CallResult, Direction
from callwright.kernel.decision import Step
from callwright.kernel.ids import CallId, SbcId, UserId
from callwright.kernel.money import Money
from callwright.kernel.reason import Reason
from callwright.storage.call_records import CallRecords
from callwright.storage.database import Database

AT = datetime(2025, 3, 10, 9, 30, 0, 123456, tzinfo=UTC)
RecordMaker = Callable[..., CallRecord]


@pytest.fixture
def records(database: Database) -> CallRecords:
    return CallRecords(database)


def test_a_record_comes_back_whole(records: CallRecords, make_record: RecordMaker) -> None:
    record = make_record(
        started_at=AT,
        answered_at=AT + timedelta(seconds=5),
        ended_at=AT + timedelta(seconds=65, microseconds=1),
        caller="Zoë <+14255550101>",
        direction=Direction.OUTBOUND,
        result=CallResult.ANSWERED,
        sip_status=200,
        reason=Reason.NORMAL,
        charge=Money(120_000, "USD"),
        caller_user=UserId("alice"),
        callee_user=UserId("bob"),
        gateway=SbcId("sbc1"),
        via="attendant main",
        steps=(Step("route r1", "pattern ^\\+1 matches"), Step("rate +1", "longest prefix")),
    )
    records.add([record])
    assert records.get(record.id) == record
    assert records.get(CallId("call_unknown")) is None


def test_a_call_without_a_price_has_no_charge_and_a_free_one_has_zero(
    records: CallRecords, make_record: RecordMaker
) -> None:
    unpriced, free = make_record(charge=None), make_record(charge=Money.zero("USD"))
    records.add([unpriced, free])
    assert records.list(limit=2) == [free, unpriced]


def test_a_record_is_written_once(records: CallRecords, make_record: RecordMaker) -> None:
    record = make_record()
    records.add([record])
    records.add([record, make_record()])
    assert len(records.list(limit=10)) == 2


def test_pages_go_from_the_newest_to_the_oldest(
    records: CallRecords, make_record: RecordMaker
) -> None:
    """Two of them began in the same instant, on the edge of a page."""
    made = [make_record(started_at=AT + timedelta(minutes=minute)) for minute in (3, 0, 1, 1, 2)]
    records.add(made)
    newest_first = sorted(made, key=lambda record: (record.started_at, record.id), reverse=True)
    pages, before = [], None
    while page := records.list(limit=2, before=before):
        pages.append(page)
        before = page[-1].id
    assert [record for page in pages for record in page] == newest_first
    assert [len(page) for page in pages] == [2, 2, 1]


def test_a_page_after_an_unknown_record_is_an_error(records: CallRecords) -> None:
    with pytest.raises(LookupError, match="call_nothing"):
        records.list(limit=2, before=CallId("call_nothing"))


@pytest.mark.parametrize(
    "filters",
    [
        {"caller": "101"},
        {"callee": "+4930123456"},
        {"user": UserId("alice")},
        {"gateway": SbcId("sbc1")},
        {"result": CallResult.BUSY},
        {"direction": Direction.OUTBOUND},
        {"since": AT + timedelta(hours=1)},
        {"until": AT + timedelta(hours=2), "since": AT + timedelta(minutes=30)},
    ],
)
def test_a_filter_finds_what_it_names(
    records: CallRecords, make_record: RecordMaker, filters: dict[str, object]
) -> None:
    wanted = make_record(
        started_at=AT + timedelta(hours=1),
        caller="101",
        callee="+4930123456",
        caller_user=UserId("alice"),
        gateway=SbcId("sbc1"),
        result=CallResult.BUSY,
        direction=Direction.OUTBOUND,
    )
    records.add([make_record(started_at=AT), wanted])
    assert records.list(limit=10, **filters) == [wanted]  # type: ignore[arg-type]


def test_what_the_network_sent_never_stops_a_record(
    records: CallRecords, make_record: RecordMaker
) -> None:
    """An undecodable byte and a NUL in a name, as parsers hand them on."""
    record = make_record(caller="a\udcffb", callee="c\0d", steps=(Step("x\udcff", "y"),))
    records.add([record])
    stored = records.get(record.id)
    assert stored is not None
    assert stored.caller.startswith("a\ufffd")
    assert stored.callee == "c\ufffdd"
    assert stored.steps == (Step("x\ufffd", "y"),)


def test_a_call_is_in_the_journal_until_its_record(
    records: CallRecords, make_record: RecordMaker
) -> None:
    record = make_record()
    records.started(record.id, AT, "101", "102", Direction.INTERNAL)
    records.started(record.id, AT, "101", "102", Direction.INTERNAL)
    (open_call,) = records.open_calls()
    assert (open_call.id, open_call.started_at, open_call.caller) == (record.id, AT, "101")
    records.add([record])
    assert records.open_calls() == ()


def test_a_call_that_a_killed_node_took_with_it_gets_a_record(records: CallRecords) -> None:
    call, later = CallId("call_1"), AT + timedelta(minutes=7)
    records.started(call, AT, "101", "+4930123456", Direction.OUTBOUND)
    assert records.close_orphans(later) == 1
    assert records.close_orphans(later) == 0
    record = records.get(call)
    assert record is not None
    assert (record.result, record.reason) == (CallResult.FAILED, Reason.NODE_LOST)
    assert (record.sip_status, record.ended_at) == (503, later)
    assert record.answered_at is None
    assert "killed" in record.steps[0].because
