"""Recorded talks and promised callbacks over HTTP."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.api.api_client import AT, Api, Promises, Running, make_demo_app

from callwright.apps.queue_services import TalkRecording
from callwright.domains.queues.callback import CallbackRequest
from callwright.kernel.e164 import E164
from callwright.kernel.ids import CallId, CallQueueId, ResourceAccountId, UserId
from callwright.storage.queue_callbacks import StoredQueueCallbacks
from callwright.storage.queue_recordings import StoredRecordings


@pytest.fixture
def recorded(api: Api) -> Api:
    """Three talks, a minute apart; the sound of the second is lost."""
    ids = iter(("r1", "r2", "r3"))
    database = api.tenant.database
    stored = StoredRecordings(database, new_id=lambda: next(ids))
    for minute, queue in enumerate(("support", "sales", "support")):
        path = stored.new_path(CallQueueId(queue))
        if minute != 1:
            path.write_bytes(b"RIFF and so on")
        talk = TalkRecording(
            call=CallId(f"call_{minute}"),
            queue=CallQueueId(queue),
            agent=UserId("alice") if minute else None,
            caller="+12065552368",
            started_at=AT + timedelta(minutes=minute),
            duration_s=61.5,
            path=path,
        )
        with database.writing() as connection:
            stored.add_within(connection, talk)
    return api


def ids(page: dict[str, list[dict[str, str]]]) -> list[str]:
    return [entry["id"] for entry in page["items"]]


def test_recordings_are_listed_the_newest_first_in_pages(recorded: Api) -> None:
    first = recorded.get("/recordings?limit=2", may="calls:read")
    assert ids(first) == ["r3", "r2"]
    second = recorded.get(f"/recordings?limit=2&cursor={first['next']}", may="calls:read")
    assert (ids(second), second["next"]) == (["r1"], None)
    assert ids(recorded.get("/recordings?queue=sales", may="calls:read")) == ["r2"]


def test_one_recording_tells_whose_it_is_and_sounds(recorded: Api) -> None:
    shown = recorded.get("/recordings/r3", may="calls:read")
    assert (shown["call"], shown["queue"], shown["agent"]) == ("call_2", "support", "alice")
    assert shown["duration_s"] == 61.5
    answer = recorded.ask("GET", "/recordings/r3/sound", may="recordings:read")
    assert answer.content == b"RIFF and so on"
    assert answer.headers["content-type"] == "audio/wav"


@pytest.mark.parametrize(
    ("path", "may"),
    [
        ("/recordings/r9", "calls:read"),
        ("/recordings/r9/sound", "recordings:read"),
        ("/recordings/r2/sound", "recordings:read"),
    ],
)
def test_what_is_not_there_is_not_found(recorded: Api, path: str, may: str) -> None:
    assert recorded.ask("GET", path, may=may).status_code == 404


def test_a_recording_goes_with_its_file(recorded: Api) -> None:
    assert recorded.ask("DELETE", "/recordings/r3", may="recordings:write").status_code == 204
    assert ids(recorded.get("/recordings", may="calls:read")) == ["r2", "r1"]
    assert not list((recorded.tenant.database.data / "recordings/support").glob("r3.wav"))
    assert recorded.ask("DELETE", "/recordings/r3", may="recordings:write").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "may"),
    [
        ("GET", "/recordings", "services:read"),
        ("GET", "/recordings/r3/sound", "calls:write"),
        ("DELETE", "/recordings/r3", "calls:write"),
        ("DELETE", "/recordings/r3", "recordings:read"),
        ("GET", "/queue-callbacks", "services:read"),
        ("DELETE", "/queue-callbacks/call_1", "calls:read"),
    ],
)
def test_who_may_less_hears_and_deletes_none(
    recorded: Api, method: str, path: str, may: str
) -> None:
    assert recorded.ask(method, path, may=may).status_code == 403


def test_promised_callbacks_are_listed_in_the_order_of_the_line(api: Api) -> None:
    database = api.tenant.database
    with database.writing() as connection:
        for minute, queue in ((2, "support"), (1, "sales"), (0, "support")):
            request = CallbackRequest(
                call=CallId(f"call_{minute}"),
                queue=CallQueueId(queue),
                account=ResourceAccountId("support-line"),
                number=E164("+12065552368"),
                name=None,
                joined_at=AT + timedelta(minutes=minute),
                expires_at=AT + timedelta(minutes=20),
                priority=3,
            )
            StoredQueueCallbacks(database).keep_within(connection, request)
    page = api.get("/queue-callbacks?queue=support", may="calls:read")
    assert [entry["call"] for entry in page["items"]] == ["call_0", "call_2"]
    assert page["items"][0]["number"] == "+12065552368"


def test_a_callback_is_cancelled_by_who_may_end_calls_and_known_by_name(api: Api) -> None:
    path, promises = "/queue-callbacks/call_1", Promises({"call_1"})
    assert api.ask("DELETE", path, may="calls:write").json()["code"] == "no-server"
    api.app = make_demo_app(replace(api.tenant, live=Running(callbacks=promises)))
    assert api.ask("DELETE", path, may="calls:write").status_code == 204
    [(call, by)] = promises.cancelled
    assert (call, bool(by)) == ("call_1", True)
    assert api.ask("DELETE", path, may="calls:write").status_code == 404
