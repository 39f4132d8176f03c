"""Webhooks: where events are sent, how far each has come, and a log of what was tried.

Each has a cursor of its own: it stands at the last event that was taken or given up, so nothing
is passed over by a restart.
"""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from callwright.kernel.limits.api import WEBHOOK_DELIVERIES_KEPT_MAX
from callwright.storage.database import Database
from callwright.storage.event_tables import WEBHOOK, WEBHOOK_DELIVERY
from callwright.storage.schema import from_us, to_us

_HOOK = WEBHOOK.c
_DELIVERY = WEBHOOK_DELIVERY.c
_ALL = select(WEBHOOK).order_by(_HOOK.created_at_us, _HOOK.id)


@dataclass(frozen=True, slots=True)
class Webhook:
    id: str
    url: str
    secret: str
    """Signs what is sent; shown once."""
    events: tuple[str, ...]
    """Kinds that are sent."""
    description: str
    is_enabled: bool
    cursor: int
    """The last event that was taken or given up."""
    attempts: int
    """That failed for the event after the cursor."""
    failing_since: datetime | None
    next_try_at: datetime | None
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to deliver one event."""

    id: int
    webhook: str
    event: int
    attempt: int
    """Counts from 1."""
    at: datetime
    duration_ms: int
    status: int | None
    """What the receiver answered; None: nothing."""
    error: str | None
    outcome: str
    """``delivered``, ``failed`` or ``given-up``."""


class Webhooks:
    """May be used from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Webhook]:
        """The oldest first."""
        with self._database.reading() as connection:
            return [_webhook(row) for row in connection.execute(_ALL)]

    def get(self, hook: str) -> Webhook | None:
        with self._database.reading() as connection:
            row = connection.execute(select(WEBHOOK).where(_HOOK.id == hook)).first()
        return None if row is None else _webhook(row)

    def add(
        self,
        webhook: Webhook,
        *,
        most: int,
        beside: Callable[[Connection], object] = lambda connection: None,
    ) -> bool:
        """False: there are ``most`` already. ``beside`` is part of the transaction."""
        with self._database.writing() as connection:
            count: int = connection.execute(select(func.count()).select_from(WEBHOOK)).scalar_one()
            if count >= most:
                return False
            connection.execute(insert(WEBHOOK), _row(webhook))
            beside(connection)
            return True

    def change(
        self,
        hook: str,
        *,
        url: str,
        events: Collection[str],
        description: str,
        is_enabled: bool,
    ) -> bool:
        """A changed hook is tried again at once. False: there is none."""
        values: dict[str, object] = {
            "url": url,
            "events": json.dumps(list(events)),
            "description": description,
            "is_enabled": is_enabled,
            "attempts": 0,
            "failing_since_us": None,
            "next_try_at_us": None,
        }
        with self._database.writing() as connection:
            changed = connection.execute(update(WEBHOOK).where(_HOOK.id == hook).values(**values))
            return changed.rowcount == 1

    def renew(self, hook: str, secret: str) -> bool:
        """False: there is none."""
        with self._database.writing() as connection:
            changed = connection.execute(
                update(WEBHOOK).where(_HOOK.id == hook).values(secret=secret)
            )
            return changed.rowcount == 1

    def remove(self, hook: str) -> bool:
        with self._database.writing() as connection:
            connection.execute(delete(WEBHOOK_DELIVERY).where(_DELIVERY.webhook == hook))
            return connection.execute(delete(WEBHOOK).where(_HOOK.id == hook)).rowcount == 1

    def deliveries(self, hook: str, *, limit: int, before: int | None = None) -> list[Delivery]:
        """The newest first."""
        statement = select(WEBHOOK_DELIVERY).where(_DELIVERY.webhook == hook)
        if before is not None:
            statement = statement.where(_DELIVERY.id < before)
        statement = statement.order_by(_DELIVERY.id.desc()).limit(limit)
        with self._database.reading() as connection:
            return [_delivery(row) for row in connection.execute(statement)]

    # -- the deliverer's side ----------------------------------------------------------------------

    def passed(self, hook: str, cursor: int) -> None:
        """Nothing up to ``cursor`` is for this hook."""
        with self._database.writing() as connection:
            connection.execute(
                update(WEBHOOK).where(_HOOK.id == hook, _HOOK.cursor < cursor).values(cursor=cursor)
            )

    def delivered(self, delivery: Delivery) -> None:
        """The event was taken: the cursor moves on."""
        with self._database.writing() as connection:
            _log(connection, delivery)
            _advance(connection, delivery.webhook, delivery.event)

    def given_up(self, delivery: Delivery) -> None:
        """The cursor moves on, but the hook still counts as failing: what follows is tried once
        each, until something is taken."""
        with self._database.writing() as connection:
            _log(connection, delivery)
            connection.execute(
                update(WEBHOOK)
                .where(_HOOK.id == delivery.webhook, _HOOK.cursor < delivery.event)
                .values(cursor=delivery.event, attempts=0, next_try_at_us=None)
            )

    def failed(self, delivery: Delivery, next_try_at: datetime) -> None:
        """The event stays next in turn."""
        with self._database.writing() as connection:
            _log(connection, delivery)
            failing_since = func.coalesce(_HOOK.failing_since_us, to_us(delivery.at))
            connection.execute(
                update(WEBHOOK)
                .where(_HOOK.id == delivery.webhook)
                .values(
                    attempts=delivery.attempt,
                    failing_since_us=failing_since,
                    next_try_at_us=to_us(next_try_at),
                )
            )


def _advance(connection: Connection, hook: str, cursor: int) -> None:
    connection.execute(
        update(WEBHOOK)
        .where(_HOOK.id == hook, _HOOK.cursor < cursor)
        .values(cursor=cursor, attempts=0, failing_since_us=None, next_try_at_us=None)
    )


def _log(connection: Connection, delivery: Delivery) -> None:
    """A hook that is gone meanwhile has no log."""
    known = connection.execute(select(_HOOK.id).where(_HOOK.id == delivery.webhook)).first()
    if known is None:
        return
    connection.execute(
        insert(WEBHOOK_DELIVERY),
        {
            "webhook": delivery.webhook,
            "event": delivery.event,
            "attempt": delivery.attempt,
            "at_us": to_us(delivery.at),
            "duration_ms": delivery.duration_ms,
            "status": delivery.status,
            "error": delivery.error,
            "outcome": delivery.outcome,
        },
    )
    mine = _DELIVERY.webhook == delivery.webhook
    kept = (
        select(_DELIVERY.id)
        .where(mine)
        .order_by(_DELIVERY.id.desc())
        .offset(WEBHOOK_DELIVERIES_KEPT_MAX)
        .limit(1)
    )
    oldest = connection.execute(kept).scalar()
    if oldest is not None:
        connection.execute(delete(WEBHOOK_DELIVERY).where(mine, _DELIVERY.id <= oldest))


def _row(webhook: Webhook) -> dict[str, object]:
    return {
        "id": webhook.id,
        "url": webhook.url,
        "secret": webhook.secret,
        "events": json.dumps(webhook.events),
        "description": webhook.description,
        "is_enabled": webhook.is_enabled,
        "cursor": webhook.cursor,
        "attempts": 0,
        "failing_since_us": None,
        "next_try_at_us": None,
        "created_at_us": to_us(webhook.created_at),
        "created_by": webhook.created_by,
    }


def _webhook(row: Row[Any]) -> Webhook:
    return Webhook(
        id=row.id,
        url=row.url,
        secret=row.secret,
        events=tuple(json.loads(row.events)),
        description=row.description,
        is_enabled=row.is_enabled,
        cursor=row.cursor,
        attempts=row.attempts,
        failing_since=None if row.failing_since_us is None else from_us(row.failing_since_us),
        next_try_at=None if row.next_try_at_us is None else from_us(row.next_try_at_us),
        created_at=from_us(row.created_at_us),
        created_by=row.created_by,
    )


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        webhook=row.webhook,
        event=row.event,
        attempt=row.attempt,
        at=from_us(row.at_us),
        duration_ms=row.duration_ms,
        status=row.status,
        error=row.error,
        outcome=row.outcome,
    )
