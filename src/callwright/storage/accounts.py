"""Accounts, their sessions, sign-in links and second factors."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, or_, select, update

from callwright.domains.access.account import Account, Identity, Session
from callwright.kernel.ids import UserId
from callwright.kernel.limits.access import SESSION_S_MAX, SESSIONS_PER_ACCOUNT_MAX
from callwright.operations.access.store import Event, NameTaken
from callwright.storage.access_events import note
from callwright.storage.access_tables import (
    ACCOUNT,
    ACCOUNT_RECOVERY,
    ACCOUNT_SESSION,
    SIGN_IN_LINK,
)
from callwright.storage.database import Database
from callwright.storage.schema import (
    CONFIGURATION_REVISION,
    from_us,
    lock_row,
    storable,
    storable_or_none,
    to_us,
)

_ACCOUNT = ACCOUNT.c
_SESSION = ACCOUNT_SESSION.c
_LINK = SIGN_IN_LINK.c
_RECOVERY = ACCOUNT_RECOVERY.c


class StoredAccounts:
    """Of one organisation; may be used from any thread (operations.access.store)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- accounts ----------------------------------------------------------------------------------

    def accounts(self, *, after: str = "", limit: int) -> Sequence[Account]:
        statement = (
            select(ACCOUNT).where(_ACCOUNT.name > after).order_by(_ACCOUNT.name).limit(limit)
        )
        with self._database.reading() as connection:
            return [read_account(row) for row in connection.execute(statement)]

    def count(self) -> int:
        with self._database.reading() as connection:
            return connection.execute(select(func.count()).select_from(ACCOUNT)).scalar_one()

    def account(self, id: str) -> Account | None:
        return self._one(_ACCOUNT.id == storable(id))

    def named(self, name: str) -> Account | None:
        return self._one(_ACCOUNT.name == storable(name))

    def of_email(self, email: str) -> Account | None:
        return self._one(_ACCOUNT.email == storable(email))

    def of_identity(self, identity: Identity) -> Account | None:
        return self._one(_is(identity))

    def add(self, account: Account, event: Event) -> None:
        with self._database.writing() as connection:
            _refuse_taken(connection, account)
            columns = {**_columns(account), "id": account.id, "made_at_us": to_us(account.made_at)}
            connection.execute(insert(ACCOUNT), {**columns, "totp_step": 0})
            note(connection, event)

    def replace(
        self, account: Account, event: Event, *, seen: Account, ends_sessions: bool
    ) -> None:
        before = _columns(seen)
        news = {name: new for name, new in _columns(account).items() if new != before[name]}
        with self._database.writing() as connection:
            _refuse_taken(connection, account)
            if news:
                changed = update(ACCOUNT).where(_ACCOUNT.id == account.id)
                connection.execute(changed.values(**news))
            if ends_sessions:
                _end_all(connection, account.id)
            note(connection, event)

    def remove(self, id: str, event: Event) -> None:
        with self._database.writing() as connection:
            connection.execute(delete(ACCOUNT).where(_ACCOUNT.id == id))
            note(connection, event)

    # -- the second factor -------------------------------------------------------------------------

    def enrol(self, id: str, secret: str | None, recovery: Collection[str], event: Event) -> None:
        with self._database.writing() as connection:
            enrolled = update(ACCOUNT).where(_ACCOUNT.id == id)
            connection.execute(enrolled.values(totp_secret=secret, totp_step=0))
            connection.execute(delete(ACCOUNT_RECOVERY).where(_RECOVERY.account == id))
            if recovery:
                rows = [{"account": id, "hash": hash} for hash in recovery]
                connection.execute(insert(ACCOUNT_RECOVERY), rows)
            note(connection, event)

    def take_step(self, id: str, step: int) -> bool:
        later = (_ACCOUNT.id == id) & (_ACCOUNT.totp_step < step)
        with self._database.writing() as connection:
            taken = connection.execute(update(ACCOUNT).where(later).values(totp_step=step))
            return taken.rowcount == 1

    def take_recovery(self, id: str, hash: str) -> bool:
        this = (_RECOVERY.account == id) & (_RECOVERY.hash == hash)
        with self._database.writing() as connection:
            return connection.execute(delete(ACCOUNT_RECOVERY).where(this)).rowcount == 1

    # -- sessions ----------------------------------------------------------------------------------

    def begin_session(self, session: Session, event: Event) -> None:
        of_account = _SESSION.account == session.account
        with self._database.writing() as connection:
            oldest = (
                select(_SESSION.hash)
                .where(of_account)
                .order_by(_SESSION.used_at_us.desc())
                .offset(SESSIONS_PER_ACCOUNT_MAX - 1)
            )
            gone = connection.execute(oldest).scalars().all()
            ended_us = to_us(session.began_at - timedelta(seconds=SESSION_S_MAX))
            connection.execute(delete(ACCOUNT_SESSION).where(_SESSION.began_at_us < ended_us))
            connection.execute(delete(ACCOUNT_SESSION).where(_SESSION.hash.in_(gone)))
            row = {
                "hash": session.hash,
                "account": session.account,
                "method": session.method,
                "source": storable(session.source),
                "began_at_us": to_us(session.began_at),
                "used_at_us": to_us(session.used_at),
            }
            connection.execute(insert(ACCOUNT_SESSION), row)
            signed_in = update(ACCOUNT).where(_ACCOUNT.id == session.account)
            connection.execute(signed_in.values(signed_in_at_us=to_us(session.began_at)))
            note(connection, event)

    def session(self, hash: str) -> tuple[Session, Account] | None:
        statement = (
            select(ACCOUNT_SESSION, ACCOUNT)
            .join(ACCOUNT, _ACCOUNT.id == _SESSION.account)
            .where(_SESSION.hash == hash)
        )
        with self._database.reading() as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else (_read_session(row), read_account(row))

    def sessions(self, account: str) -> Sequence[Session]:
        statement = (
            select(ACCOUNT_SESSION)
            .where(_SESSION.account == account)
            .order_by(_SESSION.used_at_us.desc(), _SESSION.hash)
        )
        with self._database.reading() as connection:
            return [_read_session(row) for row in connection.execute(statement)]

    def touch_session(self, hash: str, now: datetime) -> None:
        with self._database.writing() as connection:
            touched = update(ACCOUNT_SESSION).where(_SESSION.hash == hash)
            connection.execute(touched.values(used_at_us=to_us(now)))

    def end_session(self, hash: str) -> None:
        with self._database.writing() as connection:
            connection.execute(delete(ACCOUNT_SESSION).where(_SESSION.hash == hash))

    def end_sessions(self, account: str) -> None:
        with self._database.writing() as connection:
            _end_all(connection, account)

    # -- links that sign in once -------------------------------------------------------------------

    def add_link(self, hash: str, account: str, expires_at: datetime, event: Event) -> None:
        with self._database.writing() as connection:
            connection.execute(delete(SIGN_IN_LINK).where(_LINK.account == account))
            row = {"hash": hash, "account": account, "expires_at_us": to_us(expires_at)}
            connection.execute(insert(SIGN_IN_LINK), row)
            note(connection, event)

    def link(self, hash: str, now: datetime) -> str | None:
        holds = select(_LINK.account).where(_LINK.hash == hash, _LINK.expires_at_us > to_us(now))
        with self._database.reading() as connection:
            return connection.execute(holds).scalar_one_or_none()

    def take_link(self, hash: str, now: datetime) -> str | None:
        this = _LINK.hash == hash
        holds = select(_LINK.account).where(this, _LINK.expires_at_us > to_us(now))
        with self._database.writing() as connection:
            account = connection.execute(holds).scalar_one_or_none()
            gone = connection.execute(delete(SIGN_IN_LINK).where(this)).rowcount
            return account if gone == 1 else None

    def _one(self, condition: ColumnElement[bool]) -> Account | None:
        with self._database.reading() as connection:
            row = connection.execute(select(ACCOUNT).where(condition)).one_or_none()
        return None if row is None else read_account(row)


def read_account(row: Row[Any]) -> Account:
    """Of a row that has all columns of the table, perhaps among others."""
    columns = row._mapping
    issuer, subject = columns[_ACCOUNT.issuer], columns[_ACCOUNT.subject]
    user, signed_in_us = columns[_ACCOUNT.user], columns[_ACCOUNT.signed_in_at_us]
    return Account(
        id=columns[_ACCOUNT.id],
        name=columns[_ACCOUNT.name],
        display_name=columns[_ACCOUNT.display_name],
        email=columns[_ACCOUNT.email],
        user=None if user is None else UserId(user),
        roles=tuple(json.loads(columns[_ACCOUNT.roles])),
        is_enabled=columns[_ACCOUNT.is_enabled],
        password_hash=columns[_ACCOUNT.password_hash],
        totp_secret=columns[_ACCOUNT.totp_secret],
        totp_step=columns[_ACCOUNT.totp_step],
        identity=None if issuer is None else Identity(issuer, subject),
        made_at=from_us(columns[_ACCOUNT.made_at_us]),
        signed_in_at=None if signed_in_us is None else from_us(signed_in_us),
    )


def _read_session(row: Row[Any]) -> Session:
    columns = row._mapping
    return Session(
        hash=columns[_SESSION.hash],
        account=columns[_SESSION.account],
        method=columns[_SESSION.method],
        source=columns[_SESSION.source],
        began_at=from_us(columns[_SESSION.began_at_us]),
        used_at=from_us(columns[_SESSION.used_at_us]),
    )


def _columns(account: Account) -> dict[str, object]:
    """What ``replace`` may change."""
    identity = account.identity
    return {
        "name": storable(account.name),
        "display_name": storable(account.display_name),
        "email": storable_or_none(account.email),
        "user": storable_or_none(account.user),
        "roles": json.dumps(account.roles),
        "is_enabled": account.is_enabled,
        "password_hash": account.password_hash,
        "issuer": None if identity is None else storable(identity.issuer),
        "subject": None if identity is None else storable(identity.subject),
    }


def _refuse_taken(connection: Connection, account: Account) -> None:
    """Raises NameTaken; nobody else can take the name before the caller commits."""
    lock_row(connection, CONFIGURATION_REVISION)
    same = _ACCOUNT.name == storable(account.name)
    if account.email is not None:
        same = or_(same, _ACCOUNT.email == storable(account.email))
    if account.identity is not None:
        same = or_(same, _is(account.identity))
    others = select(_ACCOUNT.id).where(same, _ACCOUNT.id != account.id)
    if connection.execute(others).first() is not None:
        raise NameTaken


def _is(identity: Identity) -> ColumnElement[bool]:
    is_issuer = _ACCOUNT.issuer == storable(identity.issuer)
    return is_issuer & (_ACCOUNT.subject == storable(identity.subject))


def _end_all(connection: Connection, account: str) -> None:
    connection.execute(delete(ACCOUNT_SESSION).where(_SESSION.account == account))
    connection.execute(delete(SIGN_IN_LINK).where(_LINK.account == account))
