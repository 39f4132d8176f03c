"""Lists on a terminal, of calls that strangers named."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from callwright.calls.record import CallRecord, CallResult, Direction
from callwright.cli.tables import (
    CALL_COLUMNS,
    call_as_json,
    call_row,
    print_json,
    print_table,
)
from callwright.kernel.decision import Step
from callwright.kernel.ids import CallId
from callwright.kernel.reason import Reason

NOON = datetime(2026, 10, 14, 19, 0, tzinfo=UTC)
RECORD = CallRecord(
    id=CallId("call_1"),
    started_at=NOON,
    answered_at=None,
    ended_at=NOON,
    caller="\x1b]0;owned\x07 \x9b2J\u202e[bold]Zoë",
    callee="101",
    direction=Direction.INBOUND,
    result=CallResult.REJECTED,
    sip_status=403,
    reason=Reason.SOURCE_UNKNOWN,
    charge=None,
    steps=(Step("\x1b[31m", "\U000e0001 because"),),
)


def test_a_table_shows_the_name_and_obeys_no_command_in_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_table(CALL_COLUMNS, [call_row(RECORD, ZoneInfo("UTC"))])
    shown = capsys.readouterr().out
    assert shown.replace("\n", "").isprintable()
    assert "]0;owned" in shown
    assert "[bold]Zoë" in shown


def test_json_escapes_what_commands_a_terminal_and_loses_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_json([call_as_json(RECORD), call_as_json(replace(RECORD, caller="Zoë"))])
    shown = capsys.readouterr().out
    assert shown.replace("\n", "").isprintable()
    assert '"Zoë"' in shown
    first, _ = json.loads(shown)
    assert first["caller"] == RECORD.caller
    assert first["steps"] == [{"what": "\x1b[31m", "because": "\U000e0001 because"}]
