"""Where phones are reachable, kept so that they ring after a restart without registering again."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, insert, select, tuple_

from callwright.kernel.addresses import HostPort
from callwright.sip.outbound import binding_key
from callwright.storage.database import Database
from callwright.storage.schema import REGISTRATION, from_us, storable, to_us


@dataclass(frozen=True, slots=True)
class StoredBinding:
    """One phone of one user (RFC 3261 §10.3); a TCP connection it had is gone by now."""

    aor: str
    contact: str
    """The URI as the phone wrote it."""
    transport: str
    local: HostPort
    remote: HostPort
    call_id: str
    cseq: int
    q: float
    path: tuple[str, ...]
    """RFC 3327."""
    user_agent: str
    expires_at: datetime
    instance: str = ""
    """RFC 5626."""
    reg_id: int = 0
    is_behind_nat: bool = False

    @property
    def key(self) -> str:
        """What names it among those of its address of record."""
        return binding_key(self.contact, self.instance, self.reg_id)


_BINDING = REGISTRATION.c
_INSERT = insert(REGISTRATION).prefix_with("OR REPLACE", dialect="sqlite")
"""PostgreSQL has no such words: there the former row goes first."""
_DELETE_ALL = delete(REGISTRATION).where(_BINDING.aor == bindparam("of_aor"))
_DELETE = delete(REGISTRATION).where(
    _BINDING.aor == bindparam("of_aor"), _BINDING.key == bindparam("of_key")
)


class RegistrationChanges:
    """What happened to bindings since the last write; the newest state of each counts.

    Thousands of phones that register within a moment are one trip to the database. Nothing may be
    noted any more once they were given away to be written.
    """

    def __init__(self) -> None:
        self._changes: dict[tuple[str, str], StoredBinding | None] = {}

    def __len__(self) -> int:
        return len(self._changes)

    def note(self, aor: str, key: str, binding: StoredBinding | None) -> None:
        """None: the binding is gone."""
        self._changes[aor, key] = binding

    def write_within(self, connection: Connection) -> None:
        """May be repeated after a failure."""
        replaces = connection.dialect.name == "sqlite"
        gone = [
            {"of_aor": storable(aor), "of_key": storable(key)}
            for (aor, key), binding in self._changes.items()
            if binding is None or not replaces
        ]
        if gone:
            connection.execute(_DELETE, gone)
        rows = [_row(binding) for binding in self._changes.values() if binding is not None]
        if rows:
            connection.execute(_INSERT, rows)


class StoredRegistrations:
    """May be used from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, *bindings: StoredBinding) -> None:
        """Replaces the bindings of the same addresses and keys."""
        self._write((binding.aor, binding.key, binding) for binding in bindings)

    def remove(self, aor: str, key: str) -> None:
        self._write([(aor, key, None)])

    def remove_expired(self, now: datetime) -> int:
        with self._database.writing() as connection:
            return self.remove_expired_within(connection, now)

    def load(self, now: datetime) -> list[StoredBinding]:
        """Those that have not expired."""
        return self._read(select(REGISTRATION).where(_BINDING.expires_at_us > to_us(now)))

    def page(
        self, now: datetime, *, aor: str | None, after: tuple[str, str] | None, limit: int
    ) -> list[StoredBinding]:
        """The same by address of record and key; ``after``: both of the last one before."""
        wanted = select(REGISTRATION).where(_BINDING.expires_at_us > to_us(now))
        if aor is not None:
            wanted = wanted.where(_BINDING.aor == aor)
        if after is not None:
            wanted = wanted.where(tuple_(_BINDING.aor, _BINDING.key) > after)
        return self._read(wanted.limit(limit))

    def _read(self, wanted: Select[Any]) -> list[StoredBinding]:
        with self._database.reading() as connection:
            rows = connection.execute(wanted.order_by(_BINDING.aor, _BINDING.key))
            return [_stored(row) for row in rows]

    def remove_all_within(self, connection: Connection, aors: Collection[str]) -> None:
        """Whoever registered there proved something that no longer holds."""
        if aors:
            connection.execute(_DELETE_ALL, [{"of_aor": storable(aor)} for aor in aors])

    def remove_expired_within(self, connection: Connection, now: datetime) -> int:
        expired = delete(REGISTRATION).where(_BINDING.expires_at_us <= to_us(now))
        return connection.execute(expired).rowcount

    def _write(self, changed: Iterable[tuple[str, str, StoredBinding | None]]) -> None:
        changes = RegistrationChanges()
        for aor, key, binding in changed:
            changes.note(aor, key, binding)
        with self._database.writing() as connection:
            changes.write_within(connection)


def _stored(row: Row[Any]) -> StoredBinding:
    return StoredBinding(
        aor=row.aor,
        contact=row.contact,
        transport=row.transport,
        local=HostPort(row.local_host, row.local_port),
        remote=HostPort(row.remote_host, row.remote_port),
        call_id=row.call_id,
        cseq=row.cseq,
        q=row.q,
        path=tuple(json.loads(row.path)),
        user_agent=row.user_agent,
        expires_at=from_us(row.expires_at_us),
        instance=row.instance,
        reg_id=row.reg_id,
        is_behind_nat=row.is_behind_nat,
    )


def _row(binding: StoredBinding) -> dict[str, Any]:
    return {
        "aor": storable(binding.aor),
        "key": storable(binding.key),
        "contact": storable(binding.contact),
        "transport": binding.transport,
        "local_host": binding.local.host,
        "local_port": binding.local.port,
        "remote_host": binding.remote.host,
        "remote_port": binding.remote.port,
        "call_id": storable(binding.call_id),
        "cseq": binding.cseq,
        "q": binding.q,
        "path": json.dumps(binding.path) if binding.path else "[]",
        "user_agent": storable(binding.user_agent),
        "expires_at_us": to_us(binding.expires_at),
        "instance": storable(binding.instance),
        "reg_id": binding.reg_id,
        "is_behind_nat": binding.is_behind_nat,
    }
