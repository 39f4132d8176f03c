"""Live views of queues over HTTP: what is shown to whom, and where it comes from."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.unit.api.api_client import AT, Api, Boards, Running, make_demo_app

from callwright.domains.queues.board import board_of
from callwright.domains.queues.view import (
    AgentCondition,
    AgentView,
    QueueView,
    WaitingState,
    WaitingView,
)
from callwright.kernel.ids import CallId, CallQueueId, UserId
from callwright.kernel.limits.supervision import LIVE_STALE_S
from callwright.storage.live_view import LiveViewFile

CUSTOMER = "+12065550101"


def view(queue: str, *waits_s: float) -> QueueView:
    waiting = [
        WaitingView(
            CallId(f"c{place}"), CUSTOMER, None, AT - timedelta(seconds=wait_s), place, 3,
            WaitingState.WAITING,
        )
        for place, wait_s in enumerate(waits_s, start=1)
    ]  # fmt: skip
    wrapping_up = AgentView(
        UserId("alice"),
        AgentCondition.WRAP_UP,
        AT - timedelta(seconds=20),
        until=AT + timedelta(seconds=10),
    )
    offline = AgentView(UserId("bob"), AgentCondition.OFFLINE, None)
    return QueueView(CallQueueId(queue), tuple(waiting), (wrapping_up, offline), 0.75, 0.0)


BOARDS = (board_of(view("support", 90, 30)), board_of(view("sales")))


@pytest.fixture
def live(api: Api) -> Api:
    api.app = make_demo_app(replace(api.tenant, live=Running(board=Boards(*BOARDS))))
    return api


@pytest.mark.row(266)
def test_who_waits_how_long_and_what_agents_do(live: Api) -> None:
    live.watch.pass_by(5)
    shown = live.get("/call-queues/support/live", may="reports:read calls:read")
    assert (shown["waiting_count"], shown["longest_wait_s"], shown["mean_wait_s"]) == (2, 95, 65)
    assert [caller["waited_s"] for caller in shown["waiting"]] == [95, 35]
    assert shown["waiting"][0]["caller"] == CUSTOMER
    alice, bob = shown["agents"]
    assert (alice["state"], alice["for_s"], alice["left_s"]) == ("wrap-up", 25, 5)
    assert (bob["state"], bob["for_s"], bob["left_s"]) == ("offline", None, None)
    assert shown["agent_counts"] == {"wrap-up": 1, "offline": 1}
    assert shown["service_level"] == 0.75
    assert (shown["today"]["offered"], shown["today"]["mean_wait_s"]) == (0, None)
    empty = live.get("/call-queues/sales/live")
    assert (empty["waiting_count"], empty["longest_wait_s"], empty["mean_wait_s"]) == (
        0,
        None,
        None,
    )
    assert live.ask("GET", "/call-queues/none/live").status_code == 404


def test_all_queues_or_those_that_are_named(live: Api) -> None:
    def names(path: str) -> list[str]:
        return [board["queue"] for board in live.get(path)["items"]]

    assert names("/live/call-queues") == ["support", "sales"]
    assert names("/live/call-queues?queue=sales") == ["sales"]


def test_who_reads_reports_but_no_calls_sees_figures_and_no_people(live: Api) -> None:
    shown = live.get("/call-queues/support/live", may="reports:read")
    assert (shown["waiting_count"], shown["agent_counts"]["offline"]) == (2, 1)
    assert (shown["waiting"], shown["agents"]) == ([], [])
    refused = live.ask("GET", "/call-queues/support/live", may="calls:read")
    assert refused.status_code == 403


def test_without_a_server_what_another_process_wrote_is_shown_while_it_is_fresh(api: Api) -> None:
    def ask() -> Any:
        return api.ask("GET", "/live/call-queues")

    file = LiveViewFile(api.database.data)
    assert (ask().status_code, ask().json()["code"]) == (503, "no-server")
    file.write(BOARDS, AT)
    api.watch.pass_by(LIVE_STALE_S)
    (support, _) = ask().json()["items"]
    assert support["longest_wait_s"] == 90 + LIVE_STALE_S
    api.watch.pass_by(1)  # the server was killed
    assert ask().status_code == 503
    file.write(BOARDS, api.watch.now)
    file.remove()
    assert ask().status_code == 503
    assert not [path for path in api.database.data.iterdir() if "live" in path.name]
