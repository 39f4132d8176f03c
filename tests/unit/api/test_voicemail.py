"""Mailboxes over the API: what is in them, hearing it, what owners choose, and who may."""

import io
import wave
from datetime import timedelta

import pytest
from tests.unit.api.api_client import AT, Api, pointers
from tests.unit.media.test_foreign_sounds import encoded

from callwright.apps.services import Message
from callwright.domains.voicemail.model import KeptMessage
from callwright.kernel.ids import MailboxId, VoicemailId
from callwright.storage.events import Events
from callwright.storage.voicemail import Voicemails


def wav(seconds: float = 1.0, rate: int = 8_000) -> bytes:
    whole = io.BytesIO()
    with wave.open(whole, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"\x01\x00" * int(seconds * rate))
    return whole.getvalue()


@pytest.fixture
def voicemails(api: Api) -> Voicemails:
    return Voicemails(api.database, new_id=lambda: "unused")


def leave(api: Api, name: str, *, is_protected: bool = False) -> KeptMessage:
    store = Voicemails(api.database, new_id=lambda: name)
    path = store.new_path(MailboxId("alice"))
    path.write_bytes(wav(2.0))
    at = AT + timedelta(seconds=len(name))
    store.add(Message(MailboxId("alice"), "102", "Bob", at, 2.0, path, is_protected=is_protected))
    stored = store.get(VoicemailId(name))
    assert stored is not None
    return stored


def test_a_mailbox_tells_what_it_holds_and_what_callers_meet(api: Api) -> None:
    leave(api, "m1")
    shown = api.get("/voicemail/alice")
    assert (shown["new"], shown["old"], shown["seconds"], shown["full"]) == (1, 0, 2.0, False)
    assert (shown["answer"], shown["out_of_office"], shown["has_pin"]) == ("voicemail", False, True)
    assert api.ask("GET", "/voicemail/nobody").status_code == 404


def test_a_message_is_heard_marked_and_deleted_and_lamps_are_told(
    api: Api, voicemails: Voicemails
) -> None:
    message = leave(api, "m1")
    heard = api.ask("GET", "/voicemail/alice/messages/m1/audio")
    assert (heard.headers["content-type"], heard.content) == ("audio/wav", wav(2.0))
    assert api.get("/voicemail/alice/messages/m1")["is_read"] is False
    marked = api.ask("PATCH", "/voicemail/alice/messages/m1", body={"is_saved": True}).json()
    assert (marked["is_read"], marked["is_saved"]) == (True, True)
    assert api.ask("DELETE", "/voicemail/alice/messages/m1").status_code == 204
    assert api.get("/voicemail/alice/messages")["items"] == []
    assert not message.path.exists()
    kinds = [event.kind for event in Events(api.database).after(0, limit=10)]
    assert kinds[-3:] == ["voicemail.left", "voicemail.read", "voicemail.deleted"]


def test_a_message_of_another_mailbox_is_not_found_here(api: Api) -> None:
    leave(api, "m1")
    assert api.ask("GET", "/voicemail/bob/messages/m1").status_code == 404
    assert api.ask("DELETE", "/voicemail/bob/messages/m1").status_code == 404


def test_a_message_is_forwarded_unless_it_is_protected(api: Api, voicemails: Voicemails) -> None:
    leave(api, "m1")
    copy = api.ask("POST", "/voicemail/alice/messages/m1/forward", body={"to": "bob"})
    assert (copy.status_code, copy.json()["forwarded_by"]) == (201, "alice")
    assert [message.caller for message in voicemails.list(MailboxId("bob"))] == ["102"]
    wrong = api.ask("POST", "/voicemail/alice/messages/m1/forward", body={"to": "bobby"})
    assert (wrong.status_code, list(pointers(wrong))) == (422, ["/to"])
    leave(api, "secret", is_protected=True)
    kept = api.ask("POST", "/voicemail/alice/messages/secret/forward", body={"to": "bob"})
    assert (kept.status_code, kept.json()["code"]) == (409, "protected")


def test_whose_sound_is_gone_is_not_forwarded_and_nothing_is_told_of_the_disk(api: Api) -> None:
    leave(api, "m1").path.unlink()
    refused = api.ask("POST", "/voicemail/alice/messages/m1/forward", body={"to": "bob"})
    assert refused.status_code == 404
    assert str(api.database.data) not in refused.text


@pytest.mark.parametrize("kind", ["default", "out-of-office"])
def test_a_greeting_is_uploaded_as_telephones_play_it_and_removed(
    api: Api, voicemails: Voicemails, kind: str
) -> None:
    place = f"/voicemail/alice/greetings/{kind}"
    kinds = {"content-type": "audio/wav"}
    put = api.ask("PUT", place, content=wav(1.0, 48_000), headers=kinds)
    assert put.status_code == 204
    with wave.open(io.BytesIO(api.ask("GET", place).content)) as file:
        assert (file.getframerate(), file.getnframes()) == (8_000, 8_000)
    again = api.ask("PUT", place, content=wav(2.0), headers=kinds)
    assert again.status_code == 204
    folder = api.database.data / "greetings/alice"
    assert len(list(folder.iterdir())) == 1
    assert api.ask("PUT", place, content=b"no sound", headers=kinds).status_code == 422
    assert api.ask("PUT", place, content=b"x", headers={"content-type": "x/y"}).status_code == 415
    assert api.ask("DELETE", place).status_code == 204
    assert api.ask("GET", place).status_code == 404
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("kind", ["mp3", "m4a", "wma"])
def test_a_greeting_may_be_any_sound_that_people_have(
    api: Api, voicemails: Voicemails, kind: str
) -> None:
    place = "/voicemail/alice/greetings/default"
    octets = {"content-type": "application/octet-stream"}
    put = api.ask("PUT", place, content=encoded(kind), headers=octets)
    assert put.status_code == 204, put.text
    with wave.open(io.BytesIO(api.ask("GET", place).content)) as file:
        assert file.getframerate() == 8_000
        assert file.getnframes() == pytest.approx(8_000, rel=0.1)


def test_a_greeting_of_some_megabytes_is_taken_and_six_are_told_why_not(api: Api) -> None:
    place = "/voicemail/alice/greetings/default"
    kinds = {"content-type": "audio/mpeg"}
    assert api.ask("PUT", place, content=wav(100.0, 16_000), headers=kinds).status_code == 204
    refused = api.ask("PUT", place, content=wav(340.0), headers=kinds)
    assert refused.status_code == 422
    assert "at most 5 MB" in refused.text


def test_a_pin_is_kept_as_a_hash_and_has_to_be_hard_to_guess(
    api: Api, voicemails: Voicemails
) -> None:
    assert api.ask("PUT", "/voicemail/bob/pin", body={"pin": "739152"}).status_code == 204
    kept = voicemails.choice(MailboxId("bob")).pin_hash
    assert kept is not None
    assert "739152" not in kept
    assert api.get("/voicemail/bob")["has_pin"] is True
    for pin in ("1234", "0000", "0102"):
        refused = api.ask("PUT", "/voicemail/bob/pin", body={"pin": pin})
        assert (refused.status_code, list(pointers(refused))) == (422, ["/pin"])
        assert pin not in refused.text
    assert api.ask("DELETE", "/voicemail/bob/pin").status_code == 204
    assert api.get("/voicemail/bob")["has_pin"] is False


def test_a_greeting_has_two_minutes(api: Api) -> None:
    path, headers = "/voicemail/alice/greetings/default", {"Content-Type": "audio/wav"}
    long = api.ask("PUT", path, content=wav(121.0), headers=headers)
    assert long.status_code == 422
    assert "longer than 120 s" in long.text
    assert api.ask("PUT", path, content=wav(119.0), headers=headers).status_code == 204


def test_what_callers_meet_is_chosen(api: Api) -> None:
    chosen = api.ask(
        "PUT",
        "/voicemail/bob/answering",
        body={"answer": "prompt", "out_of_office": True, "until": "2026-03-11"},
    )
    assert (chosen.json()["answer"], chosen.json()["out_of_office"]) == ("prompt", True)
    api.watch.pass_by(86_400)
    assert api.get("/voicemail/bob")["out_of_office"] is False
    wrong = api.ask("PUT", "/voicemail/bob/answering", body={"answer": "prompt-or-transfer"})
    assert (wrong.status_code, list(pointers(wrong))) == (422, ["/answer"])


def test_who_may_see_calls_may_not_hear_messages(api: Api) -> None:
    leave(api, "m1")
    for path in ("", "/messages", "/messages/m1", "/messages/m1/audio", "/greetings/default"):
        assert api.ask("GET", f"/voicemail/alice{path}", may="calls:read").status_code == 403
    body = {"to": "bob"}
    forward = "/voicemail/alice/messages/m1/forward"
    assert api.ask("POST", forward, body=body, may="voicemail:read").status_code == 403
    assert api.ask("DELETE", "/voicemail/alice/messages/m1", may="calls:write").status_code == 403
