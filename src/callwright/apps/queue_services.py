"""What queues need of higher rooms beside agents and lines: somewhere to keep what was promised and
what was recorded, and somebody to tell."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from callwright.domains.queues.callback import CallbackRequest
from callwright.kernel.ids import CallId, CallQueueId, UserId
from callwright.routing.snapshot import Snapshot


class CallbackRequests(Protocol):
    """Keeps requests over a restart."""

    async def keep(self, request: CallbackRequest) -> None:
        """Makes the request durable, or what changed of it; raises OSError where that fails."""
        ...

    async def forget(self, call: CallId) -> None:
        """The customer was called back, or is not going to be. Never raises."""
        ...


class CallbackNews(Protocol):
    def callback_failed(self, snapshot: Snapshot, request: CallbackRequest, why: str) -> None:
        """Tells the queue's people that a customer waits for a call in vain; returns at once."""
        ...


@dataclass(frozen=True, slots=True)
class TalkRecording:
    """A talk of caller and agent, recorded; the instant is UTC."""

    call: CallId
    queue: CallQueueId
    agent: UserId | None
    caller: str
    started_at: datetime
    duration_s: float
    path: Path


class RecordingStore(Protocol):
    def new_path(self, queue: CallQueueId) -> Path:
        """Where the next talk is recorded; raises OSError where nothing can be written."""
        ...

    def began(self, recording: TalkRecording) -> None:
        """The talk is being recorded: what is there of it will be listed, though the process is
        killed. Returns at once."""
        ...

    def discard(self, path: Path) -> None:
        """Removes what became no recording; never raises."""
        ...

    async def add(self, recording: TalkRecording) -> None:
        """Makes it durable; raises OSError where that fails."""
        ...
