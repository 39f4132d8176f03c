"""What calls met in attendants and queues comes back with their records, as it was."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from callwright.calls.record import CallRecord
from callwright.calls.visits import (
    AgentOffer,
    AttendantFlow,
    AttendantResult,
    AttendantVisit,
    FinalAction,
    OfferOutcome,
    QueueResult,
    QueueVisit,
    SearchMethod,
    TargetType,
    TransferAction,
)
from callwright.kernel.ids import (
    AutoAttendantId,
    CallId,
    CallQueueId,
    ResourceAccountId,
    UserId,
)
from callwright.storage.call_records import CallRecords
from callwright.storage.database import Database

AT = datetime(2025, 3, 10, 9, 30, 0, 123456, tzinfo=UTC)
RecordMaker = Callable[..., CallRecord]
ATTENDANT = AttendantVisit(
    attendant=AutoAttendantId("reception"),
    account=ResourceAccountId("main-line"),
    started_at=AT,
    ended_at=AT + timedelta(seconds=12.5),
    result=AttendantResult.TRANSFERRED_TO_QUEUE,
    flow=AttendantFlow.FIRST_LEVEL_MENU,
    actions=2,
    chain_index=1,
    search=SearchMethod.KEYS,
    transfer=TransferAction.QUEUE,
    target="queue support",
)
OFFERS = (
    AgentOffer(UserId("bob"), AT, AT + timedelta(seconds=20), OfferOutcome.MISSED),
    AgentOffer(
        UserId("carol"),
        AT + timedelta(seconds=20),
        AT + timedelta(seconds=24),
        OfferOutcome.ANSWERED,
        95.125,
    ),
)
QUEUE = QueueVisit(
    queue=CallQueueId("support"),
    account=None,
    started_at=AT + timedelta(seconds=12.5),
    ended_at=AT + timedelta(seconds=36.5),
    result=QueueResult.TRANSFERRED_TO_AGENT,
    chain_index=2,
    agent_count=3,
    opted_in_count=2,
    waiting_before=4,
    priority=3,
    offers=OFFERS,
    agent=UserId("carol"),
    callback_of=CallId("call_before"),
)
SENT_ON = replace(
    QUEUE,
    queue=CallQueueId("sales"),
    result=QueueResult.OVERFLOWN,
    offers=(),
    agent=None,
    final_action=FinalAction.SHARED_VOICEMAIL,
    target_type=TargetType.MAILBOX,
    target="shared voicemail a\0b",
    callback_of=None,
)


@pytest.fixture
def records(database: Database) -> CallRecords:
    return CallRecords(database)


def test_visits_come_back_in_order(records: CallRecords, make_record: RecordMaker) -> None:
    whole = replace(SENT_ON, target="shared voicemail front desk")
    record = make_record(visits=(whole, ATTENDANT, QUEUE))
    other = make_record(visits=(QUEUE,))
    records.add([record, other, make_record()])
    assert records.get(record.id) == record
    assert records.get(other.id) == other


def test_a_list_of_calls_leaves_them_out(records: CallRecords, make_record: RecordMaker) -> None:
    record = make_record(visits=(ATTENDANT,))
    records.add([record])
    assert records.list(limit=1) == [replace(record, visits=())]


def test_a_record_that_comes_twice_changes_nothing(
    records: CallRecords, make_record: RecordMaker
) -> None:
    record = make_record(visits=(ATTENDANT, QUEUE))
    records.add([record])
    records.add([replace(record, visits=(ATTENDANT, replace(QUEUE, agent_count=9)))])
    assert records.get(record.id) == record


def test_what_no_database_takes_as_text_does_not_lose_the_record(
    records: CallRecords, make_record: RecordMaker
) -> None:
    record = make_record(visits=(SENT_ON,))
    records.add([record])
    found = records.get(record.id)
    assert found is not None
    (visit,) = found.visits
    assert visit.target == "shared voicemail a\N{REPLACEMENT CHARACTER}b"


def test_calls_without_visits_cost_nothing_and_a_thousand_three_statements(
    records: CallRecords, make_record: RecordMaker
) -> None:
    written: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        written.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        records.add([make_record() for _ in range(3)])
        assert not [each for each in written if "visit" in each or "offer" in each]
        records.add([make_record(visits=(ATTENDANT, QUEUE)) for _ in range(1_000)])
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert len([each for each in written if "visit" in each or "offer" in each]) == 3


def test_calls_are_found_by_what_they_met(records: CallRecords, make_record: RecordMaker) -> None:
    met = {"both": (ATTENDANT, QUEUE), "waited": (QUEUE,), "sent": (SENT_ON,), "nothing": ()}
    records.add([make_record(caller=name, visits=visits) for name, visits in met.items()])

    def callers(**filters: Any) -> list[str]:
        return sorted(record.caller for record in records.list(limit=10, **filters))

    assert callers(queue=CallQueueId("support")) == ["both", "waited"]
    assert callers(queue=CallQueueId("sales")) == ["sent"]
    assert callers(attendant=AutoAttendantId("reception")) == ["both"]
    assert callers(agent=UserId("bob")) == ["both", "waited"]
    assert callers(agent=UserId("bob"), attendant=AutoAttendantId("reception")) == ["both"]
    assert callers(agent=UserId("alice")) == []
