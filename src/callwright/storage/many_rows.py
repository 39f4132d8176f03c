"""Rows of many calls in one statement.

SQLAlchemy looks each field of each row up by its name and makes the row anew, which takes as long
as SQLite takes to write it; here the order of the fields is found once.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from sqlalchemy import Connection, Delete, Insert
from sqlalchemy.dialects import sqlite

STATEMENTS_KEPT_MAX = 64
_SQLITE = sqlite.dialect(paramstyle="qmark")
"""One for the databases of all organisations, whose statements are the same."""


def write_rows(
    connection: Connection, statement: Insert | Delete, rows: Sequence[Mapping[str, object]]
) -> None:
    """Executes the statement for each row. All rows have the same fields, whose values the
    database's driver takes as they are."""
    if not rows:
        return
    if connection.dialect.name != _SQLITE.name:
        connection.execute(statement, rows)
        return
    text, order = _compiled(statement, tuple(rows[0]))
    connection.exec_driver_sql(text, [tuple([row[name] for name in order]) for row in rows])


@lru_cache(STATEMENTS_KEPT_MAX)
def _compiled(statement: Insert | Delete, names: tuple[str, ...]) -> tuple[str, Sequence[str]]:
    """Its text, and the order in which the text wants the fields."""
    compiled = statement.compile(dialect=_SQLITE, column_keys=list(names))
    assert compiled.positiontup is not None, "SQLite's parameters are positional"
    return str(compiled), compiled.positiontup
