"""Reads the history of the configuration (``configuration_change``), newest first."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from pydantic import JsonValue
from sqlalchemy import ColumnElement, Connection, or_, select

from callwright.operations.actor import Actor, ActorKind
from callwright.operations.history import HistoryEntry, HistoryFilter
from callwright.operations.organisation_file.entities import EntityKey
from callwright.storage.database import Database
from callwright.storage.schema import CONFIGURATION_CHANGE, from_us, to_us

_CHANGE = CONFIGURATION_CHANGE.c


class StoredHistory:
    """``History`` over the database. Raises DatabaseError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self, wanted: HistoryFilter, *, before: int | None, limit: int
    ) -> Sequence[HistoryEntry]:
        query = select(CONFIGURATION_CHANGE).where(*_conditions(wanted))
        if before is not None:
            query = query.where(_CHANGE.id < before)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(_CHANGE.id.desc()).limit(limit))
            return [_entry(row) for row in rows.mappings()]

    def of_revision(self, revision: int) -> Sequence[HistoryEntry]:
        query = select(CONFIGURATION_CHANGE).where(_CHANGE.revision == revision)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(_CHANGE.id))
            return [_entry(row) for row in rows.mappings()]

    def last_change_of(self, address: EntityKey) -> HistoryEntry | None:
        found = self.page(HistoryFilter(kind=address[0], key=address[1]), before=None, limit=1)
        return found[0] if found else None

    def states(
        self, earlier: int, later: int
    ) -> tuple[Mapping[EntityKey, JsonValue], Mapping[EntityKey, JsonValue]]:
        with self._database.reading() as connection:
            return _states(connection, earlier, later)

    def first_revision(self) -> int | None:
        query = select(_CHANGE.revision).order_by(_CHANGE.id).limit(1)
        with self._database.reading() as connection:
            return connection.execute(query).scalar()


def _states(
    connection: Connection, earlier: int, later: int
) -> tuple[Mapping[EntityKey, JsonValue], Mapping[EntityKey, JsonValue]]:
    query = (
        select(_CHANGE.kind, _CHANGE.key, _CHANGE.before, _CHANGE.after)
        .where(_CHANGE.revision > earlier, _CHANGE.revision <= later)
        .order_by(_CHANGE.id)
    )
    first: dict[EntityKey, str | None] = {}
    last: dict[EntityKey, str | None] = {}
    for kind, key, before, after in connection.execute(query):
        first.setdefault((kind, key), before)
        last[kind, key] = after
    return _present(first), _present(last)


def _present(texts: Mapping[EntityKey, str | None]) -> dict[EntityKey, JsonValue]:
    return {a: json.loads(text) for a, text in texts.items() if text is not None}


def _mentions(number: str) -> ColumnElement[bool]:
    """Settings are JSON, where a whole text stands in quotes."""
    whole = (f'"{number}"', f'"{number};')
    texts = (_CHANGE.before, _CHANGE.after)
    held = [text.contains(part, autoescape=True) for text in texts for part in whole]
    return or_(_CHANGE.key == number, *held)


def _conditions(wanted: HistoryFilter) -> list[ColumnElement[bool]]:
    exact = {
        _CHANGE.kind: wanted.kind,
        _CHANGE.key: wanted.key,
        _CHANGE.actor: wanted.actor,
        _CHANGE.revision: wanted.revision,
    }
    conditions = [column == value for column, value in exact.items() if value is not None]
    if wanted.number is not None:
        conditions.append(_mentions(wanted.number))
    if wanted.since is not None:
        conditions.append(_CHANGE.at_us >= to_us(wanted.since))
    if wanted.until is not None:
        conditions.append(_CHANGE.at_us < to_us(wanted.until))
    return conditions


def _entry(row: Mapping[Any, Any]) -> HistoryEntry:
    before, after = row["before"], row["after"]
    return HistoryEntry(
        number=row["id"],
        revision=row["revision"],
        at=from_us(row["at_us"]),
        by=Actor(cast(ActorKind, row["actor_kind"]), row["actor"]),
        why=row["why"],
        undoes=row["undoes"],
        kind=row["kind"],
        key=row["key"],
        before=None if before is None else json.loads(before),
        after=None if after is None else json.loads(after),
    )
