"""Opening a database, and what a person is told when that is not possible."""

import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

import callwright.storage.database
from callwright.storage.database import Database, DatabaseError
from callwright.storage.schema import CONFIGURATION_REVISION


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(tmp_path / "system")
    yield database
    database.close()


def revision(database: Database) -> int:
    with database.reading() as connection:
        value: int = connection.execute(CONFIGURATION_REVISION.select()).one().revision
        return value


def raise_revision(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("UPDATE configuration_revision SET revision = revision + 1"))


def test_what_it_makes_is_for_its_owner_only(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "new" / "system")
    raise_revision(database)
    assert stat.S_IMODE((tmp_path / "new" / "system").stat().st_mode) == 0o700
    files = list((tmp_path / "new" / "system").iterdir())
    assert {"callwright.db", "callwright.db-wal"} <= {file.name for file in files}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    database.close()


def test_commits_reach_the_disk_and_readers_never_wait(database: Database) -> None:
    with database.reading() as connection:
        settings = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert settings == ["wal", 2, 1]


def test_a_reader_keeps_its_view_while_others_write(database: Database) -> None:
    with database.reading() as connection:
        before = connection.execute(CONFIGURATION_REVISION.select()).one()
        raise_revision(database)
        assert connection.execute(CONFIGURATION_REVISION.select()).one() == before
    assert revision(database) == 1


def test_an_exception_takes_the_transaction_back(database: Database) -> None:
    def write_and_fail() -> None:
        with database.writing() as connection:
            connection.execute(text("UPDATE configuration_revision SET revision = 7"))
            raise RuntimeError("a defect")

    with pytest.raises(RuntimeError):
        write_and_fail()
    assert revision(database) == 0
    raise_revision(database)
    assert revision(database) == 1


def test_for_reading_beside_an_active_writer(database: Database) -> None:
    raise_revision(database)
    with database.writing() as connection:
        connection.execute(text("UPDATE configuration_revision SET revision = 7"))
        reader = Database.open(database.data, read_only=True)
        assert revision(reader) == 1
    assert revision(reader) == 7
    reader.close()


def test_for_reading_after_the_writer_left(tmp_path: Path) -> None:
    writer = Database.open(tmp_path)
    raise_revision(writer)
    writer.close()
    reader = Database.open(tmp_path, read_only=True)
    assert revision(reader) == 1
    with pytest.raises(DatabaseError, match="reading only"):
        raise_revision(reader)
    reader.close()


def test_for_reading_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="does not exist; `callwright apply` makes it"):
        Database.open(tmp_path / "absent", read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_for_reading_nothing_is_migrated(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "callwright.db").close()
    with pytest.raises(DatabaseError, match="older Callwright"):
        Database.open(tmp_path, read_only=True)
    assert (tmp_path / "callwright.db").stat().st_size == 0


@pytest.mark.parametrize("read_only", [False, True])
def test_the_schema_of_a_newer_program_is_left_alone(tmp_path: Path, read_only: bool) -> None:
    database = Database.open(tmp_path)
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(DatabaseError, match=r"newer Callwright \(schema 9999"):
        Database.open(tmp_path, read_only=read_only)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "callwright.db"
    file.write_text("Dear diary, today I learnt about databases. " * 100)
    with pytest.raises(DatabaseError, match="is not a database of Callwright"):
        Database.open(tmp_path)
    assert file.read_text().startswith("Dear diary")


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "callwright.db")
    other.execute("CREATE TABLE recipes (name TEXT)")
    other.commit()
    other.close()
    with pytest.raises(DatabaseError, match="belongs to another program"):
        Database.open(tmp_path)


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseError, match=f"{tmp_path}/file"):
        Database.open(tmp_path / "file" / "system")


def test_a_lock_that_is_kept_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callwright.storage.database, "DATABASE_BUSY_S", 0.05)
    database = Database.open(tmp_path)
    other = sqlite3.connect(tmp_path / "callwright.db")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseError, match=r"keeps .* locked") as told:
        raise_revision(database)
    assert told.value.may_pass
    other.close()
    raise_revision(database)
    database.close()


def test_a_full_disk_is_told_and_does_no_harm(database: Database) -> None:
    def fill() -> None:
        with database.writing() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1")
            connection.execute(
                text("INSERT INTO configuration_entity VALUES ('user', 'a', 0, :settings)"),
                {"settings": "x" * 10_000_000},
            )

    with pytest.raises(DatabaseError, match="is full; make room") as told:
        fill()
    assert told.value.may_pass
    assert revision(database) == 0


def test_one_process_serves_a_directory(database: Database) -> None:
    other = Database.open(database.data)
    database.claim()
    database.claim()
    with pytest.raises(DatabaseError, match="another callwright serves"):
        other.claim()
    database.close()
    other.claim()
    other.close()
