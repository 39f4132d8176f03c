"""Long work, step by step: what is to be done, how far it is, and what came of it.

A job survives a restart: its steps so far are counted here, and the next ones follow from there.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import JsonValue
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from callwright.kernel.limits.api import JOBS_KEPT_MAX
from callwright.storage.database import Database
from callwright.storage.event_tables import JOB
from callwright.storage.schema import from_us, to_us

_JOB = JOB.c


class JobState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
    """By a defect, which the log has; what was written until then stays."""


@dataclass(frozen=True, slots=True)
class Job:
    id: str
    kind: str
    state: JobState
    done: int
    total: int
    failed: int
    """Of those done."""
    created_at: datetime
    created_by: str
    ended_at: datetime | None
    is_cancel_wanted: bool
    results: JsonValue
    """What was left out so far, and what was lost with what was taken."""


@dataclass(frozen=True, slots=True)
class NewJob:
    id: str
    kind: str
    total: int
    work: JsonValue
    created_at: datetime
    created_by: str


class Jobs:
    """May be used from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        job: NewJob,
        *,
        running_max: int,
        beside: Callable[[Connection, Job], object] = lambda connection, job: None,
    ) -> Job | None:
        """None: as many run already. The oldest ended jobs go. ``beside`` is given the job as it
        was written, and is part of the transaction."""
        with self._database.writing() as connection:
            running: int = connection.execute(
                select(func.count()).where(_JOB.state == JobState.RUNNING.value)
            ).scalar_one()
            if running >= running_max:
                return None
            connection.execute(
                insert(JOB),
                {
                    "id": job.id,
                    "kind": job.kind,
                    "state": JobState.RUNNING.value,
                    "done": 0,
                    "total": job.total,
                    "failed": 0,
                    "work": json.dumps(job.work, separators=(",", ":")),
                    "results": "[]",
                    "created_at_us": to_us(job.created_at),
                    "created_by": job.created_by,
                    "is_cancel_wanted": False,
                },
            )
            surplus = select(_JOB.id).order_by(_JOB.created_at_us.desc(), _JOB.id.desc())
            old = connection.execute(surplus.offset(JOBS_KEPT_MAX)).scalars().all()
            if old:
                is_over = _JOB.state != JobState.RUNNING.value
                connection.execute(delete(JOB).where(_JOB.id.in_(old), is_over))
            made = _job(connection.execute(_SHOWN.where(_JOB.id == job.id)).one())
            beside(connection, made)
            return made

    def get(self, job: str) -> Job | None:
        with self._database.reading() as connection:
            row = connection.execute(_SHOWN.where(_JOB.id == job)).first()
        return None if row is None else _job(row)

    def newest(self, *, limit: int, before: str | None = None) -> list[Job]:
        """The newest first; ``before``: the last one of the page before."""
        statement = _SHOWN.order_by(_JOB.id.desc()).limit(limit)
        if before is not None:
            statement = statement.where(_JOB.id < before)
        with self._database.reading() as connection:
            return [_job(row) for row in connection.execute(statement)]

    def cancel(self, job: str) -> bool:
        """Asks it to end after its present step; False: it does not run."""
        with self._database.writing() as connection:
            changed = connection.execute(
                update(JOB)
                .where(_JOB.id == job, _JOB.state == JobState.RUNNING.value)
                .values(is_cancel_wanted=True)
            )
            return changed.rowcount == 1

    # -- the worker's side -------------------------------------------------------------------------

    def running(self) -> list[tuple[Job, JsonValue]]:
        """With their work, the oldest first."""
        with self._database.reading() as connection:
            return [(_job(row), json.loads(row.work)) for row in connection.execute(_RUNNING)]

    def progress(self, job: str, *, done: int, failed: int, results: JsonValue) -> bool:
        """True: go on; False: somebody cancelled."""
        with self._database.writing() as connection:
            connection.execute(
                update(JOB)
                .where(_JOB.id == job)
                .values(done=done, failed=failed, results=json.dumps(results))
            )
            wanted = connection.execute(select(_JOB.is_cancel_wanted).where(_JOB.id == job))
            return not wanted.scalar_one()

    def end(self, job: str, state: JobState, at: datetime) -> None:
        """The work itself is forgotten; its results stay."""
        with self._database.writing() as connection:
            connection.execute(
                update(JOB)
                .where(_JOB.id == job)
                .values(state=state.value, ended_at_us=to_us(at), work="null")
            )


_RUNNING = select(JOB).where(_JOB.state == JobState.RUNNING.value).order_by(_JOB.id)
_SHOWN = select(*(column for column in JOB.c if column.name != "work"))


def _job(row: Row[Any]) -> Job:
    return Job(
        id=row.id,
        kind=row.kind,
        state=JobState(row.state),
        done=row.done,
        total=row.total,
        failed=row.failed,
        created_at=from_us(row.created_at_us),
        created_by=row.created_by,
        ended_at=None if row.ended_at_us is None else from_us(row.ended_at_us),
        is_cancel_wanted=row.is_cancel_wanted,
        results=json.loads(row.results),
    )
