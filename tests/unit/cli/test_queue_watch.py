"""What `queues watch` shows of boards: spans, shares, unknowns, and names that would write on a
terminal."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from callwright.cli.client import ApiRefused
from callwright.cli.queue_watch import shown, shown_or_why_not
from callwright.domains.queues.board import aged, board_of
from callwright.domains.queues.supervision import SupervisionState
from callwright.domains.queues.view import (
    AgentCondition,
    AgentView,
    QueueView,
    WaitingState,
    WaitingView,
)
from callwright.kernel.ids import CallId, CallQueueId, UserId
from callwright.kernel.supervision import SupervisionMode

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
TODAY = {
    "offered": 12, "answered": 9, "abandoned": 2,
    "mean_wait_s": 17.2, "longest_wait_s": 80.0, "service_level": 0.9,
}  # fmt: skip
NOBODY = dict.fromkeys(TODAY, 0) | {"mean_wait_s": None, "service_level": None}


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def written(view: QueueView, today: dict[str, Any], *states: SupervisionState) -> list[str]:
    board = {**aged(board_of(view, states), NOW), "today": today}
    paper = StringIO()
    Console(file=paper, width=160).print(shown([board]))
    return [" ".join(line.split()) for line in paper.getvalue().splitlines()]


def test_a_busy_queue_is_shown_whole() -> None:
    alice, bob = UserId("alice"), UserId("bob")
    caller = WaitingView(
        CallId("c1"), "+12065550101", None, ago(3_725), 1, 2, WaitingState.RINGING, (bob,)
    )
    agents = (
        AgentView(alice, AgentCondition.IN_CALL, ago(61), talks_with="+12065550102"),
        AgentView(bob, AgentCondition.WRAP_UP, ago(5), until=NOW + timedelta(seconds=25)),
        AgentView(UserId("erin"), AgentCondition.PAUSED, ago(600), reason="lunch"),
    )
    view = QueueView(CallQueueId("support"), (caller,), agents, 0.875, 0.0)
    state = SupervisionState(
        UserId("dave"), alice, SupervisionMode.WHISPER, CallId("c9"), CallId("c2"), ago(10)
    )
    lines = written(view, TODAY, state)
    assert "support 1 1:02:05 88% 1 in-call, 1 paused, 1 wrap-up 12 9 2 0:17 90%" in lines
    assert "support 1 +12065550101 - 1:02:05 2 ringing bob" in lines
    assert "support alice in-call 1:01 - +12065550102 - dave (whisper)" in lines
    assert "support bob wrap-up 0:05 0:25 - - -" in lines
    assert "support erin paused 10:00 - - lunch -" in lines


def test_what_is_not_known_is_no_number() -> None:
    offline = AgentView(UserId("alice"), AgentCondition.OFFLINE, None)
    lines = written(QueueView(CallQueueId("sales"), (), (offline,), None, 0.0), NOBODY)
    assert "sales 0 - - 1 offline 0 0 0 - -" in lines
    assert "sales alice offline - - - - -" in lines


def test_a_board_on_a_wall_outlives_a_restart_of_the_server() -> None:
    def refused(status: int) -> Callable[[], list[Any]]:
        def read() -> list[Any]:
            raise ApiRefused("no server runs on this data", status)

        return read

    for status in (0, 503):
        assert "no server runs" in str(shown_or_why_not(refused(status)))
    for status in (401, 403, 404):
        with pytest.raises(ApiRefused):
            shown_or_why_not(refused(status))


def test_no_name_writes_on_the_terminal() -> None:
    hostile = "[red]\x1b[2J\x07Bob"
    caller = WaitingView(CallId("c1"), hostile, hostile, NOW, 1, 3, WaitingState.WAITING)
    lines = written(QueueView(CallQueueId("sales"), (caller,), (), None, 0.0), NOBODY)
    (line,) = [line for line in lines if "Bob" in line]
    assert line.isprintable()
    assert "[red]" in line
