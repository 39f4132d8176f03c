"""Supervision over HTTP: who may ask for it, what is refused and how, who sees it."""

from dataclasses import replace

import pytest
from tests.unit.api.api_client import AT, Api, Running, Supervising, make_demo_app

from callwright.domains.queues.supervision import SupervisionState
from callwright.kernel.ids import CallId, UserId
from callwright.kernel.reason import Reason
from callwright.kernel.supervision import SupervisionMode
from callwright.routing.request import Supervise
from callwright.testing.builders import contoso_snapshot

WANTED = {"supervisor": "dave", "agent": "alice", "mode": "whisper"}


def running(api: Api, refusal: Reason | None = None) -> Supervising:
    state = SupervisionState(
        UserId("dave"), UserId("alice"), SupervisionMode.MONITOR, CallId("c2"), CallId("c1"), AT
    )
    control = Supervising(refusal, [state])
    live = Running(contoso_snapshot(), supervision=control)
    api.app = make_demo_app(replace(api.tenant, live=live))
    return control


def test_the_supervisor_is_rung_for_whoever_may_write_calls(api: Api) -> None:
    control = running(api)
    answer = api.ask("POST", "/supervision", WANTED, may="calls:write")
    assert answer.status_code == 202
    assert answer.json()["mode"] == "whisper"
    wanted = Supervise(UserId("dave"), UserId("alice"), SupervisionMode.WHISPER)
    assert control.rung == [wanted]
    assert api.ask("POST", "/supervision", WANTED, may="calls:read").status_code == 403
    assert len(control.rung) == 1


def test_a_user_who_is_not_there_is_named(api: Api) -> None:
    running(api)
    answer = api.ask("POST", "/supervision", WANTED | {"agent": "zoe"})
    assert answer.status_code == 404
    assert "zoe" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        (Reason.SUPERVISION_FORBIDDEN, 403),
        (Reason.SUPERVISED_ALREADY, 409),
        (Reason.AGENT_NOT_TALKING, 409),
        (Reason.CALLEE_OFFLINE, 409),
    ],
)
def test_a_refusal_says_why(api: Api, reason: Reason, status: int) -> None:
    running(api, reason)
    answers = (
        api.ask("POST", "/supervision", WANTED),
        api.ask("PATCH", "/supervision/dave", {"mode": "barge"}),
    )
    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (status, reason.code)


def test_what_runs_is_listed_changed_and_ended(api: Api) -> None:
    running(api)
    (shown,) = api.get("/supervision")["items"]
    assert (shown["supervisor"], shown["agent"], shown["mode"]) == ("dave", "alice", "monitor")
    assert (shown["call"], shown["agent_call"]) == ("c2", "c1")
    assert api.ask("PATCH", "/supervision/dave", {"mode": "barge"}).status_code == 204
    assert api.ask("DELETE", "/supervision/dave").status_code == 204
    assert api.ask("DELETE", "/supervision/erin").status_code == 404


def test_without_a_server_nobody_is_there_to_listen_to(api: Api) -> None:
    answer = api.ask("POST", "/supervision", WANTED)
    assert (answer.status_code, answer.json()["code"]) == (503, "no-server")
