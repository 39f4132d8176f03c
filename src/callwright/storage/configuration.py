"""The organisation as rows, one per entity, a revision that rises with it, and its history
(ADR 0003, ADR 0025)."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any, NamedTuple

from pydantic import JsonValue
from sqlalchemy import Connection, Row, and_, bindparam, func, insert, select, tuple_, update

from callwright.kernel.ids import MailboxId
from callwright.kernel.limits.configuration import CONFIGURATION_FOLLOWED_MAX
from callwright.kernel.money import Money
from callwright.operations.administration import BY_THE_PROGRAM, Note
from callwright.operations.revision import RevisionConflict
from callwright.storage import events
from callwright.storage.database import Database
from callwright.storage.former_mailboxes import OWNERS, give_back_within, set_apart_within
from callwright.storage.ledger import Ledger
from callwright.storage.news import of_change
from callwright.storage.registrations import StoredRegistrations
from callwright.storage.schema import (
    CONFIGURATION_CHANGE,
    CONFIGURATION_ENTITY,
    CONFIGURATION_REVISION,
    lock_row,
    storable,
    storable_or_none,
    to_us,
)

Address = tuple[str, str]
"""Kind and key of an entity: ``("user", "alice")``."""

USER = "user"
_ENTITY = CONFIGURATION_ENTITY.c
_CHANGE = CONFIGURATION_CHANGE.c
_REVISION = select(CONFIGURATION_REVISION.c.revision)
_IS_ADDRESSED = and_(_ENTITY.kind == bindparam("at_kind"), _ENTITY.key == bindparam("at_key"))
_INSERT = insert(CONFIGURATION_ENTITY)
_UPDATE = (
    update(CONFIGURATION_ENTITY).where(_IS_ADDRESSED).values(settings=bindparam("to_settings"))
)
_DELETE = CONFIGURATION_ENTITY.delete().where(_IS_ADDRESSED)
_ROWS = select(_ENTITY.kind, _ENTITY.key, _ENTITY.settings)
_ASKED_AT_ONCE = 400
"""Addresses in one query: each is two parameters, and SQLite takes 999 of old."""
_READ_AT_ONCE = 1_000
"""Entities: a loop that waits for this thread is not kept long."""


class _Difference(NamedTuple):
    """One entity as it is and as it shall be; None: not there."""

    address: Address
    before: str | None
    after: str | None


class StoredConfiguration:
    """``utc`` dates the history and the opening balance."""

    def __init__(self, database: Database, *, utc: Callable[[], datetime]) -> None:
        self._database = database
        self._ledger = Ledger(database)
        self._registrations = StoredRegistrations(database)
        self._utc = utc

    def revision(self) -> int:
        """0 before the first apply."""
        with self._database.reading() as connection:
            return _revision(connection)

    def load(self) -> tuple[int, dict[Address, JsonValue]]:
        """The revision and every entity's settings, in the order in which they were added."""
        with self._database.reading() as connection:
            revision = _revision(connection)
            rows = connection.execute(_ROWS.order_by(_ENTITY.ordinal)).all()
        entities: dict[Address, JsonValue] = {}
        for first in range(0, len(rows), _READ_AT_ONCE):
            entities.update(_entities(rows[first : first + _READ_AT_ONCE]))
        return revision, entities

    def utc(self) -> datetime:
        """The instant that the history would note now."""
        return self._utc()

    def changed_since(self, revision: int) -> tuple[int, dict[Address, JsonValue]] | None:
        """See ``ConfigurationRepository``. The history of an old database begins late."""
        is_later = _CHANGE.revision > revision
        changes = select(_CHANGE.kind, _CHANGE.key, _CHANGE.before, _CHANGE.after).where(is_later)
        told = select(func.count(_CHANGE.revision.distinct())).where(is_later)
        with self._database.reading() as connection:
            now = _revision(connection)
            limited = changes.order_by(_CHANGE.id).limit(CONFIGURATION_FOLLOWED_MAX + 1)
            rows = connection.execute(limited).all()
            if len(rows) > CONFIGURATION_FOLLOWED_MAX:
                return None
            if connection.execute(told).scalar_one() != now - revision:
                return None
        last = _last(rows)
        if last is None:
            return None
        return now, {a: None if text is None else json.loads(text) for a, text in last.items()}

    def apply(
        self,
        upserts: Mapping[Address, JsonValue],
        removals: Collection[Address],
        *,
        expected_revision: int,
        opening_balance: Money | None,
        note: Note = BY_THE_PROGRAM,
        beside: Sequence[Callable[[Connection, int], object]] = (),
    ) -> int:
        """Writes the difference in one transaction and returns the revision after it.

        The opening balance is posted once in the life of the ledger. Where users go or get
        another password, what is stored of their phones goes, too; what was in the mailboxes of
        who goes is no namesake's. Raises RevisionConflict where somebody applied after
        ``expected_revision``, and DatabaseError; nothing is written then.
        """
        with self._database.writing() as connection:
            lock_row(connection, CONFIGURATION_REVISION)
            actual = _revision(connection)
            if actual != expected_revision:
                raise RevisionConflict(expected_revision, actual)
            at = self._utc()
            if opening_balance is not None:
                self._ledger.post_opening_within(connection, opening_balance, at)
            differences = list(_differences(connection, upserts, removals))
            if differences:
                _write(connection, differences)
                _log(connection, differences, actual + 1, at, note)
                self._registrations.remove_all_within(connection, _locked_out(differences))
                _part_from_mailboxes(connection, differences, actual + 1, at, note)
                connection.execute(update(CONFIGURATION_REVISION).values(revision=actual + 1))
            revision = actual + 1 if differences else actual
            for act in beside:
                act(connection, revision)
            return revision


def _entities(rows: Sequence[Row[Any, Any, Any]]) -> Iterable[tuple[Address, JsonValue]]:
    """One list of many settings is read in half the time, and has each of their keys once."""
    kinds, keys, texts = zip(*rows, strict=True)
    return zip(zip(kinds, keys, strict=True), json.loads(f"[{','.join(texts)}]"), strict=True)


def _last(rows: Iterable[Row[Any, Any, Any, Any]]) -> dict[Address, str | None] | None:
    """What became of each entity, those that came in the order in which they did.

    None where one went and came back, which is behind the others now.
    """
    last: dict[Address, str | None] = {}
    was_there = set()
    for kind, key, before, after in rows:
        address = kind, key
        if address not in last and before is not None:
            was_there.add(address)
        elif before is None:
            last.pop(address, None)
            if address in was_there:
                return None
        last[address] = after
    return last


def _revision(connection: Connection) -> int:
    revision: int = connection.execute(_REVISION).scalar_one()
    return revision


def _differences(
    connection: Connection, upserts: Mapping[Address, JsonValue], removals: Collection[Address]
) -> Iterator[_Difference]:
    """Only what is another than is stored."""
    gone = [address for address in removals if address not in upserts]
    stored = dict(_stored(connection, [*upserts, *gone]))
    for address, value in upserts.items():
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        if stored.get(address) != text:
            yield _Difference(address, stored.get(address), text)
    for address in gone:
        if address in stored:
            yield _Difference(address, stored[address], None)


def _stored(connection: Connection, addresses: Sequence[Address]) -> Iterator[tuple[Address, str]]:
    for first in range(0, len(addresses), _ASKED_AT_ONCE):
        some = addresses[first : first + _ASKED_AT_ONCE]
        asked = _ROWS.where(tuple_(_ENTITY.kind, _ENTITY.key).in_(some))
        for kind, key, settings in connection.execute(asked):
            yield (kind, key), settings


def _write(connection: Connection, differences: Sequence[_Difference]) -> None:
    last = connection.execute(select(func.max(_ENTITY.ordinal))).scalar()
    ordinals = count(0 if last is None else last + 1)
    gone, new, changed = [], [], []
    for (kind, key), before, after in differences:
        if after is None:
            gone.append({"at_kind": kind, "at_key": key})
        elif before is None:
            row = {"kind": kind, "key": key, "ordinal": next(ordinals), "settings": after}
            new.append(row)
        else:
            changed.append({"at_kind": kind, "at_key": key, "to_settings": after})
    for statement, rows in ((_DELETE, gone), (_INSERT, new), (_UPDATE, changed)):
        if rows:
            connection.execute(statement, rows)


def _log(
    connection: Connection,
    differences: Sequence[_Difference],
    revision: int,
    at: datetime,
    note: Note,
) -> None:
    every = {
        "revision": revision,
        "at_us": to_us(at),
        "actor_kind": note.by.kind,
        "actor": storable(note.by.name),
        "why": storable_or_none(note.why),
        "undoes": note.undoes,
    }
    rows = [
        {**every, "kind": kind, "key": key, "before": before, "after": after}
        for (kind, key), before, after in differences
    ]
    connection.execute(insert(CONFIGURATION_CHANGE), rows)
    changed = [(address, before, after) for address, before, after in differences]
    events.add_within(connection, [of_change(revision, changed, note, at)])


def _locked_out(differences: Sequence[_Difference]) -> list[str]:
    """Users whose phones registered with a password that is not theirs any longer."""
    return [
        key
        for (kind, key), before, after in differences
        if kind == USER and before is not None and _password(before) != _password(after)
    ]


def _part_from_mailboxes(
    connection: Connection,
    differences: Sequence[_Difference],
    revision: int,
    at: datetime,
    note: Note,
) -> None:
    """Whoever comes back by an undo has his mailbox again."""
    owners = [(MailboxId(d.address[1]), d) for d in differences if d.address[0] in OWNERS]
    gone = [mailbox for mailbox, difference in owners if difference.after is None]
    if gone:
        set_apart_within(connection, gone, revision=revision, at=at)
    if note.undoes is not None:
        back = [mailbox for mailbox, difference in owners if difference.before is None]
        give_back_within(connection, back, undone=note.undoes)


def _password(user: str | None) -> JsonValue:
    settings = None if user is None else json.loads(user)
    sip = settings.get("sip") if isinstance(settings, dict) else None
    return sip.get("password") if isinstance(sip, dict) else None
