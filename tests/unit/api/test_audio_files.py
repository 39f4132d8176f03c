"""Sounds over the API: taken once, kept as telephones play them, refused with what helps."""

import pytest
from tests.unit.api.api_client import Api
from tests.unit.api.test_voicemail import wav
from tests.unit.media.test_foreign_sounds import encoded

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
