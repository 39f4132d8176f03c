"""Data of every released schema is carried over, and calls can be recorded in it."""

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from callwright.calls.record import CallRecord, CallResult, Direction, LegRecord
from callwright.kernel.decision import Step
from callwright.kernel.ids import CallId
from callwright.kernel.money import Money
from callwright.kernel.reason import Reason
from callwright.media.events import LegStatistics
from callwright.storage.call_records import CallRecords
from callwright.storage.database import Database
from callwright.storage.migration import SCRIPTS, VERSIONS
from callwright.storage.schema import to_us

AT = datetime(2025, 3, 10, 9, 30, tzinfo=UTC)
OLD = CallRecord(
    id=CallId("call_old"),
    started_at=AT,
    answered_at=AT,
    ended_at=AT,
    caller="+14255550101",
    callee="102",
    direction=Direction.INBOUND,
    result=CallResult.ANSWERED,
    sip_status=200,
    reason=Reason.NORMAL,
    charge=Money(120_000, "USD"),
    steps=(Step("route r1", "matches"),),
)
COUNTED = LegStatistics(1, 2, 160, 320, 0, 0, None, None)


def write_old(folder: Path, version: str) -> None:
    """A database as the program of that schema left it, with one call of each kind."""
    engine = create_engine(f"sqlite:///{folder / 'callwright.db'}")
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
        at_us = to_us(AT)
        connection.exec_driver_sql(
            "INSERT INTO call_record (id, started_at_us, answered_at_us, ended_at_us, caller, "
            "callee, direction, result, sip_status, reason, charge_micros, charge_currency, steps) "
            "VALUES (?, ?, ?, ?, '+14255550101', '102', 'inbound', 'answered', 200, 'normal', "
            "120000, 'USD', ?)",
            (OLD.id, at_us, at_us, at_us, json.dumps([["route r1", "matches"]])),
        )
        connection.exec_driver_sql(
            "INSERT INTO open_call VALUES ('call_cut_off', ?, '101', '102', 'internal')", (at_us,)
        )
    engine.dispose()


@pytest.mark.parametrize("version", VERSIONS)
def test_old_calls_are_there_and_new_ones_can_be_added(tmp_path: Path, version: str) -> None:
    write_old(tmp_path, version)
    new = CallRecord(
        id=CallId("call_new"),
        started_at=AT,
        answered_at=None,
        ended_at=AT,
        caller="101",
        callee="102",
        direction=Direction.INTERNAL,
        result=CallResult.MISSED,
        sip_status=480,
        reason=Reason.NOT_ANSWERED,
        charge=None,
        legs=(LegRecord(1, "101", None, None, "PCMU", COUNTED),),
    )
    with closing(Database.open(tmp_path)) as database:
        records = CallRecords(database)
        assert records.get(OLD.id) == OLD
        assert [call.id for call in records.open_calls()] == ["call_cut_off"]
        assert records.close_orphans(AT) == 1
        records.add([new])
        assert records.get(new.id) == new
