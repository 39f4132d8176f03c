"""The organisation as rows, one per entity, and a revision that rises with it (ADR 0003)."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from pydantic import JsonValue
from sqlalchemy import Connection, and_, bindparam, insert, select, update

from callwright.kernel.money import Money
from callwright.operations.revision import RevisionConflict
from callwright.storage.database import Database
from callwright.storage.ledger import Ledger
from callwright.storage.registrations import StoredRegistrations
from callwright.storage.schema import (
    CONFIGURATION_ENTITY,
    CONFIGURATION_REVISION,
    lock_row,
)

Address = tuple[str, str]
"""Kind and key of an entity: ``("user", "alice")``."""

USER = "user"
_ENTITY = CONFIGURATION_ENTITY.c
_REVISION = select(CONFIGURATION_REVISION.c.revision)
_IS_ADDRESSED = and_(_ENTITY.kind == bindparam("at_kind"), _ENTITY.key == bindparam("at_key"))
_INSERT = insert(CONFIGURATION_ENTITY)
_UPDATE = (
    update(CONFIGURATION_ENTITY)
    .where(_IS_ADDRESSED)
    .values(ordinal=bindparam("to_ordinal"), settings=bindparam("to_settings"))
)
_DELETE = CONFIGURATION_ENTITY.delete().where(_IS_ADDRESSED)


class _Row(NamedTuple):
    ordinal: int
    settings: str


class StoredConfiguration:
    """``utc`` dates the opening balance."""

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
        """The revision and every entity's settings, in the order of the file."""
        with self._database.reading() as connection:
            revision = _revision(connection)
            rows = _rows(connection)
        return revision, {address: json.loads(row.settings) for address, row in rows.items()}

    def apply(
        self,
        upserts: Mapping[Address, JsonValue],
        removals: Collection[Address],
        *,
        expected_revision: int,
        opening_balance: Money | None,
        order: Sequence[Address] = (),
    ) -> int:
        """Writes the difference in one transaction and returns the revision after it.

        The revision rises when an entity or the order of entities changed. ``order`` is the wanted
        order of all; without it entities keep their places and new ones come last. The opening
        balance is posted once in the life of the ledger. Where users go or get another password,
        what is stored of their phones goes, too. Raises RevisionConflict where somebody applied
        after ``expected_revision``, and DatabaseError; nothing is written then.
        """
        with self._database.writing() as connection:
            lock_row(connection, CONFIGURATION_REVISION)
            actual = _revision(connection)
            if actual != expected_revision:
                raise RevisionConflict(expected_revision, actual)
            if opening_balance is not None:
                self._ledger.post_opening_within(connection, opening_balance, self._utc())
            stored = _rows(connection)
            wanted = _wanted(stored, upserts, removals, order)
            if wanted == stored:
                return actual
            _write(connection, stored, wanted)
            self._registrations.remove_all_within(connection, _locked_out(stored, wanted))
            connection.execute(update(CONFIGURATION_REVISION).values(revision=actual + 1))
            return actual + 1


def _revision(connection: Connection) -> int:
    revision: int = connection.execute(_REVISION).scalar_one()
    return revision


def _rows(connection: Connection) -> dict[Address, _Row]:
    rows = connection.execute(
        select(_ENTITY.kind, _ENTITY.key, _ENTITY.ordinal, _ENTITY.settings).order_by(
            _ENTITY.ordinal
        )
    )
    return {(kind, key): _Row(ordinal, settings) for kind, key, ordinal, settings in rows}


def _wanted(
    stored: Mapping[Address, _Row],
    upserts: Mapping[Address, JsonValue],
    removals: Collection[Address],
    order: Sequence[Address],
) -> dict[Address, _Row]:
    """What shall be there; ordinals change only where the order does, so that most rows stay."""
    gone = set(removals) - set(upserts)
    settings = {address: row.settings for address, row in stored.items() if address not in gone}
    for address, value in upserts.items():
        settings[address] = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    named = [address for address in dict.fromkeys(order) if address in settings]
    places = dict.fromkeys([*named, *settings])
    if list(places) == list(settings):
        ordinals = _kept(settings, stored)
    else:
        ordinals = {address: number for number, address in enumerate(places)}
    return {address: _Row(ordinals[address], text) for address, text in settings.items()}


def _locked_out(stored: Mapping[Address, _Row], wanted: Mapping[Address, _Row]) -> list[str]:
    """Users whose phones registered with a password that is not theirs any longer."""
    changed = [
        (key, row.settings, wanted.get((kind, key), _Row(0, "{}")).settings)
        for (kind, key), row in stored.items()
        if kind == USER
    ]
    return [key for key, old, new in changed if old != new and _password(old) != _password(new)]


def _password(user: str) -> JsonValue:
    settings = json.loads(user)
    sip = settings.get("sip") if isinstance(settings, dict) else None
    return sip.get("password") if isinstance(sip, dict) else None


def _kept(addresses: Iterable[Address], stored: Mapping[Address, _Row]) -> dict[Address, int]:
    """Stored ones keep their number, new ones follow the last."""
    following = max((row.ordinal for row in stored.values()), default=-1) + 1
    ordinals = {}
    for address in addresses:
        if address in stored:
            ordinals[address] = stored[address].ordinal
        else:
            ordinals[address] = following
            following += 1
    return ordinals


def _write(
    connection: Connection, stored: Mapping[Address, _Row], wanted: Mapping[Address, _Row]
) -> None:
    gone = [{"at_kind": kind, "at_key": key} for kind, key in stored if (kind, key) not in wanted]
    new = [
        {"kind": kind, "key": key, "ordinal": row.ordinal, "settings": row.settings}
        for (kind, key), row in wanted.items()
        if (kind, key) not in stored
    ]
    changed = [
        {"at_kind": kind, "at_key": key, "to_ordinal": row.ordinal, "to_settings": row.settings}
        for (kind, key), row in wanted.items()
        if (kind, key) in stored and stored[kind, key] != row
    ]
    for statement, parameters in ((_DELETE, gone), (_INSERT, new), (_UPDATE, changed)):
        if parameters:
            connection.execute(statement, parameters)
