"""Messages that are sealed on disk: nobody reads them without the key, and all else goes on."""

import io
import os
import wave
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callwright.apps.services import Message
from callwright.domains.voicemail.model import Choice, GreetingKind, Mailbox, VoicemailPolicy
from callwright.domains.voicemail.rules import forwarding
from callwright.kernel.ids import MailboxId, UserId, VoicemailId
from callwright.kernel.limits.voicemail import SEALED_CHUNK_BYTES
from callwright.storage.backup import Backup, write_backup
from callwright.storage.database import Database
from callwright.storage.recovery import recover
from callwright.storage.restore import restore
from callwright.storage.sealing import Sealer, SealError, read_key
from callwright.storage.system import System
from callwright.storage.voicemail import Voicemails

AT = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
ALICE, BOB = MailboxId("alice"), MailboxId("bob")
BOBS = Mailbox(BOB, "Bob", email=None, pin=None)
KEY = bytes(range(32))


def sound(seconds: float) -> bytes:
    whole = io.BytesIO()
    with wave.open(whole, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(os.urandom(int(seconds * 16_000)))
    return whole.getvalue()


def leave(store: Voicemails, content: bytes) -> VoicemailId:
    path = store.new_path(ALICE)
    path.write_bytes(content)
    return store.add(Message(ALICE, "102", "Bob", AT, 1.0, path))


@pytest.mark.parametrize(
    "size", [0, 1, SEALED_CHUNK_BYTES, SEALED_CHUNK_BYTES + 1, 3 * SEALED_CHUNK_BYTES]
)
def test_what_is_sealed_comes_out_as_it_was(tmp_path: Path, size: int) -> None:
    plain, content = tmp_path / "m.wav", os.urandom(size)
    plain.write_bytes(content)
    sealed = Sealer(KEY).seal(plain)
    assert not plain.exists()
    assert sealed.stat().st_mode & 0o077 == 0
    assert size < 32 or content[:32] not in sealed.read_bytes()  # a few octets stand anywhere
    assert b"".join(Sealer(KEY).chunks(sealed)) == content


def test_a_file_that_was_changed_cut_or_sealed_with_another_key_is_refused(tmp_path: Path) -> None:
    plain = tmp_path / "m.wav"
    plain.write_bytes(os.urandom(2 * SEALED_CHUNK_BYTES))
    sealed = Sealer(KEY).seal(plain)
    whole = sealed.read_bytes()
    with pytest.raises(SealError, match="another key"):
        list(Sealer(bytes(32)).chunks(sealed))
    chunk = SEALED_CHUNK_BYTES + 16
    for broken in (whole[:-chunk], whole[:-1] + b"\0", whole + whole[-chunk:], whole[:20]):
        sealed.write_bytes(broken)
        with pytest.raises(SealError):
            list(Sealer(KEY).chunks(sealed))


def test_a_message_is_sealed_heard_forwarded_and_deleted(
    database: Database, open_again: Callable[[], Database]
) -> None:
    names = iter(f"m{number}" for number in range(9))
    store = Voicemails(database, new_id=lambda: next(names), sealer=Sealer(KEY))
    content = sound(1.0)
    message = store.get(leave(store, content))
    assert message is not None
    assert [path.name for path in message.path.parent.iterdir()] == ["m0.wav.sealed"]
    assert b"".join(store.chunks(message.path)) == content
    plain = VoicemailPolicy()
    copy = store.forward(forwarding(message, BOBS, plain, by=UserId("alice"), at=AT))
    assert b"".join(store.chunks(copy.path)) == content
    keyless = Voicemails(open_again(), new_id=str)
    with pytest.raises(SealError, match="--voicemail-key"):
        list(keyless.chunks(message.path))
    assert store.delete(message.id, AT)
    assert list(message.path.parent.iterdir()) == []


def test_sealed_messages_survive_the_start_that_removes_what_belongs_to_none(
    database: Database,
) -> None:
    store = Voicemails(database, new_id=lambda: "m1", sealer=Sealer(KEY))
    kept = store.get(leave(store, sound(0.1)))
    assert kept is not None
    orphan = kept.path.with_name("m0.wav.sealed")
    orphan.write_bytes(b"x")
    for path in (kept.path, orphan):
        os.utime(path, (0, 0))
    assert recover(database, AT).recordings == 1
    assert kept.path.exists()
    assert not orphan.exists()


def test_a_backup_holds_sealed_messages_and_greetings_and_the_key_of_then_opens_them(
    tmp_path: Path,
) -> None:
    content, file, moved = sound(0.5), tmp_path / "b.zip", tmp_path / "new"
    with closing(System.open(tmp_path / "old", None)) as system:
        with closing(system.open_first()) as database:
            store = Voicemails(database, new_id=lambda: "m1", sealer=Sealer(KEY))
            leave(store, content)
            greeting = store.greeting_path(ALICE, GreetingKind.DEFAULT)
            greeting.write_bytes(content)
            store.choose(ALICE, Choice(greeting=greeting, pin_hash="a hash"))
        write_backup(system, None, file, AT)
    with closing(Backup(file)) as backup:
        restore(backup, moved, None)
    with closing(System.open(moved, None)) as system, closing(system.open_first()) as database:
        store = Voicemails(database, new_id=str, sealer=Sealer(KEY))
        (message,) = store.list(ALICE)
        assert b"".join(store.chunks(message.path)) == content
        choice = store.choice(ALICE)
        assert choice.pin_hash == "a hash"
        assert choice.greeting is not None
        assert choice.greeting.is_relative_to(moved)
        assert choice.greeting.read_bytes() == content


@pytest.mark.parametrize(
    ("content", "mode", "because"),
    [
        ("zz" * 32, 0o600, "no key"),
        ("00" * 31, 0o600, "no key"),
        ("00" * 32, 0o644, "others"),
        (None, 0o600, "No such file"),
    ],
)
def test_a_key_file_that_is_none_says_what_to_do(
    tmp_path: Path, content: str | None, mode: int, because: str
) -> None:
    path = tmp_path / "key"
    if content is not None:
        path.write_text(content)
        path.chmod(mode)
    with pytest.raises(SealError, match=because) as refused:
        read_key(path)
    assert "00000000" not in str(refused.value)


def test_a_key_file_opens(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(KEY.hex() + "\n")
    path.chmod(0o600)
    plain = tmp_path / "m.wav"
    plain.write_bytes(b"hello")
    assert b"".join(read_key(path).chunks(Sealer(KEY).seal(plain))) == b"hello"
