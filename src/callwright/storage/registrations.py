"""Where phones are reachable, kept so that they ring after a restart without registering again."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select

from callwright.kernel.addresses import HostPort
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


_BINDING = REGISTRATION.c
_INSERT = insert(REGISTRATION)
_DELETE_ALL = delete(REGISTRATION).where(_BINDING.aor == bindparam("of_aor"))
_DELETE = delete(REGISTRATION).where(
    _BINDING.aor == bindparam("of_aor"), _BINDING.contact == bindparam("of_contact")
)


class StoredRegistrations:
    """May be used from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, binding: StoredBinding) -> None:
        """Replaces the binding of the same address and contact."""
        with self._database.writing() as connection:
            self.save_within(connection, binding)

    def remove(self, aor: str, contact: str) -> None:
        with self._database.writing() as connection:
            self.remove_within(connection, aor, contact)

    def remove_expired(self, now: datetime) -> int:
        with self._database.writing() as connection:
            return self.remove_expired_within(connection, now)

    def load(self, now: datetime) -> list[StoredBinding]:
        """Those that have not expired."""
        statement = select(REGISTRATION).where(_BINDING.expires_at_us > to_us(now))
        with self._database.reading() as connection:
            rows = connection.execute(statement.order_by(_BINDING.aor, _BINDING.contact))
            return [
                StoredBinding(
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
                )
                for row in rows
            ]

    def save_within(self, connection: Connection, binding: StoredBinding) -> None:
        self.remove_within(connection, binding.aor, binding.contact)
        connection.execute(
            _INSERT,
            {
                "aor": storable(binding.aor),
                "contact": storable(binding.contact),
                "transport": binding.transport,
                "local_host": binding.local.host,
                "local_port": binding.local.port,
                "remote_host": binding.remote.host,
                "remote_port": binding.remote.port,
                "call_id": storable(binding.call_id),
                "cseq": binding.cseq,
                "q": binding.q,
                "path": json.dumps(binding.path),
                "user_agent": storable(binding.user_agent),
                "expires_at_us": to_us(binding.expires_at),
            },
        )

    def remove_within(self, connection: Connection, aor: str, contact: str) -> None:
        connection.execute(_DELETE, {"of_aor": storable(aor), "of_contact": storable(contact)})

    def remove_all_within(self, connection: Connection, aors: Collection[str]) -> None:
        """Whoever registered there proved something that no longer holds."""
        if aors:
            connection.execute(_DELETE_ALL, [{"of_aor": storable(aor)} for aor in aors])

    def remove_expired_within(self, connection: Connection, now: datetime) -> int:
        expired = delete(REGISTRATION).where(_BINDING.expires_at_us <= to_us(now))
        return connection.execute(expired).rowcount
