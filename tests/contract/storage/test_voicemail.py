"""Messages of a mailbox: listed when durable, counted as new and old, gone when deleted."""

from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from callwright.apps.services import Message
from callwright.domains.voicemail.model import NOTHING_HELD, Holdings
from callwright.kernel.ids import MailboxId, VoicemailId
from callwright.storage.database import Database
from callwright.storage.voicemail import Voicemails

AT = datetime(2025, 3, 10, 9, 30, tzinfo=UTC)
ALICE = MailboxId("alice")


@pytest.fixture
def voicemails(database: Database) -> Voicemails:
    names = count(1)
    return Voicemails(database, new_id=lambda: f"01J{next(names):023d}")


def leave(
    voicemails: Voicemails,
    *,
    mailbox: MailboxId = ALICE,
    at: datetime = AT,
    name: str | None = None,
) -> VoicemailId:
    path = voicemails.new_path(mailbox)
    path.write_bytes(b"RIFF")
    return voicemails.add(Message(mailbox, "+4930123456", name, at, 3.25, path))


def test_a_message_is_listed_with_its_file(voicemails: Voicemails, database: Database) -> None:
    message_id = leave(voicemails, name="Zoë")
    (message,) = voicemails.list(ALICE)
    assert message.path == database.data / "voicemail" / "alice" / f"{message_id}.wav"
    assert message.path.read_bytes() == b"RIFF"
    assert (message.caller, message.caller_name) == ("+4930123456", "Zoë")
    assert (message.received_at, message.duration_s) == (AT, 3.25)
    assert not message.is_read
    assert voicemails.get(message_id) == message


def test_messages_are_listed_newest_first_and_by_mailbox(voicemails: Voicemails) -> None:
    older = leave(voicemails)
    newer = leave(voicemails, at=AT + timedelta(minutes=1))
    leave(voicemails, mailbox=MailboxId("sales"))
    assert [message.id for message in voicemails.list(ALICE)] == [newer, older]


def test_new_and_old_messages_are_counted(voicemails: Voicemails) -> None:
    first = leave(voicemails)
    leave(voicemails)
    assert voicemails.holdings(ALICE) == Holdings(2, 0, 6.5)
    assert voicemails.mark_read(first, AT)
    assert voicemails.holdings(ALICE) == Holdings(1, 1, 6.5)
    assert voicemails.holdings(MailboxId("nobody")) == NOTHING_HELD
    assert not voicemails.mark_read(VoicemailId("unknown"), AT)


def test_a_deleted_message_takes_its_file_with_it(voicemails: Voicemails) -> None:
    message_id = leave(voicemails)
    (message,) = voicemails.list(ALICE)
    assert voicemails.delete(message_id, AT)
    assert not message.path.exists()
    assert voicemails.list(ALICE) == []
    assert not voicemails.delete(message_id, AT)


def test_a_message_without_its_file_is_not_added(voicemails: Voicemails) -> None:
    path = voicemails.new_path(ALICE)
    with pytest.raises(FileNotFoundError):
        voicemails.add(Message(ALICE, "101", None, AT, 3.0, path))
    assert voicemails.list(ALICE) == []


@pytest.mark.parametrize("key", ["../../etc", "..", ".", "a/b", "ünï@example.com"])
def test_a_mailbox_is_one_directory_whatever_its_key(
    voicemails: Voicemails, database: Database, key: str
) -> None:
    path = voicemails.new_path(MailboxId(key))
    assert path.resolve().parent.parent == (database.data / "voicemail").resolve()
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_messages_move_with_the_directory(voicemails: Voicemails, database: Database) -> None:
    """A backup that was unpacked elsewhere lists files where they are now."""
    leave(voicemails)
    database.data = Path("/somewhere/else")
    moved = Voicemails(database, new_id=lambda: "x").list(ALICE)
    assert moved[0].path.parent == Path("/somewhere/else/voicemail/alice")
