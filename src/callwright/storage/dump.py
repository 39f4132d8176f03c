"""All rows of a database as plain data, table by table, and back; the same for both databases.

A row is a mapping of its columns to text, numbers, true, false or null.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias

from sqlalchemy import Connection, MetaData, Table, func, insert, select, text

from callwright.storage.faults import DatabaseError

Row: TypeAlias = Mapping[str, Any]

ROWS_AT_ONCE = 1_000
_VERSION = "alembic_version"


@dataclass(slots=True)
class Digest:
    """Of a table's rows, whatever their order: equal for equal tables in both databases."""

    rows: int = 0
    total: int = 0

    def add(self, line: str) -> None:
        self.rows += 1
        number = int.from_bytes(hashlib.sha256(line.encode()).digest(), "big")
        self.total = (self.total + number) % (1 << 256)

    def __str__(self) -> str:
        return f"{self.total:064x}"


def tables_of(connection: Connection) -> Sequence[Table]:
    """Every table with its columns as the database has them, those that others refer to first."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != _VERSION]


def version_of(connection: Connection) -> str:
    return str(connection.execute(text(f"SELECT version_num FROM {_VERSION}")).scalar_one())


def lines_of(connection: Connection, table: Table) -> Iterator[str]:
    """Each row as one line of JSON, columns in the order of their names."""
    names = sorted(column.name for column in table.columns)
    columns = [table.columns[name] for name in names]
    streamed = select(*columns).execution_options(yield_per=ROWS_AT_ONCE)
    rows = connection.execute(streamed)
    for row in rows:
        values = dict(zip(names, row, strict=True))
        yield json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def write_lines(connection: Connection, table: Table, lines: Iterable[str]) -> int:
    """Makes the rows the whole content of the table and returns how many there are.

    Rows that a new database is born with give way. Raises DatabaseError for what is no row.
    """
    if connection.execute(select(func.count()).select_from(table)).scalar_one():
        connection.execute(table.delete())
    written = 0
    source = iter(lines)
    while rows := [_row(table, line) for line in islice(source, ROWS_AT_ONCE)]:
        connection.execute(insert(table), rows)
        written += len(rows)
    _continue_numbers(connection, table)
    return written


def _row(table: Table, line: str) -> Row:
    try:
        row = json.loads(line)
    except ValueError:
        row = None
    if not isinstance(row, dict) or row.keys() != set(table.columns.keys()):
        raise DatabaseError(
            f"a row of {table.name} has other columns than its table; it is refused"
        )
    return row


def _continue_numbers(connection: Connection, table: Table) -> None:
    """PostgreSQL counts rows apart from the table: the next one must not get a number again."""
    if connection.dialect.name != "postgresql":
        return
    for column in table.primary_key:
        sequence = connection.execute(
            text("SELECT pg_get_serial_sequence(:table, :column)"),
            {"table": table.name, "column": column.name},
        ).scalar()
        if sequence is not None:
            last = connection.execute(select(func.max(column))).scalar()
            if last is not None:
                connection.execute(text("SELECT setval(:s, :n)"), {"s": sequence, "n": last})
