"""What is too old goes, oldest first and a part at a time; what is not stays whole."""

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count

import pytest
import yaml
from tests.contract.storage.made_visits import DAYS, SINCE, made_records
from tests.unit.operations.contoso_file import FILE

from callwright.apps.queue_services import TalkRecording
from callwright.calls.record import CallRecord, LegRecord
from callwright.kernel.ids import CallId, CallQueueId, UserId
from callwright.media.events import LegStatistics
from callwright.operations.organisation_file import Organisation
from callwright.operations.reports.span import Span
from callwright.runtime import retention as keeping
from callwright.runtime.retention import RetentionKeeping
from callwright.storage.call_records import CallRecords
from callwright.storage.database import Database
from callwright.storage.queue_recordings import StoredRecordings
from callwright.storage.reports.agents import AgentReports
from callwright.storage.reports.attendants import AttendantReports
from callwright.storage.reports.queues import QueueReports
from callwright.storage.retention import Retention

MIDDLE = SINCE + timedelta(days=DAYS / 2)
EVER = Span(SINCE - timedelta(days=1), SINCE + timedelta(days=DAYS + 1))
LEG = LegRecord(1, "101", UserId("bob"), None, "PCMU", LegStatistics(*[0] * 6, None, None))


@dataclass
class StoppedClock:
    """Stands still, and sets no timers."""

    now: datetime

    def utc(self) -> datetime:
        return self.now

    def monotonic(self) -> float:
        return 0.0

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> object:
        raise NotImplementedError


@pytest.fixture
def kept(database: Database) -> Sequence[CallRecord]:
    made = [replace(record, legs=(LEG,)) for record in made_records(seed=5, count=40)]
    CallRecords(database).add(made)
    return made


def contoso(**days: int) -> Organisation:
    file = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    file["organisation"]["retention"] = days
    return Organisation.model_validate(file)


def sweep(database: Database, organisation: Organisation | None, now: datetime) -> None:
    clock = StoppedClock(now)
    made = RetentionKeeping(Retention(database), lambda: organisation, clock)  # type: ignore[arg-type]
    asyncio.run(made.sweep())


@pytest.mark.row(265)
def test_on_day_29_nobody_can_tell_any_more_who_served_whom(
    database: Database, kept: Sequence[CallRecord]
) -> None:
    """All were on the first 28 days: on day 28 all is there, of day 29 on what is left shrinks."""
    file = contoso()
    sweep(database, file, SINCE + timedelta(days=28))
    assert [CallRecords(database).get(record.id) for record in kept] == list(kept)
    now = MIDDLE + timedelta(days=28)
    sweep(database, file, now)
    for record in kept:
        stays = record.started_at >= MIDDLE
        expected = record if stays else replace(record, visits=())
        assert CallRecords(database).get(record.id) == expected
    sweep(database, file, SINCE + timedelta(days=DAYS + 29))
    assert QueueReports(database).figures(EVER, thresholds_s={}, threshold_s=20) == []
    assert AttendantReports(database).figures(EVER) == []
    assert AgentReports(database).figures(EVER) == []
    assert CallRecords(database).list(limit=1_000) != []


def test_records_of_calls_go_with_all_that_was_of_them(
    database: Database, kept: Sequence[CallRecord]
) -> None:
    sweep(database, contoso(history_days=100, call_days=10), MIDDLE + timedelta(days=10))
    for record in kept:
        expected = record if record.started_at >= MIDDLE else None
        assert CallRecords(database).get(record.id) == expected
    after = [record for record in kept if record.started_at >= MIDDLE]
    offered = sum(
        figures.presented + figures.withdrawn for figures in AgentReports(database).figures(EVER)
    )
    assert offered == sum(len(getattr(v, "offers", ())) for r in after for v in r.visits)


def test_recorded_talks_go_with_the_records_of_their_calls(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what a killed server recorded and listed nowhere goes when it is as old."""
    monkeypatch.setattr(keeping, "RETENTION_ROWS_AT_ONCE", 2)
    numbers = count(1)
    stored = StoredRecordings(database, new_id=lambda: f"r{next(numbers)}")
    paths = [stored.new_path(CallQueueId("support")) for _ in range(6)]
    for day, path in enumerate(paths):
        path.write_bytes(b"RIFF")
        begun = SINCE + timedelta(days=day)
        os.utime(path, (begun.timestamp(),) * 2)
        if path not in (paths[1], paths[5]):  # nobody lived to list them
            talk = TalkRecording(
                CallId(f"call_{day}"), CallQueueId("support"), None, "101", begun, 5.0, path
            )
            with database.writing() as connection:
                stored.add_within(connection, talk)
    sweep(database, contoso(call_days=10), SINCE + timedelta(days=13, hours=1))
    kept = stored.page(None, before=None, limit=10)
    assert [recording.path for recording in kept] == [paths[4]]
    assert [path.exists() for path in paths] == [False] * 4 + [True] * 2
    sweep(database, contoso(call_days=10), SINCE + timedelta(days=40))
    assert stored.page(None, before=None, limit=10) == []
    assert not any(path.exists() for path in paths)


def test_a_sweep_takes_bounded_steps_and_ends_when_nothing_old_is_left(
    database: Database, kept: Sequence[CallRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "RETENTION_ROWS_AT_ONCE", 7)
    retention = Retention(database)
    assert retention.forget_calls(EVER.until, limit=15) == 15
    oldest_first = sorted(kept, key=lambda record: record.started_at)
    left = {record.id for record in CallRecords(database).list(limit=1_000)}
    assert left == {record.id for record in oldest_first[15:]}
    sweep(database, None, SINCE + timedelta(days=4_000))
    assert len(CallRecords(database).list(limit=1_000)) == len(left), "nobody said how long"
    sweep(database, contoso(call_days=1), SINCE + timedelta(days=DAYS + 2))
    assert CallRecords(database).list(limit=1) == []
    assert retention.forget_calls(EVER.until, limit=7) == 0
    assert retention.forget_history(EVER.until, limit=7) == 0
