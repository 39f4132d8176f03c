"""What was backed up or moved comes back the same, whichever database it was in and goes to."""

import hashlib
import json
import threading
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from tests.contract.storage.conftest import RecordMaker
from tests.unit.operations.contoso_file import FILE, contoso_text, read_text

from callwright.apps.queue_services import TalkRecording
from callwright.apps.services import Message
from callwright.kernel.ids import CallId, CallQueueId, MailboxId, UserId
from callwright.kernel.money import Money
from callwright.operations.actor import SYSTEM
from callwright.operations.administration import Administration
from callwright.operations.configuration import Edit
from callwright.operations.organisation_file import read_organisation
from callwright.storage.backup import FORMAT, MANIFEST, Backup, write_backup
from callwright.storage.call_records import CallRecords
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database, DatabaseError
from callwright.storage.dump import Digest, lines_of, tables_of, version_of, write_lines
from callwright.storage.history import StoredHistory
from callwright.storage.ledger import Ledger
from callwright.storage.migration import VERSIONS
from callwright.storage.move import move
from callwright.storage.queue_recordings import StoredRecordings
from callwright.storage.restore import restore
from callwright.storage.system import System
from callwright.storage.voicemail import Voicemails

AT = datetime(2025, 3, 10, 9, 30, tzinfo=UTC)
SECOND = "second.test"
Place = tuple[Path, str | None]


def new_place(request: pytest.FixtureRequest, folder: Path, kind: str) -> Place:
    return folder, request.getfixturevalue("cluster").empty_url() if kind != "sqlite" else None


@pytest.fixture(params=["sqlite", "postgresql"])
def source(request: pytest.FixtureRequest, tmp_path: Path, make_record: RecordMaker) -> Place:
    """Two organisations with something in every corner."""
    return filled(new_place(request, tmp_path / "source", request.param), tmp_path, make_record)


@pytest.fixture
def files(tmp_path: Path, make_record: RecordMaker) -> Place:
    """The same, in files."""
    return filled((tmp_path / "source", None), tmp_path, make_record)


def filled(place: Place, tmp_path: Path, make_record: RecordMaker) -> Place:
    with closing(System.open(*place)) as system:
        with closing(system.open_first()) as database:
            fill(database, make_record)
        system.create(SECOND)
        with closing(system.open_further(SECOND)) as database:
            text = contoso_text(("contoso.test   ", "second.test    "))
            administer(database).replace(read_text(tmp_path, text), by=SYSTEM)
    return place


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return new_place(request, tmp_path / "target", request.param)


def administer(database: Database) -> Administration:
    return Administration(StoredConfiguration(database, utc=lambda: AT))


def fill(database: Database, make_record: RecordMaker) -> None:
    administration = administer(database)
    administration.replace(read_organisation(FILE), by=SYSTEM)
    administration.change(Edit({("user", "zoe"): {"name": "Zoë \"x\" 'ß' \\n"}}), by=SYSTEM)
    records = CallRecords(database)
    records.add([make_record(charge=Money(120_000, "USD")) for _ in range(3)])
    numbers = count(1)
    voicemails = Voicemails(database, new_id=lambda: f"01J{next(numbers):023d}")
    for mailbox in ("alice", "support"):
        path = voicemails.new_path(MailboxId(mailbox))
        path.write_bytes(b"RIFF" + mailbox.encode())
        voicemails.add(Message(MailboxId(mailbox), "+4930123456", None, AT, 3.25, path))
    recordings = StoredRecordings(database, new_id=lambda: f"01K{next(numbers):023d}")
    sound = recordings.new_path(CallQueueId("support"))
    sound.write_bytes(b"RIFF talk")
    talk = TalkRecording(
        CallId("call_1"), CallQueueId("support"), UserId("bob"), "+4930123456", AT, 61.5, sound
    )
    with database.writing() as connection:
        recordings.add_within(connection, talk)
    (database.data / "outbox").mkdir(exist_ok=True)
    (database.data / "outbox" / "mail.eml").write_bytes(b"To: alice\r\n\r\nHello\r\n")


def contents(system: System, domain: str | None) -> dict[str, tuple[int, str]]:
    found = {}
    with closing(system.open_seat(domain)) as database, database.reading() as connection:
        for table in tables_of(connection):
            digest = Digest()
            for line in lines_of(connection, table):
                digest.add(line)
            found[table.name] = (digest.rows, str(digest))
    return found


def assert_same(one: Place, other: Place) -> None:
    with closing(System.open(*one)) as first, closing(System.open(*other)) as second:
        assert [seat.domain for seat in first.seats()] == ["contoso.test", SECOND]
        assert first.seats() == second.seats()
        for domain in (None, SECOND):
            assert contents(first, domain) == contents(second, domain)


def backup_of(place: Place, file: Path, organisation: str | None = None) -> Path:
    with closing(System.open(*place)) as system:
        write_backup(system, organisation, file, AT)
    return file


def restore_to(file: Path, place: Place) -> None:
    with closing(Backup(file)) as backup:
        restore(backup, *place)


def test_a_restored_system_is_the_one_that_was_backed_up(
    source: Place, target: Place, tmp_path: Path
) -> None:
    restore_to(backup_of(source, tmp_path / "all.zip"), target)
    assert_same(source, target)
    data = target[0]
    names = sorted(path.relative_to(data).as_posix() for path in data.rglob("*.wav"))
    assert [name.rpartition("/")[0] for name in names] == [
        "recordings/support", "voicemail/alice", "voicemail/support",
    ]  # fmt: skip
    assert (data / names[0]).read_bytes() == b"RIFF talk"
    assert (data / names[1]).read_bytes() == b"RIFFalice"
    assert (data / "outbox" / "mail.eml").read_bytes().endswith(b"Hello\r\n")


def test_a_restored_system_goes_on(files: Place, target: Place, tmp_path: Path) -> None:
    """Numbers of rows are not given twice, and the history can be taken up."""
    restore_to(backup_of(files, tmp_path / "all.zip"), target)
    with closing(System.open(*target)) as system, closing(system.open_first()) as database:
        administration = administer(database)
        revision = administration.current().revision
        applied = administration.change(Edit({("user", "max"): {"name": "Max"}}), by=SYSTEM)
        assert applied.revision == revision + 1
        assert [entry.key for entry in StoredHistory(database).of_revision(revision + 1)] == ["max"]
        assert Ledger(database).balance() == Money.parse("50.00", "USD")


def test_one_organisation_alone_becomes_the_first_of_its_own_system(
    files: Place, target: Place, tmp_path: Path
) -> None:
    restore_to(backup_of(files, tmp_path / "one.zip", SECOND), target)
    with closing(System.open(*target)) as system:
        assert [seat.domain for seat in system.seats()] == [SECOND]
    with closing(System.open(*files)) as system, pytest.raises(DatabaseError, match="no organ"):
        write_backup(system, "third.test", tmp_path / "third.zip", AT)
    assert not (tmp_path / "third.zip").exists()


def test_edits_go_on_while_a_backup_is_written(files: Place, target: Place, tmp_path: Path) -> None:
    """It holds whole edits: the history and the entities of one instant."""
    done = threading.Event()

    def edit() -> None:
        with closing(System.open(*files)) as system, closing(system.open_first()) as database:
            administration = administer(database)
            for number in count():
                pair: Any = {"name": f"N{number}"}
                both = {("user", "one"): pair, ("user", "two"): pair}
                administration.change(Edit(both), by=SYSTEM)
                if done.is_set():
                    return

    editor = threading.Thread(target=edit)
    editor.start()
    file = backup_of(files, tmp_path / "busy.zip")
    done.set()
    editor.join()
    restore_to(file, target)
    with closing(System.open(*target)) as system, closing(system.open_first()) as database:
        current = administer(database).current()
        assert current.entities.get(("user", "one")) == current.entities.get(("user", "two"))
        last = StoredHistory(database).of_revision(current.revision)
        assert all(current.entities[entry.address] == entry.after for entry in last)


def rewritten(file: Path, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> Path:
    """The archive with some of its content changed or left out."""
    bent = file.with_name("bent.zip")
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(bent, "w") as new:
        for name in old.namelist():
            kept = change(name, old.read(name))
            if kept is not None:
                new.writestr(*kept)
    return bent


def spoilt_table(name: str, content: bytes) -> tuple[str, bytes] | None:
    return name, content.replace(b"Alice", b"Mallo") if "entity" in name else content


def missing_table(name: str, content: bytes) -> tuple[str, bytes] | None:
    return None if "call_record" in name else (name, content)


def climbing(name: str, content: bytes) -> tuple[str, bytes] | None:
    return name.replace("voicemail", ".."), content.replace(b"files/voicemail", b"files/..")


def from_the_future(name: str, content: bytes) -> tuple[str, bytes] | None:
    tree = json.loads(content) if name == MANIFEST else None
    if tree is not None:
        tree["organisations"][0]["version"] = "9999"
    return name, content if tree is None else json.dumps(tree).encode()


@pytest.mark.parametrize(
    ("bend", "words"),
    [
        (spoilt_table, "is damaged: 0/tables/configuration_entity.jsonl is another"),
        (missing_table, "is damaged: 0/tables/call_record.jsonl is missing"),
        (climbing, "is no backup of Callwright .*no name of it"),
        (from_the_future, "written by a newer Callwright"),
        (lambda name, content: None if name == MANIFEST else (name, content), "no backup of"),
    ],
)
def test_what_is_damaged_is_refused_whole(
    files: Place,
    tmp_path: Path,
    bend: Callable[[str, bytes], tuple[str, bytes] | None],
    words: str,
) -> None:
    bent = rewritten(backup_of(files, tmp_path / "all.zip"), bend)
    place = tmp_path / "target", None
    with pytest.raises(DatabaseError, match=words):
        restore_to(bent, place)
    assert not place[0].exists()


@pytest.mark.parametrize("version", ["0001", "0005"])
def test_a_backup_of_an_earlier_version_is_brought_up_to_date(
    target: Place, tmp_path: Path, version: str
) -> None:
    """As a program of that time wrote it: with the tables that it had."""
    file = tmp_path / "old.zip"
    write_old(file, tmp_path / "old", version)
    restore_to(file, target)
    with closing(System.open(*target)) as system, closing(system.open_first()) as database:
        stored = StoredConfiguration(database, utc=lambda: AT)
        assert stored.load() == (0, {("user", "alice"): {"name": "Alice"}})
        with database.reading() as connection:
            assert version_of(connection) == VERSIONS[-1]


def write_old(file: Path, folder: Path, version: str) -> None:
    contents = []
    with (
        closing(Database.open(folder, version=version)) as database,
        zipfile.ZipFile(file, "w") as archive,
    ):
        with database.writing() as connection:
            row = {"kind": "user", "key": "alice", "ordinal": 0, "settings": '{"name":"Alice"}'}
            (entities,) = [t for t in tables_of(connection) if t.name == "configuration_entity"]
            connection.execute(entities.insert(), [row])
        with database.reading() as connection:
            for table in tables_of(connection):
                lines = list(lines_of(connection, table))
                text = "".join(f"{line}\n" for line in lines).encode()
                name = f"0/tables/{table.name}.jsonl"
                archive.writestr(name, text)
                sums = hashlib.sha256(text).hexdigest()
                contents.append(
                    {"name": name, "octets": len(text), "sha256": sums, "rows": len(lines)}
                )
        part = {"number": 0, "domain": None, "version": version}
        manifest = {"format": FORMAT, "made_at": AT.isoformat(), "organisations": [part]}
        archive.writestr(MANIFEST, json.dumps({**manifest, "contents": contents}))


def test_nothing_is_restored_over_something(files: Place, tmp_path: Path) -> None:
    file = backup_of(files, tmp_path / "all.zip")
    with pytest.raises(DatabaseError, match="is not empty"):
        restore_to(file, (files[0], None))
    (tmp_path / "text").write_text("no archive")
    with pytest.raises(DatabaseError, match="is no backup"):
        restore_to(tmp_path / "text", (tmp_path / "x", None))


def test_what_is_left_of_an_attempt_is_told(files: Place, tmp_path: Path) -> None:
    file = backup_of(files, tmp_path / "all.zip")
    (tmp_path / ".target.restoring").mkdir()
    with pytest.raises(DatabaseError, match="is left of an attempt"):
        restore_to(file, (tmp_path / "target", None))
    assert not (tmp_path / "target").exists()


def test_nothing_is_restored_into_a_database_that_has_tables(
    request: pytest.FixtureRequest, files: Place, tmp_path: Path
) -> None:
    url = request.getfixturevalue("cluster").new_url()
    with pytest.raises(DatabaseError, match="has tables already; name an empty one"):
        restore_to(backup_of(files, tmp_path / "all.zip"), (tmp_path / "target", url))


@pytest.mark.parametrize("line", ["no JSON", "[]", '{"kind":"user"}'])
def test_what_is_no_row_is_refused(files: Place, line: str) -> None:
    with closing(System.open(*files)) as system, closing(system.open_first()) as database:
        with database.reading() as connection:
            (table,) = [t for t in tables_of(connection) if t.name == "configuration_entity"]
        with (
            pytest.raises(DatabaseError, match="configuration_entity has other columns than its"),
            database.writing() as connection,
        ):
            write_lines(connection, table, [line])
        assert ("user", "alice") in administer(database).current().entities


def test_a_backup_is_for_its_owners_eyes(files: Place, tmp_path: Path) -> None:
    file = backup_of(files, tmp_path / "all.zip")
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_system_moves_to_another_database_and_back(
    request: pytest.FixtureRequest, source: Place, tmp_path: Path
) -> None:
    data, url = source
    other = request.getfixturevalue("cluster").empty_url() if url is None else None
    with closing(System.open(data, url)) as old, closing(System.open(data, other)) as new:
        moved = move(old, new)
        assert [(one.domain, one.was_there) for one in moved] == [
            ("contoso.test", False), (SECOND, False),
        ]  # fmt: skip
        assert all(one.was_there for one in move(old, new))
    assert_same(source, (data, other))
    with closing(System.open(data, other)) as system, closing(system.open_first()) as database:
        administer(database).change(Edit({("user", "max"): {"name": "Max"}}), by=SYSTEM)
    with (
        closing(System.open(data, url)) as old,
        closing(System.open(data, other)) as new,
        pytest.raises(DatabaseError, match="holds something else of contoso"),
    ):
        move(old, new)


def test_nothing_is_moved_over_what_somebody_keeps_there(files: Place, tmp_path: Path) -> None:
    """Even where it is no configuration and no call: a message, say."""
    place = tmp_path / "target", None
    with closing(System.open(*place)) as target, closing(target.open_first()) as database:
        voicemails = Voicemails(database, new_id=lambda: "01J")
        path = voicemails.new_path(MailboxId("alice"))
        path.write_bytes(b"RIFF")
        voicemails.add(Message(MailboxId("alice"), "+4930123456", None, AT, 3.25, path))
    with (
        closing(System.open(*files)) as old,
        closing(System.open(*place)) as new,
        pytest.raises(DatabaseError, match="holds something else of contoso"),
    ):
        move(old, new)


def test_a_system_that_is_served_does_not_move(files: Place, tmp_path: Path) -> None:
    with (
        closing(System.open(*files)) as system,
        closing(system.open_first()) as database,
        closing(System.open(tmp_path / "target")) as target,
    ):
        database.claim()
        with pytest.raises(DatabaseError, match="another callwright serves"):
            move(system, target)
