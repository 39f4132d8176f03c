"""What queues keep over the storage worker: callbacks that were promised, talks that were recorded
(``apps.queue_services``)."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import structlog

from callwright.apps.queue_services import TalkRecording
from callwright.domains.queues.callback import CallbackRequest
from callwright.kernel.ids import CallId
from callwright.storage.database import Database
from callwright.storage.faults import DatabaseError
from callwright.storage.message_files import discard_recording, sync_message
from callwright.storage.queue_callbacks import StoredQueueCallbacks
from callwright.storage.queue_recordings import StoredRecordings
from callwright.storage.worker import StorageWorker

log = structlog.get_logger("callwright.queues")


class WorkerCallbackRequests:
    """``CallbackRequests``."""

    def __init__(self, worker: StorageWorker, database: Database) -> None:
        self._worker = worker
        self._stored = StoredQueueCallbacks(database)
        self.load: Callable[[], list[CallbackRequest]] = self._stored.all

    async def keep(self, request: CallbackRequest) -> None:
        try:
            await self._worker.perform(
                lambda connection: self._stored.keep_within(connection, request)
            )
        except DatabaseError as error:
            raise OSError(str(error)) from error

    async def forget(self, call: CallId) -> None:
        self._worker.post(lambda connection: self._stored.forget_within(connection, call))


class WorkerRecordings:
    """``RecordingStore``."""

    def __init__(
        self, worker: StorageWorker, database: Database, *, new_id: Callable[[], str]
    ) -> None:
        self._worker = worker
        self._stored = StoredRecordings(database, new_id=new_id)
        self.new_path = self._stored.new_path

    def began(self, recording: TalkRecording) -> None:
        self._worker.post(lambda connection: self._stored.begin_within(connection, recording))

    def discard(self, path: Path) -> None:
        discard_recording(path)
        self._worker.post(lambda connection: self._stored.forget_within(connection, path))

    async def add(self, recording: TalkRecording) -> None:
        try:
            await asyncio.to_thread(sync_message, recording.path)
            await self._worker.perform(
                lambda connection: self._stored.add_within(connection, recording)
            )
        except DatabaseError as error:
            raise OSError(str(error)) from error
