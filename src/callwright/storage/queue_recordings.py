"""Recorded talks of queues: a WAV file each at ``<data>/recordings/<queue>/<id>.wav``, and a row.

The row is written when the recording begins, and listed when the file has reached the disk whole.
Of a node that was killed the next one lists what is there: the file can be played at every instant.
"""

import wave
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Connection, Row, delete, select, tuple_, update

from callwright.apps.queue_services import TalkRecording
from callwright.kernel.ids import CallId, CallQueueId, RecordingId, UserId
from callwright.kernel.limits.queues import QUEUE_RECORDING_S_MIN
from callwright.storage.database import Database
from callwright.storage.message_files import (
    changed_us,
    discard_recording,
    recordings,
    sound_s,
    sync_message,
)
from callwright.storage.queue_tables import QUEUE_RECORDING
from callwright.storage.schema import from_us, insert_latest, storable, to_us

FOLDER = "recordings"
_log = structlog.get_logger(__name__)
_RECORDING = QUEUE_RECORDING.c


@dataclass(frozen=True, slots=True)
class StoredRecording:
    id: RecordingId
    call: CallId
    queue: CallQueueId
    agent: UserId | None
    caller: str
    started_at: datetime
    duration_s: float
    path: Path
    """Left: the customer; right: what the customer hears."""


class StoredRecordings:
    """May be used from any thread. ``new_id`` gives names that sort by time."""

    def __init__(self, database: Database, *, new_id: Callable[[], str]) -> None:
        self._database = database
        self._folder = database.data / FOLDER
        self._new_id = new_id

    def new_path(self, queue: CallQueueId) -> Path:
        """Where the next talk is recorded; its directory exists. Raises OSError."""
        folder = self._folder / queue
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder / f"{self._new_id()}.wav"

    def begin_within(self, connection: Connection, recording: TalkRecording) -> None:
        """The talk is being recorded, and is not listed yet."""
        self._put_within(connection, recording, is_running=True)

    def add_within(self, connection: Connection, recording: TalkRecording) -> None:
        """The caller has synced the file."""
        self._put_within(connection, recording, is_running=False)

    def forget_within(self, connection: Connection, path: Path) -> None:
        """Nothing became of what began there."""
        connection.execute(delete(QUEUE_RECORDING).where(_RECORDING.id == path.stem))

    def mend_within(self, connection: Connection) -> int:
        """Lists what a killed node was recording, as far as it came; returns how many talks."""
        mended = 0
        for row in connection.execute(select(QUEUE_RECORDING).where(_RECORDING.is_running)).all():
            path, this = self._folder / row.path, _RECORDING.id == row.id
            duration_ms = _synced_ms(path)
            if duration_ms < QUEUE_RECORDING_S_MIN * 1000:
                connection.execute(delete(QUEUE_RECORDING).where(this))
                discard_recording(path)
            else:
                listed = {"duration_ms": duration_ms, "is_running": False}
                connection.execute(update(QUEUE_RECORDING).where(this).values(listed))
                mended += 1
        return mended

    def _put_within(
        self, connection: Connection, recording: TalkRecording, *, is_running: bool
    ) -> None:
        row = {
            "id": recording.path.stem,
            "call_id": recording.call,
            "queue": recording.queue,
            "agent": recording.agent,
            "caller": storable(recording.caller),
            "started_at_us": to_us(recording.started_at),
            "duration_ms": round(recording.duration_s * 1000),
            "path": str(recording.path.relative_to(self._folder)),
            "is_running": is_running,
        }
        connection.execute(insert_latest(connection, QUEUE_RECORDING).values(row))

    def get(self, recording: RecordingId) -> StoredRecording | None:
        with self._database.reading() as connection:
            wanted = select(QUEUE_RECORDING).where(_RECORDING.id == recording)
            row = connection.execute(wanted.where(~_RECORDING.is_running)).first()
        return None if row is None else self._stored(row)

    def page(
        self, queue: CallQueueId | None, *, before: tuple[int, str] | None, limit: int
    ) -> list[StoredRecording]:
        """Newest first, of one queue or of all; ``before``: ``place_of`` the last one."""
        wanted = select(QUEUE_RECORDING).where(~_RECORDING.is_running).limit(limit)
        if queue is not None:
            wanted = wanted.where(_RECORDING.queue == queue)
        if before is not None:
            wanted = wanted.where(tuple_(_RECORDING.started_at_us, _RECORDING.id) < before)
        wanted = wanted.order_by(_RECORDING.started_at_us.desc(), _RECORDING.id.desc())
        with self._database.reading() as connection:
            return [self._stored(row) for row in connection.execute(wanted)]

    def delete(self, recording: RecordingId) -> bool:
        """Removes the row, then the file; False: there is no such recording."""
        known = self.get(recording)
        if known is None:
            return False
        with self._database.writing() as connection:
            connection.execute(delete(QUEUE_RECORDING).where(_RECORDING.id == recording))
        known.path.unlink(missing_ok=True)
        return True

    def forget(self, before: datetime, *, limit: int) -> int:
        """Removes at most so many that began before; returns how many. A file that no row names
        goes when it is as old. Files go first: what is cut short in between is no recording
        without anybody who would remove it."""
        is_old = _RECORDING.started_at_us < to_us(before)
        oldest = select(QUEUE_RECORDING).where(is_old).order_by(_RECORDING.started_at_us)
        with self._database.reading() as connection:
            old = [self._stored(row) for row in connection.execute(oldest.limit(limit))]
        for recording in old:
            discard_recording(recording.path)
        if old:
            gone = delete(QUEUE_RECORDING).where(_RECORDING.id.in_([known.id for known in old]))
            with self._database.writing() as connection:
                connection.execute(gone)
        if len(old) < limit:
            self._forget_files(before)
        return len(old)

    def _forget_files(self, before: datetime) -> None:
        for path in recordings(self._folder):
            changed = changed_us(path)
            if changed is not None and changed < to_us(before):
                discard_recording(path)

    def _stored(self, row: Row[Any]) -> StoredRecording:
        return StoredRecording(
            id=RecordingId(row.id),
            call=CallId(row.call_id),
            queue=CallQueueId(row.queue),
            agent=None if row.agent is None else UserId(row.agent),
            caller=row.caller,
            started_at=from_us(row.started_at_us),
            duration_s=row.duration_ms / 1000,
            path=self._folder / row.path,
        )


def _synced_ms(path: Path) -> int:
    """How long the sound of the file is, which is on disk then; 0 where there is none."""
    try:
        duration_ms = int(sound_s(path) * 1000)
        sync_message(path)
    except (OSError, EOFError, wave.Error) as error:
        _log.warning("a recording that was cut short is lost", path=str(path), because=str(error))
        return 0
    return duration_ms


def place_of(recording: StoredRecording) -> tuple[int, str]:
    """Where a recording stands in ``page``."""
    return to_us(recording.started_at), recording.id
