"""`callwright voicemail` on a data directory."""

import io
import json
import wave
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import callwright
from callwright.apps.services import Message
from callwright.cli.main import app
from callwright.kernel.ids import MailboxId
from callwright.storage.database import Database
from callwright.storage.sealing import Sealer
from callwright.storage.voicemail import Voicemails

CONTOSO = Path(callwright.__file__).parent / "examples" / "contoso.yaml"
KEY = bytes(32)


def wav() -> bytes:
    whole = io.BytesIO()
    with wave.open(whole, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(bytes(16_000))
    return whole.getvalue()


def leave(data: Path, name: str, sealer: Sealer | None = None) -> None:
    database = Database.open(data)
    store = Voicemails(database, new_id=lambda: name, sealer=sealer)
    path = store.new_path(MailboxId("alice"))
    path.write_bytes(wav())
    at = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
    store.add(Message(MailboxId("alice"), "102", "Bob", at, 1.0, path))
    database.close()


class Desk:
    def __init__(self, data: Path) -> None:
        self.data = data
        assert self.ask("apply", CONTOSO).exit_code == 0
        leave(data, "m1")

    def ask(self, *words: object, stdin: str | None = None) -> Result:
        texts = [*map(str, words), "--data", str(self.data)]
        return CliRunner().invoke(app, texts, input=stdin)

    def told(self, *words: object, stdin: str | None = None) -> str:
        result = self.ask("voicemail", *words, stdin=stdin)
        assert result.exit_code == 0, result.stderr
        return result.stdout

    def shown(self, mailbox: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.told("show", mailbox, "--json"))
        return found


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "data")


def test_a_message_is_heard_marked_forwarded_and_deleted(desk: Desk, tmp_path: Path) -> None:
    sound = tmp_path / "m1.wav"
    desk.told("audio", "alice", "m1", "-o", sound)
    assert sound.read_bytes() == wav()
    again = desk.ask("voicemail", "audio", "alice", "m1", "-o", sound)
    assert (again.exit_code, "exists" in again.stderr) == (1, True)
    desk.told("mark", "alice", "m1", "--saved")
    assert (desk.shown("alice")["new"], desk.shown("alice")["old"]) == (0, 1)
    desk.told("mark", "alice", "m1", "--new")
    assert (desk.shown("alice")["new"], desk.shown("alice")["old"]) == (1, 0)
    copy = desk.told("forward", "alice", "m1", "bob").strip()
    (listed,) = json.loads(desk.told("list", "--mailbox", "bob", "--json"))
    assert listed["id"] == copy
    unasked = desk.ask("voicemail", "delete", "alice", "m1")
    assert (unasked.exit_code, "--yes" in unasked.stderr) == (1, True)
    desk.told("delete", "alice", "m1", "--yes")
    assert desk.shown("alice")["new"] == 0


def test_greetings_rules_and_pins_are_chosen(desk: Desk, tmp_path: Path) -> None:
    greeting = tmp_path / "away.wav"
    greeting.write_bytes(wav())
    desk.told("greeting", "bob", "out-of-office", greeting)
    assert desk.shown("bob")["out_of_office_greeting_recorded"] is True
    desk.told("greeting", "bob", "out-of-office")
    assert desk.shown("bob")["out_of_office_greeting_recorded"] is False
    desk.told("answering", "bob", "--answer", "prompt", "--out-of-office", "on")
    shown = desk.shown("bob")
    assert (shown["answer"], shown["out_of_office"]) == ("prompt", True)
    desk.told("pin", "bob", stdin="739152\n")
    assert desk.shown("bob")["has_pin"] is True
    easy = desk.ask("voicemail", "pin", "bob", stdin="1234\n")
    assert (easy.exit_code, "1234" in easy.stderr) == (1, False)
    desk.told("pin", "bob", "--forget")
    assert desk.shown("bob")["has_pin"] is False


def test_a_sealed_message_needs_the_key(desk: Desk, tmp_path: Path) -> None:
    leave(desk.data, "m2", Sealer(KEY))
    sound, key = tmp_path / "m2.wav", tmp_path / "key"
    refused = desk.ask("voicemail", "audio", "alice", "m2", "-o", sound)
    assert (refused.exit_code, "--voicemail-key" in refused.stderr) == (1, True)
    assert not sound.exists()
    key.write_text(KEY.hex())
    key.chmod(0o600)
    desk.told("audio", "alice", "m2", "-o", sound, "--voicemail-key", key)
    assert sound.read_bytes() == wav()
    copy = desk.told("forward", "alice", "m2", "bob", "--voicemail-key", key).strip()
    assert len(list((desk.data / "voicemail/bob").glob(f"{copy}.wav.sealed"))) == 1
