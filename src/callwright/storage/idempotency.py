"""Answers that were given to requests with an Idempotency-Key, so that a repetition gets the same.

An answer is written in the transaction of what was done: a crash loses both or neither.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from callwright.kernel.limits.api import IDEMPOTENCY_S
from callwright.storage.database import Database
from callwright.storage.event_tables import IDEMPOTENT_ANSWER
from callwright.storage.schema import insert_once, to_us

_ANSWER = IDEMPOTENT_ANSWER.c


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    request: str
    """A digest of method, path and body; another one with the same key is a mistake."""
    status: int
    headers: Mapping[str, str]
    body: str | None
    """None: it was too long to be kept."""


class KeptAnswers:
    """May be used from any thread. ``asker`` and ``key`` together name an answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, asker: str, key: str, now: datetime) -> KeptAnswer | None:
        since = to_us(now - timedelta(seconds=IDEMPOTENCY_S))
        statement = select(IDEMPOTENT_ANSWER).where(
            _ANSWER.asker == asker, _ANSWER.key == key, _ANSWER.at_us >= since
        )
        with self._database.reading() as connection:
            row = connection.execute(statement).first()
        if row is None:
            return None
        return KeptAnswer(row.request, row.status, json.loads(row.headers), row.body)


def keep_within(
    connection: Connection, asker: str, key: str, answer: KeptAnswer, now: datetime
) -> None:
    """The first answer stays. Those older than a day go."""
    since = to_us(now - timedelta(seconds=IDEMPOTENCY_S))
    connection.execute(delete(IDEMPOTENT_ANSWER).where(_ANSWER.at_us < since))
    connection.execute(
        insert_once(connection, IDEMPOTENT_ANSWER),
        {
            "asker": asker,
            "key": key,
            "request": answer.request,
            "status": answer.status,
            "headers": json.dumps(dict(answer.headers)),
            "body": answer.body,
            "at_us": to_us(now),
        },
    )
