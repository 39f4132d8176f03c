"""What queues of a virtual world keep: callbacks and recordings (``apps.queue_services``)."""

import asyncio
from itertools import count
from pathlib import Path

from callwright.apps.queue_services import TalkRecording
from callwright.domains.queues.callback import CallbackRequest
from callwright.kernel.ids import CallId, CallQueueId
from callwright.testing.stores import DISK_S, MemoryQueues


class QueueStores(MemoryQueues):
    """All that a node's queues keep (``QueueStore``)."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.callback_requests = MemoryCallbackRequests()
        self.recordings = MemoryRecordings(folder)


class MemoryCallbackRequests:
    """What a node that starts again would know (``CallbackRequests``)."""

    def __init__(self) -> None:
        self.kept: dict[CallId, CallbackRequest] = {}
        self.is_full = False
        """The disk takes nothing."""
        self.disk_s = DISK_S

    async def keep(self, request: CallbackRequest) -> None:
        await asyncio.sleep(self.disk_s)
        if self.is_full:
            raise OSError("the disk is full")
        self.kept[request.call] = request

    async def forget(self, call: CallId) -> None:
        self.kept.pop(call, None)


class MemoryRecordings:
    """Real files, listed in memory (``RecordingStore``)."""

    def __init__(self, folder: Path) -> None:
        self.kept: list[TalkRecording] = []
        self.running: dict[Path, TalkRecording] = {}
        self.is_down = False
        """There is no place to write to."""
        self.is_full = False
        """There is, and the file cannot be written."""
        self._folder = folder / "recordings"
        self._ids = count(1)

    def new_path(self, queue: CallQueueId) -> Path:
        if self.is_down:
            raise OSError("the recorder is down")
        self._folder.mkdir(exist_ok=True)
        folder = self._folder / "missing" if self.is_full else self._folder
        return folder / f"{queue}-{next(self._ids)}.wav"

    def began(self, recording: TalkRecording) -> None:
        self.running[recording.path] = recording

    def discard(self, path: Path) -> None:
        self.running.pop(path, None)
        path.unlink(missing_ok=True)

    async def add(self, recording: TalkRecording) -> None:
        await asyncio.sleep(DISK_S)
        self.running.pop(recording.path, None)
        self.kept.append(recording)
