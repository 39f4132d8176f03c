"""`callwright reports`, typed as an administrator types it."""

import csv
import io
import json
import zipfile
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.unit.api.test_reports import ABANDONED, ANSWERED, RECEPTION, SENT_TO_BOB, call
from tests.unit.cli.test_numbers import CONTOSO, Desk

from callwright.calls.record import CallRecord
from callwright.calls.visits import QueueVisit, Visit
from callwright.kernel.ids import SbcId
from callwright.storage.call_records import CallRecords
from callwright.storage.database import Database

SHIFT = datetime.now(UTC).replace(microsecond=0) - ANSWERED.started_at - timedelta(hours=3)


def recent(record: CallRecord) -> CallRecord:
    """The same some hours ago."""
    visits = tuple(map(recent_visit, record.visits))
    at = record.started_at + SHIFT
    return replace(
        record, started_at=at, answered_at=at, ended_at=at, visits=visits, gateway=SbcId("sbc1")
    )


def recent_visit(visit: Visit) -> Visit:
    moved = replace(visit, started_at=visit.started_at + SHIFT, ended_at=visit.ended_at + SHIFT)
    if isinstance(moved, QueueVisit):
        offers = [replace(offer, offered_at=moved.started_at) for offer in moved.offers]
        return replace(moved, offers=tuple(offers))
    return moved


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path / "data")
    made.done("apply", CONTOSO)
    calls = [call(1, RECEPTION, ANSWERED), call(2, ABANDONED), call(3, SENT_TO_BOB)]
    with closing(Database.open(tmp_path / "data")) as database:
        CallRecords(database).add([recent(each) for each in calls])
    return made


def test_queues_are_a_table_a_sheet_or_json(desk: Desk) -> None:
    table = desk.done("reports", "queues")
    assert "(America/Los_Angeles)" in table.splitlines()[0]
    assert "1 abandoned" in table
    assert "1 to user bob" in table
    sheet = list(csv.DictReader(io.StringIO(desk.done("reports", "queues", "--csv"))))
    assert [(row["queue"], row["offered"], row["abandoned"]) for row in sheet] == [
        ("sales", "1", "0"),
        ("support", "2", "1"),
    ]
    report = desk.json("reports", "queues", "--queue", "support", "--threshold-s", 25)
    assert report["items"][0]["service_level"]["in_time"] == 1


def test_callers_hours_and_agents(desk: Desk) -> None:
    callers = desk.json("reports", "queues", "--callers", "--result", "abandoned")
    assert [each["queue"] for each in callers] == ["support"]
    assert "answered" in desk.done("reports", "agents", "--agent", "carol", "--by", "day")
    assert "carol" in desk.done("reports", "agents", "--by", "day")
    assert "first_level_menu" in desk.done("reports", "attendants", "--callers")


def test_calls_of_one_queue_are_listed_by_kind(desk: Desk) -> None:
    everything = desk.json("queues", "calls", "support")
    assert [each["kind"] for each in everything] == ["missed", "answered"]
    assert "abandoned" in desk.done("queues", "calls", "support", "--kind", "missed")
    (sent,) = desk.json("queues", "calls", "sales", "--kind", "redirected")
    assert sent["target"] == "user bob"


def test_usage_is_listed_and_saved(desk: Desk, tmp_path: Path) -> None:
    assert desk.done("reports", "pstn").count("dr_in") == 3
    assert "100.0 % (few calls)" in desk.done("reports", "trunks")
    file = tmp_path / "usage.zip"
    desk.done("reports", "pstn", "--zip", file)
    with zipfile.ZipFile(file) as archive:
        assert sum(json.loads(archive.read("parameters.json"))["rows"].values()) == 3
    assert "exists" in desk.refused("reports", "pstn", "--zip", file)


def test_a_call_shows_what_it_met(desk: Desk) -> None:
    name = call(1, RECEPTION).id
    shown = desk.done("calls", "show", name)
    assert "attendant reception" in shown
    assert "agent carol" in shown
    assert "missed" in shown
    visits = desk.json("calls", "show", name)["visits"]
    assert [visit["kind"] for visit in visits] == ["attendant", "queue"]
    assert [offer["outcome"] for offer in visits[1]["offers"]] == ["missed", "answered"]
    assert "visits" not in desk.json("calls", "list")[0]


def test_nothing_was(desk: Desk) -> None:
    before = ("--since", "2020-01-01", "--until", "2020-01-02")
    assert desk.done("reports", "queues", "--callers", "--csv", *before) == ""
    assert "write an earlier since" in desk.refused("reports", "queues", "--since", "2100-01-01")
    assert "--csv or --json" in desk.refused("reports", "queues", "--csv", "--json")
