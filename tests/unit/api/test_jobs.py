"""Imports that take what fits, go on after a restart, and can be cancelled."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs
from tests.unit.api.api_client import Api, Running, make_demo_app
from tests.unit.api.test_idempotency import counted
from tests.unit.runtime.test_webhooks import Watch

from callwright.operations import bulk_import
from callwright.runtime import jobs as runner
from callwright.runtime.jobs import JobRunner
from callwright.storage.event_tables import JOB
from callwright.storage.jobs import Jobs


def user(key: str, **settings: Any) -> dict[str, Any]:
    return {"kind": "user", "key": key, "settings": {"name": key.title()} | settings}


def begin(api: Api, *upserts: dict[str, Any]) -> str:
    api.app = make_demo_app(replace(api.tenant, live=Running()))
    response = api.ask("POST", "/jobs", {"upserts": list(upserts), "why": "moved"})
    assert response.status_code == 202, response.text
    assert response.headers["location"] == f"/api/v1/jobs/{response.json()['id']}"
    return str(response.json()["id"])


def work(api: Api) -> None:
    asyncio.run(JobRunner(Jobs(api.database), api.administration, Watch()).look())


def test_what_fits_comes_in_and_the_rest_is_told(api: Api) -> None:
    job = begin(
        api,
        user("zoe", extension="177"),
        user("yan", extension="102"),
        user("xia", extension="no"),
        {"kind": "group", "key": "new", "settings": {"members": ["zoe", "xia"]}},
        {"kind": "group", "key": "old", "settings": {"members": ["zoe"]}},
    )
    work(api)
    done = api.get(f"/jobs/{job}")
    assert (done["state"], done["done"], done["total"], done["failed"]) == ("done", 5, 5, 3)
    assert {(left["position"], left["key"]) for left in done["results"]} == {
        (1, "yan"),
        (2, "xia"),
        (3, "new"),
    }
    assert api.get("/users/zoe")["extension"] == "177"
    assert api.get("/groups/old")["members"] == ["zoe"]
    (entry,) = api.get("/history?kind=user&key=zoe")["items"]
    assert (entry["by"]["name"], entry["why"]) == ("anna", "moved")


def test_a_number_that_goes_with_a_licence_is_told(api: Api) -> None:
    """Its holder came in, so nothing failed."""
    bob = api.get("/users/bob")
    without = {name: bob[name] for name in ("name", "extension")} | {"number": bob["number"]}
    job = begin(api, user("zoe"), {"kind": "user", "key": "bob", "settings": without})
    work(api)
    done = api.get(f"/jobs/{job}")
    assert (done["state"], done["failed"]) == ("done", 0)
    (told,) = done["results"]
    assert (told["position"], told["key"], told["is_taken"]) == (1, "bob", True)
    assert bob["number"] in told["text"]
    assert "number" not in api.get("/users/bob")


def test_a_repetition_begins_no_second_job(api: Api) -> None:
    """Killed right after it began the job, a server has its answer, too."""
    api.app = make_demo_app(replace(api.tenant, live=Running()))
    body, key = {"upserts": [user("zoe")]}, {"Idempotency-Key": "k"}
    with counted(api) as writings:
        first = api.ask("POST", "/jobs", body, headers=key)
    assert len(writings) == 1
    again = api.ask("POST", "/jobs", body, headers=key)
    assert (again.status_code, again.content) == (202, first.content)
    assert again.headers["location"] == first.headers["location"]
    assert len(api.get("/jobs")["items"]) == 1


def test_what_depends_on_what_is_left_out_is_not_tried_for_ever(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_import, "IMPORT_ROUNDS_MAX", 2)
    chain = [
        {"kind": "group", "key": f"g{n}", "settings": {"members": [{"group": f"g{n + 1}"}]}}
        for n in range(4)
    ]
    job = begin(api, *chain, user("zoe"))
    work(api)
    told = {left["key"]: left["text"] for left in api.get(f"/jobs/{job}")["results"]}
    assert "no group 'g4'" in told["g3"]
    assert told["g0"] == told["zoe"] == "depends on others that were left out; send it again"
    assert api.ask("GET", "/users/zoe").status_code == 404


def test_a_job_is_cancelled_between_two_steps(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "JOB_STEP_ENTITIES", 1)
    job = begin(api, user("zoe"), user("yan"))
    assert api.ask("POST", f"/jobs/{job}/cancel").status_code == 202
    work(api)
    assert api.get(f"/jobs/{job}")["state"] == "cancelled"
    assert api.ask("GET", "/users/zoe").status_code == 404


def test_a_job_goes_on_where_it_was(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "JOB_STEP_ENTITIES", 1)
    job = begin(api, user("zoe"), user("yan"))
    Jobs(api.database).progress(job, done=1, failed=0, results=[])
    work(api)
    assert api.get(f"/jobs/{job}")["state"] == "done"
    assert api.ask("GET", "/users/zoe").status_code == 404
    assert api.get("/users/yan")["name"] == "Yan"
    assert [each["id"] for each in api.get("/jobs")["items"]] == [job]


def test_without_a_server_nothing_is_promised(api: Api) -> None:
    response = api.ask("POST", "/jobs", {"upserts": [user("zoe")]})
    assert (response.status_code, response.json()["code"]) == (503, "no-server")


def test_a_job_that_nobody_can_do_keeps_no_other_waiting(api: Api) -> None:
    broken, sound = begin(api, user("zoe")), begin(api, user("yan"))
    with api.database.writing() as connection:
        connection.execute(update(JOB).where(JOB.c.id == broken).values(work='{"by": {}}'))
    with capture_logs() as lines:
        work(api)
    assert (api.get(f"/jobs/{broken}")["state"], api.get(f"/jobs/{sound}")["state"]) == (
        "failed",
        "done",
    )
    assert [line["event"] for line in lines if line["log_level"] == "error"] == ["a job failed"]
    assert api.get("/users/yan")["name"] == "Yan"
