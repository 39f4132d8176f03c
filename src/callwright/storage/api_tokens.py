"""Tokens with which programs come to the API."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from callwright.domains.access.account import Account, ApiToken
from callwright.domains.access.model import Permission
from callwright.kernel.limits.access import API_TOKEN_MEMORY_S
from callwright.operations.access.store import Event
from callwright.storage.access_events import note
from callwright.storage.access_tables import ACCOUNT, API_TOKEN
from callwright.storage.accounts import read_account
from callwright.storage.database import Database
from callwright.storage.schema import from_us, storable, to_us

_TOKEN = API_TOKEN.c


class StoredTokens:
    """Of one organisation; may be used from any thread (operations.access.store)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count(self, now: datetime) -> int:
        holds = _TOKEN.revoked_at_us.is_(None) & (_TOKEN.expires_at_us > to_us(now))
        with self._database.reading() as connection:
            found = connection.execute(select(func.count()).select_from(API_TOKEN).where(holds))
            return found.scalar_one()

    def add(self, token: ApiToken, event: Event) -> None:
        row = {
            "id": token.id,
            "hash": token.hash,
            "name": storable(token.name),
            "account": token.account,
            "permissions": json.dumps(sorted(token.permissions)),
            "made_at_us": to_us(token.made_at),
            "expires_at_us": to_us(token.expires_at),
        }
        ended_us = to_us(token.made_at - timedelta(seconds=API_TOKEN_MEMORY_S))
        has_ended = (_TOKEN.expires_at_us < ended_us) | (_TOKEN.revoked_at_us < ended_us)
        with self._database.writing() as connection:
            connection.execute(delete(API_TOKEN).where(has_ended))
            connection.execute(insert(API_TOKEN), row)
            note(connection, event)

    def find(self, hash: str) -> tuple[ApiToken, Account | None] | None:
        """The token with this hash, and who made it."""
        statement = (
            select(API_TOKEN, ACCOUNT)
            .outerjoin(ACCOUNT, ACCOUNT.c.id == _TOKEN.account)
            .where(_TOKEN.hash == hash)
        )
        with self._database.reading() as connection:
            row = connection.execute(statement).one_or_none()
        if row is None:
            return None
        token = _read(row)
        return token, None if token.account is None else read_account(row)

    def tokens(self, *, after: str = "", limit: int) -> Sequence[ApiToken]:
        statement = select(API_TOKEN).where(_TOKEN.id > after).order_by(_TOKEN.id).limit(limit)
        with self._database.reading() as connection:
            return [_read(row) for row in connection.execute(statement)]

    def touch(self, id: str, now: datetime) -> None:
        with self._database.writing() as connection:
            touched = update(API_TOKEN).where(_TOKEN.id == id)
            connection.execute(touched.values(used_at_us=to_us(now)))

    def revoke(self, id: str, now: datetime, event: Event) -> bool:
        holds = (_TOKEN.id == storable(id)) & _TOKEN.revoked_at_us.is_(None)
        with self._database.writing() as connection:
            revoked = update(API_TOKEN).where(holds).values(revoked_at_us=to_us(now))
            if connection.execute(revoked).rowcount == 0:
                return False
            note(connection, event)
            return True


def _read(row: Row[Any]) -> ApiToken:
    columns = row._mapping
    known = {permission.value for permission in Permission}
    used_us, revoked_us = columns[_TOKEN.used_at_us], columns[_TOKEN.revoked_at_us]
    names = json.loads(columns[_TOKEN.permissions])
    return ApiToken(
        id=columns[_TOKEN.id],
        hash=columns[_TOKEN.hash],
        name=columns[_TOKEN.name],
        account=columns[_TOKEN.account],
        permissions=frozenset(Permission(name) for name in names if name in known),
        made_at=from_us(columns[_TOKEN.made_at_us]),
        expires_at=from_us(columns[_TOKEN.expires_at_us]),
        used_at=None if used_us is None else from_us(used_us),
        revoked_at=None if revoked_us is None else from_us(revoked_us),
    )
