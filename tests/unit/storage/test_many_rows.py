"""Rows are written by position, whatever order their fields come in."""

from pathlib import Path

import pytest
from sqlalchemy import bindparam, delete, select

from callwright.storage import many_rows
from callwright.storage.database import Database, DatabaseError
from callwright.storage.many_rows import write_rows
from callwright.storage.schema import OPEN_CALL, insert_once

CALL = {
    "id": "call_1",
    "started_at_us": 1,
    "caller": "alice",
    "callee": "bob",
    "direction": "internal",
}
BACKWARDS = {name: CALL[name] for name in reversed(CALL)}


def stored(database: Database) -> list[dict[str, object]]:
    with database.reading() as connection:
        found = connection.execute(select(OPEN_CALL).order_by(OPEN_CALL.c.id))
        return [dict(row._mapping) for row in found]


def test_each_field_reaches_its_column(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    with database.writing() as connection:
        statement = insert_once(connection, OPEN_CALL)
        write_rows(connection, statement, [CALL, CALL | {"id": "call_2"}])
        write_rows(connection, statement, [BACKWARDS | {"id": "call_3"}])
        write_rows(connection, statement, [CALL | {"caller": "the first one stands"}])
        write_rows(connection, statement, [])
    assert stored(database) == [CALL | {"id": f"call_{number}"} for number in (1, 2, 3)]
    with database.writing() as connection:
        end = delete(OPEN_CALL).where(OPEN_CALL.c.id == bindparam("of_id"))
        write_rows(connection, end, [{"of_id": "call_1"}, {"of_id": "call_3"}])
    assert stored(database) == [CALL | {"id": "call_2"}]
    database.close()


def test_a_row_that_cannot_be_written_is_the_databases_fault(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    rows = [CALL, CALL | {"id": "call_2", "caller": None}]
    with pytest.raises(DatabaseError), database.writing() as connection:
        write_rows(connection, OPEN_CALL.insert(), rows)
    assert stored(database) == []
    database.close()


def test_organisations_share_the_texts_of_statements(tmp_path: Path) -> None:
    """Each has a database of its own, and there may be a hundred."""

    def write(place: Path) -> None:
        database = Database.open(place)
        with database.writing() as connection:
            write_rows(connection, insert_once(connection, OPEN_CALL), [CALL])
        database.close()

    write(tmp_path / "one")
    made = many_rows._compiled.cache_info().misses
    write(tmp_path / "other")
    assert many_rows._compiled.cache_info().misses == made
