"""Sounds over the API: taken once, kept as telephones play them, refused with what helps."""

import pytest
from tests.unit.api.api_client import Api
from tests.unit.api.test_voicemail import wav
from tests.unit.media.test_foreign_sounds import encoded

from callwright.storage import audio_files

OCTETS = {"Content-Type": "application/octet-stream"}


def upload(api: Api, content: bytes) -> tuple[int, dict[str, object]]:
    answer = api.ask("POST", "/audio-files", content=content, headers=OCTETS)
    return answer.status_code, answer.json()


@pytest.mark.row(123)
def test_an_upload_is_converted_and_can_be_named_in_a_prompt(api: Api) -> None:
    status, added = upload(api, encoded("wma"))
    assert status == 201
    assert added["duration_s"] == pytest.approx(1.0, abs=0.1)
    greeting = {"greeting": {"file": added["file"], "say": None}}
    changed = api.ask("PATCH", "/call-queues/support", greeting)
    assert changed.status_code == 200, changed.text
    assert api.get("/audio-files")["items"] == [added]


def test_the_same_sound_twice_is_one_file(api: Api) -> None:
    assert upload(api, wav()) == upload(api, wav())
    assert len(api.get("/audio-files")["items"]) == 1


@pytest.mark.row(123)
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (encoded("wma", layout="stereo"), "WMA with 2 channels"),
        (wav(390.0), "at most 5 MB are allowed"),
        (b"GIF89a", "no sound file of a known format"),
    ],
    ids=["wma-stereo", "6-MB", "no-sound"],
)
def test_what_cannot_be_used_is_refused_and_nothing_is_kept(
    api: Api, content: bytes, reason: str
) -> None:
    status, problem = upload(api, content)
    assert status == 422
    assert reason in str(problem["errors"])
    assert api.get("/audio-files")["items"] == []


def test_a_sound_is_removed_once_nothing_names_it(api: Api) -> None:
    _, added = upload(api, wav())
    path = f"/audio-files/{added['name']}"
    greeting = {"greeting": {"file": added["file"], "say": None}}
    assert api.ask("PATCH", "/call-queues/support", greeting).status_code == 200
    refused = api.ask("DELETE", path)
    assert (refused.status_code, refused.json()["code"]) == (409, "in-use")
    assert "call-queue support (greeting.file)" in refused.json()["detail"]
    assert api.get("/audio-files")["items"] == [added]
    changed = api.ask("PATCH", "/call-queues/support", {"greeting": {"file": None, "say": "Hi."}})
    assert changed.status_code == 200, changed.text
    assert api.ask("DELETE", path).status_code == 204
    assert api.get("/audio-files")["items"] == []
    assert api.ask("DELETE", path).status_code == 404


def test_sounds_have_room_together_and_then_are_refused_with_what_helps(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audio_files, "AUDIO_FILES_BYTES_MAX", 50_000)
    assert upload(api, wav(2.0))[0] == 201
    status, problem = upload(api, wav(2.1))
    assert status == 422
    assert "callwright prompts remove" in str(problem["errors"])
    assert upload(api, wav(1.0))[0] == 201
