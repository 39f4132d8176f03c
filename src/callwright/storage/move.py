"""Moves the tables of a system from one database to another, and proves that they arrived."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import Connection, select

from callwright.storage.backup import Progress, unseen
from callwright.storage.database import Database
from callwright.storage.dump import Digest, lines_of, tables_of, write_lines
from callwright.storage.faults import DatabaseError
from callwright.storage.schema import CONFIGURATION_REVISION, LEDGER_ACCOUNT
from callwright.storage.system import System, called

_BORN_WITH = frozenset({CONFIGURATION_REVISION.name, LEDGER_ACCOUNT.name})
"""Tables that have rows from the start: revision 0, and the names of accounts without transfers."""


@dataclass(frozen=True, slots=True)
class Moved:
    domain: str
    tables: int
    rows: int
    was_there: bool
    """An earlier attempt had moved it already."""


def move(source: System, target: System, progress: Progress = unseen) -> tuple[Moved, ...]:
    """Copies every organisation, one transaction each, and compares both sides row by row.

    The source stays as it is. An attempt that was cut off is taken up again: what arrived whole
    is compared and left alone. Raises DatabaseError where a server runs on the source, where
    something else is in the target, and where the two differ afterwards.
    """
    moved = []
    for seat in source.seats():
        if seat.is_leaving:
            continue
        domain = None if seat.is_first else seat.domain
        with closing(source.open_seat(domain)) as old:
            old.claim()
            if domain is not None and domain not in target.further():
                target.create(domain)
            with closing(target.open_seat(domain)) as new:
                moved.append(_move_one(called(seat.domain), old, new, progress))
    return tuple(moved)


def _move_one(name: str, old: Database, new: Database, progress: Progress) -> Moved:
    with old.reading() as source:
        wanted = _digests(source, f"{name}: reading", progress)
        with new.writing() as target:
            there = _digests(target, f"{name}: looking", unseen)
            was_there = there == wanted
            if not was_there:
                if not _is_new(there, target):
                    raise DatabaseError(f"the target holds something else of {name}; empty it")
                _copy(name, source, target, progress)
    with new.reading() as target:
        arrived = _digests(target, f"{name}: verifying", progress)
    differing = sorted(table for table in wanted if arrived.get(table) != wanted[table])
    if differing:
        raise DatabaseError(f"{name}: {', '.join(differing)} did not arrive as they were")
    rows = sum(digest.rows for digest in wanted.values())
    return Moved(name, len(wanted), rows, was_there)


def _copy(name: str, source: Connection, target: Connection, progress: Progress) -> None:
    places = {table.name: table for table in tables_of(source)}
    wanted = tables_of(target)
    for done, table in enumerate(wanted):
        progress(f"{name}: copying", done, len(wanted))
        if table.name in places:
            write_lines(target, table, lines_of(source, places[table.name]))
    progress(f"{name}: copying", len(wanted), len(wanted))


def _digests(connection: Connection, what: str, progress: Progress) -> Mapping[str, Digest]:
    tables = tables_of(connection)
    digests = {table.name: Digest() for table in tables}
    for done, table in enumerate(tables):
        progress(what, done, len(tables))
        for line in lines_of(connection, table):
            digests[table.name].add(line)
    progress(what, len(tables), len(tables))
    return digests


def _is_new(there: Mapping[str, Digest], target: Connection) -> bool:
    """Whether it holds no more than a database is born with."""
    revision = target.execute(select(CONFIGURATION_REVISION.c.revision)).scalar_one()
    return revision == 0 and not any(
        digest.rows for name, digest in there.items() if name not in _BORN_WITH
    )
