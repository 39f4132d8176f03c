"""What happened, in one numbered row each: written in the transaction of what it tells about.

Whoever follows (the API's streams, webhooks) keeps the number of the last event it has seen; it
misses nothing over restarts as long as it comes back before EVENTS_KEPT_MAX newer ones.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import JsonValue
from sqlalchemy import Connection, bindparam, delete, func, insert, select, text

from callwright.kernel.limits.api import EVENT_BYTES_MAX, EVENTS_KEPT_MAX, EVENTS_SWEEP_EVERY
from callwright.storage.database import Database
from callwright.storage.event_tables import EVENT
from callwright.storage.many_rows import write_rows
from callwright.storage.schema import from_us, to_us

_EVENT = EVENT.c
_INSERT = insert(EVENT)
_json = json.JSONEncoder(separators=(",", ":")).encode
_NEWEST = select(func.coalesce(func.max(_EVENT.id), 0))
_OLDEST = select(func.min(_EVENT.id))
_AFTER = (
    select(EVENT)
    .where(_EVENT.id > bindparam("cursor"))
    .order_by(_EVENT.id)
    .limit(bindparam("most"))
)
_AFTER_OF_KINDS = _AFTER.where(_EVENT.kind.in_(bindparam("kinds", expanding=True)))
"""To build a statement takes ten times as long as to execute it, and followers look often."""


class EventKind(StrEnum):
    CONFIGURATION_CHANGED = "configuration.changed"
    CALL_ENDED = "call.ended"
    VOICEMAIL_LEFT = "voicemail.left"
    VOICEMAIL_READ = "voicemail.read"
    VOICEMAIL_DELETED = "voicemail.deleted"
    CREDITS_DEPOSITED = "credits.deposited"
    WEBHOOK_TEST = "webhook.test"


@dataclass(frozen=True, slots=True)
class News:
    """An event that is not numbered yet; ``data`` names things, and holds no secret."""

    kind: EventKind
    at: datetime
    data: JsonValue


@dataclass(frozen=True, slots=True)
class Event:
    id: int
    """Rises in the order in which events became visible; the cursor of who follows."""
    kind: str
    at: datetime
    data: JsonValue


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of what is kept; both 0 where nothing is."""

    oldest: int
    newest: int

    def misses(self, cursor: int) -> bool:
        """Whether events after ``cursor`` are gone."""
        return self.oldest > 0 and cursor < self.oldest - 1


class Events:
    """May be used from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def after(
        self, cursor: int, *, limit: int, kinds: Collection[str] | None = None
    ) -> list[Event]:
        """The oldest first; ``kinds`` None: all."""
        with self._database.reading() as connection:
            return after_within(connection, cursor, limit=limit, kinds=kinds)

    def bounds(self) -> Bounds:
        with self._database.reading() as connection:
            newest: int = connection.execute(_NEWEST).scalar_one()
            oldest: int | None = connection.execute(_OLDEST).scalar()
        return Bounds(oldest or 0, newest)

    def newest(self) -> int:
        with self._database.reading() as connection:
            newest: int = connection.execute(_NEWEST).scalar_one()
            return newest

    def add(self, *news: News) -> None:
        """For what has no transaction of its own."""
        with self._database.writing() as connection:
            add_within(connection, news)


def add_within(connection: Connection, news: Sequence[News]) -> None:
    """Numbers are given in the order of commits, so that no follower passes one unseen."""
    if not news:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE event IN SHARE ROW EXCLUSIVE MODE"))
    write_rows(connection, _INSERT, [_row(each) for each in news])
    newest: int = connection.execute(_NEWEST).scalar_one()
    if newest % EVENTS_SWEEP_EVERY < len(news):
        connection.execute(delete(EVENT).where(_EVENT.id <= newest - EVENTS_KEPT_MAX))


def after_within(
    connection: Connection, cursor: int, *, limit: int, kinds: Collection[str] | None
) -> list[Event]:
    wanted: dict[str, object] = {"cursor": cursor, "most": limit}
    if kinds is not None:
        wanted["kinds"] = sorted(kinds)
    rows = connection.execute(_AFTER if kinds is None else _AFTER_OF_KINDS, wanted)
    return [Event(row.id, row.kind, from_us(row.at_us), json.loads(row.data)) for row in rows]


def _row(news: News) -> dict[str, object]:
    data = _json(news.data)
    if len(data) > EVENT_BYTES_MAX:
        data = '{"is_too_long":true}'
    return {"kind": news.kind.value, "at_us": to_us(news.at), "data": data}
