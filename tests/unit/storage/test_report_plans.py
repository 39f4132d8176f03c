"""Reports stay quick: no query sorts rows of callers or reads a table of them from end to end."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import Engine

from callwright.kernel.ids import CallQueueId, UserId
from callwright.operations.reports.span import BinWidth, Span
from callwright.storage.database import Database
from callwright.storage.queue_recordings import StoredRecordings
from callwright.storage.reports.agents import AgentReports
from callwright.storage.reports.attendants import AttendantReports
from callwright.storage.reports.entries import HistoryEntries
from callwright.storage.reports.queues import QueueReports
from callwright.storage.retention import Retention

WEEK = Span(datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC))
HOURS = WEEK.bins(BinWidth.HOUR, ZoneInfo("UTC"))
SUPPORT = [CallQueueId("support")]
LAST = (1_772_438_400_000_000, "01KJ")
REPORTS: dict[str, Callable[[Database], object]] = {
    "queues": lambda d: QueueReports(d).figures(WEEK, thresholds_s={}, threshold_s=20),
    "volume": lambda d: QueueReports(d).volume(HOURS, queues=SUPPORT),
    "attendants": lambda d: AttendantReports(d).figures(WEEK),
    "agents": lambda d: AgentReports(d).figures(WEEK),
    "callers": lambda d: HistoryEntries(d).of_queues(WEEK, limit=100),
    "attendant callers": lambda d: HistoryEntries(d).of_attendants(WEEK, limit=100),
    "recordings": lambda d: StoredRecordings(d, new_id=str).page(None, before=LAST, limit=100),
    "recordings of a queue": lambda d: StoredRecordings(d, new_id=str).page(
        SUPPORT[0], before=LAST, limit=100
    ),
    "old visits": lambda d: Retention(d).forget_history(WEEK.since, limit=100),
    "old calls": lambda d: Retention(d).forget_calls(WEEK.since, limit=100),
}
TABLES = (
    "queue_recording",
    "queue_visit",
    "attendant_visit",
    "agent_offer",
    "call_record",
    "call_leg",
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database.open(tmp_path)) as opened:
        yield opened


def plans(database: Database, report: Callable[[Database], object]) -> list[str]:
    """The steps of SQLite for all that the report asks of these tables."""
    asked: list[tuple[str, Any]] = []

    def note(connection: object, cursor: object, statement: str, parameters: Any, *_: Any) -> None:
        if any(table in statement for table in TABLES):
            asked.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        report(database)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert asked
    with database.reading() as connection:
        return [
            row.detail
            for statement, parameters in asked
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_goes_along_indexes(database: Database, name: str) -> None:
    steps = plans(database, REPORTS[name])
    assert not [step for step in steps if "TEMP B-TREE FOR GROUP" in step], steps
    assert not [step for step in steps if "TEMP B-TREE FOR ORDER" in step], steps
    read_whole = [
        step
        for step in steps
        if step.startswith("SCAN") and any(f"SCAN {table}" in step for table in TABLES)
        if "INDEX" not in step
    ]
    assert read_whole == []


def test_callers_of_one_queue_are_looked_for_in_the_span_only(database: Database) -> None:
    steps = plans(database, lambda d: HistoryEntries(d).of_queues(WEEK, limit=9, queues=SUPPORT))
    assert any("(queue=? AND result=? AND started_at_us>? AND" in step for step in steps), steps


def test_one_agents_hours_are_found_by_his_name(database: Database) -> None:
    steps = plans(database, lambda d: AgentReports(d).timeline(HOURS, agents=[UserId("bob")]))
    assert any("ix_agent_offer_report (agent=?" in step for step in steps), steps
    with database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM agent_offer")).scalar() == 0
