"""History of attendants, queues and agents over HTTP: figures, hours, callers, and who may see."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.contract.storage.made_visits import PLAIN
from tests.unit.api.api_client import AT, Api

from callwright.calls.record import CallRecord, CallResult, Direction
from callwright.calls.visits import (
    AgentOffer,
    AttendantFlow,
    AttendantResult,
    AttendantVisit,
    FinalAction,
    OfferOutcome,
    QueueResult,
    QueueVisit,
    TargetType,
    TransferAction,
)
from callwright.domains.access.model import Permission
from callwright.kernel.ids import AutoAttendantId, CallId, CallQueueId, SbcId, UserId
from callwright.operations.actor import SYSTEM
from callwright.operations.configuration import Edit
from callwright.storage.call_records import CallRecords
from callwright.storage.reports import agents

FIGURES = "reports:read"
PEOPLE = "reports:read calls:read"
RECEPTION = AttendantVisit(
    attendant=AutoAttendantId("reception"),
    account=None,
    started_at=AT - timedelta(hours=2, seconds=10),
    ended_at=AT - timedelta(hours=2),
    result=AttendantResult.TRANSFERRED_TO_QUEUE,
    flow=AttendantFlow.FIRST_LEVEL_MENU,
    actions=1,
    chain_index=1,
    transfer=TransferAction.QUEUE,
    target="queue support",
)
ANSWERED = QueueVisit(
    queue=CallQueueId("support"),
    account=None,
    started_at=AT - timedelta(hours=2),
    ended_at=AT - timedelta(hours=2) + timedelta(seconds=25),
    result=QueueResult.TRANSFERRED_TO_AGENT,
    chain_index=2,
    agent_count=3,
    opted_in_count=2,
    waiting_before=0,
    priority=3,
    offers=(
        AgentOffer(UserId("bob"), AT - timedelta(hours=2), AT, OfferOutcome.MISSED),
        AgentOffer(UserId("carol"), AT - timedelta(hours=2), AT, OfferOutcome.ANSWERED, 90.0),
    ),
    agent=UserId("carol"),
)
ABANDONED = replace(
    ANSWERED,
    started_at=AT - timedelta(hours=1),
    ended_at=AT - timedelta(minutes=59),
    result=QueueResult.ABANDONED,
    offers=(),
    agent=None,
)
SENT_TO_BOB = replace(
    ABANDONED,
    queue=CallQueueId("sales"),
    result=QueueResult.TIMED_OUT,
    final_action=FinalAction.FORWARD,
    target_type=TargetType.USER,
    target="user bob",
)


def call(number: int, *visits: AttendantVisit | QueueVisit) -> CallRecord:
    at = visits[0].started_at
    name = CallId(f"call_{number:026d}")
    return replace(PLAIN, id=name, started_at=at, answered_at=at, ended_at=at, visits=visits)


@pytest.fixture
def busy(api: Api) -> Api:
    CallRecords(api.database).add(
        [call(1, RECEPTION, ANSWERED), call(2, ABANDONED), call(3, SENT_TO_BOB)]
    )
    return api


def items(api: Api, path: str, may: str = PEOPLE, **query: Any) -> Sequence[dict[str, Any]]:
    found: Sequence[dict[str, Any]] = api.get(f"/reports{path}", params=query, may=may)["items"]
    return found


def test_queues_with_waits_results_and_destinations(busy: Api) -> None:
    report = busy.get("/reports/queues", may=PEOPLE)
    assert report["timezone"] == "America/Los_Angeles"
    assert report["until"] == "2026-03-10T09:30:00.000Z"
    assert report["since"] == "2026-03-03T09:30:00.000Z"
    sales, support = report["items"]
    assert support["offered"] == 2
    assert support["results"] == {"abandoned": 1, "transferred_to_agent": 1}
    assert support["mean_wait_before_answer_s"] == 25.0
    assert support["mean_wait_before_abandon_s"] == 60.0
    assert support["longest_wait_s"] == 60.0
    assert support["service_level"] == {
        "threshold_s": 20, "in_time": 0, "counted": 2, "share": 0.0,
    }  # fmt: skip
    assert support["destinations"] == []
    assert sales["mean_wait_before_answer_s"] is None
    assert sales["destinations"] == [
        {
            "result": "timed_out",
            "final_action": "forward",
            "target_type": "User",
            "target": "user bob",
            "count": 1,
        }
    ]


@pytest.mark.row(154)
def test_a_queues_own_threshold_counts_whoever_was_answered_at_it_as_in_time(busy: Api) -> None:
    queue = busy.administration.current().entities["call-queue", "support"]
    assert isinstance(queue, dict)
    changed = Edit({("call-queue", "support"): {**queue, "service_level_s": 25}})
    busy.administration.change(changed, by=SYSTEM)
    (support,) = items(busy, "/queues", queue="support", threshold_s=5)
    assert support["service_level"] == {
        "threshold_s": 25, "in_time": 1, "counted": 2, "share": 0.5,
    }  # fmt: skip


def test_attendants_say_how_they_were_left(busy: Api) -> None:
    (reception,) = items(busy, "/attendants")
    assert reception["callers"] == 1
    assert reception["results"] == {"transferred_to_cq": 1}
    assert (reception["mean_stay_s"], reception["longest_stay_s"]) == (10.0, 10.0)
    assert reception["destinations"][0]["target"] == "queue support"


@pytest.mark.row(264)
def test_agents_by_queue_and_by_hour(busy: Api) -> None:
    bob, carol = items(busy, "/agents", queue="support")
    assert (bob["presented"], bob["answered"], bob["missed"]) == (1, 0, 1)
    assert (carol["presented"], carol["answered"], carol["missed"]) == (1, 1, 0)
    assert (carol["talk_total_s"], carol["talk_mean_s"]) == (90.0, 90.0)
    assert bob["talk_mean_s"] is None
    (hour,) = items(busy, "/agents/carol/timeline")
    assert (hour["since"], hour["until"]) == (
        "2026-03-10T07:00:00.000Z", "2026-03-10T08:00:00.000Z",
    )  # fmt: skip
    assert hour["answered"] == 1
    both = items(busy, "/agents/timeline", since="2026-03-10T00:00", queue="support")
    assert [each["agent"] for each in both] == ["bob", "carol"]
    assert both[1] == hour
    month = {"since": "2026-02-10T00:00"}
    assert busy.ask("GET", "/reports/agents/timeline", params=month).status_code == 422
    (day,) = items(busy, "/agents/carol/timeline", by="day")
    assert day["since"] == "2026-03-10T07:00:00.000Z"  # midnight in Los Angeles


def test_a_timeline_that_nobody_could_read_is_refused(
    busy: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agents, "REPORT_LINES_MAX", 1)
    today = {"since": "2026-03-10T00:00"}
    refused = busy.ask("GET", "/reports/agents/timeline", params=today)
    assert refused.status_code == 422
    assert "name a queue" in refused.json()["errors"][0]["remedy"]
    assert len(items(busy, "/agents/carol/timeline", **today)) == 1


def test_volume_by_hour_counts_every_hour_of_the_span(busy: Api) -> None:
    hours = items(busy, "/queues/volume", since="2026-03-10T00:00", until="2026-03-10T03:00")
    assert [hour["since"][11:13] for hour in hours] == ["07", "08", "09"]
    assert [hour["offered"] for hour in hours] == [1, 2, 0]
    assert [hour["mean_opted_in"] for hour in hours] == [2.0, 2.0, None]


def test_callers_one_by_one_newest_first_in_pages(busy: Api) -> None:
    page = busy.get("/reports/queues/callers", params={"limit": 2}, may=PEOPLE)
    rest = busy.get("/reports/queues/callers", params={"cursor": page["next"]}, may=PEOPLE)
    found = [*page["items"], *rest["items"]]
    assert rest["next"] is None
    assert [each["result"] for each in found] == ["timed_out", "abandoned", "transferred_to_agent"]
    assert found[2]["agent"] == "carol"
    assert found[2]["call_type"] == "External"
    assert found[2]["wait_s"] == 25.0
    assert [each["queue"] for each in items(busy, "/queues/callers", agent="carol")] == ["support"]
    (sent,) = items(busy, "/queues/callers", result="timed_out")
    assert (sent["final_action"], sent["target_type"]) == ("forward", "User")
    (met,) = items(busy, "/attendants/callers", attendant="reception")
    assert (met["flow"], met["actions"], met["transfer"]) == ("first_level_menu", 1, "call_queue")


def test_who_is_called_back_is_a_caller_from_outside(api: Api) -> None:
    again = replace(
        ANSWERED, result=QueueResult.CALLBACK_ANSWERED, callback_of=CallId("call_before")
    )
    back = replace(
        call(4, again), caller="+14255550151", callee="+12065550101", direction=Direction.OUTBOUND
    )
    CallRecords(api.database).add([back])
    (caller,) = items(api, "/queues/callers")
    assert (caller["call_type"], caller["caller"]) == ("External", "+12065550101")


def test_who_reads_figures_only_learns_nobodys_name_or_number(busy: Api) -> None:
    paths = ("/queues", "/attendants", "/agents", "/queues/callers", "/attendants/callers")
    for path in paths:
        text = busy.ask("GET", f"/reports{path}", may=FIGURES).text
        assert not any(name in text for name in ("bob", "carol", "+1206", "call_0")), path
    assert busy.get("/reports/queues", may=FIGURES)["identified"] is False
    (support,) = items(busy, "/agents", FIGURES)
    assert (support["agent"], support["presented"], support["talk_mean_s"]) == (None, 2, 90.0)
    for path in (
        "/agents/bob/timeline",
        "/agents/timeline",
        "/agents?agent=bob",
        "/queues/callers?agent=bob",
    ):
        assert busy.ask("GET", f"/reports{path}", may=FIGURES).status_code == 403
    assert busy.ask("GET", "/reports/queues", may="calls:read").status_code == 403


@pytest.mark.parametrize(
    "query",
    [
        {"since": "2026-03-11T00:00:00Z"},
        {"since": "2020-01-01T00:00:00Z"},
        {"since": "0001-01-01T00:00:00+14:00"},
        {"since": "2026-01-01T00:00:00Z", "until": "9999-12-31T23:59:59-14:00"},
    ],
)
def test_a_span_that_cannot_be_is_refused_with_its_name(busy: Api, query: dict[str, str]) -> None:
    refused = busy.ask("GET", "/reports/queues", params=query)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "?since"
    assert refused.json()["errors"][0]["remedy"]


def test_a_year_has_too_many_hours_and_not_too_many_days(busy: Api) -> None:
    year = {"since": "2025-03-10T00:00:00Z", "until": "2026-03-10T00:00:00Z"}
    refused = busy.ask("GET", "/reports/queues/volume", params=year)
    assert refused.status_code == 422
    assert "days" in refused.json()["errors"][0]["remedy"]
    assert len(items(busy, "/queues/volume", by="day", **year)) in (365, 366)


def test_days_begin_at_midnight_where_the_organisation_is_also_when_clocks_change(
    busy: Api,
) -> None:
    days = items(
        busy, "/queues/volume", by="day", since="2026-03-07T00:00", until="2026-03-10T00:00"
    )
    assert [day["since"] for day in days] == [
        "2026-03-07T08:00:00.000Z",
        "2026-03-08T08:00:00.000Z",
        "2026-03-09T07:00:00.000Z",
    ]


def test_permissions_that_a_report_needs_are_ones_that_exist() -> None:
    assert Permission(FIGURES) is Permission.REPORTS_READ
    assert datetime(2026, 3, 10, 9, 30, tzinfo=UTC) == AT


@pytest.mark.row(272)
def test_of_a_hundred_calls_through_a_trunk_the_network_spoiled_three(api: Api) -> None:
    ends = {
        CallResult.ANSWERED: 60,
        CallResult.BUSY: 10,
        CallResult.MISSED: 20,
        CallResult.REJECTED: 7,
        CallResult.FAILED: 3,
    }
    made = [result for result, count in ends.items() for _ in range(count)]
    at = AT - timedelta(hours=1)
    records = [
        replace(
            call(number, ABANDONED),
            result=result,
            started_at=at,
            answered_at=at if result is CallResult.ANSWERED else None,
            ended_at=at + timedelta(seconds=120),
            gateway=SbcId("sbc1") if number else SbcId("sbc2"),
            visits=(),
        )
        for number, result in enumerate([CallResult.BUSY, *made])
    ]
    CallRecords(api.database).add(records)
    telling, few = items(api, "/trunks", FIGURES)
    assert (telling["sbc"], telling["calls"]) == ("sbc1", 100)
    assert (telling["effectiveness"], telling["is_telling"]) == (97.0, True)
    assert telling["mean_duration_s"] == 120.0
    assert telling["results"]["failed"] == 3
    assert (few["effectiveness"], few["is_telling"]) == (100.0, False)
    assert few["mean_duration_s"] is None
    assert api.ask("GET", "/reports/trunks", may="calls:read").status_code == 403
