"""Recording what caller and agent say, for as long as they do (SPEC 5.2, row 160)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from callwright.apps.delivery import Delivery
from callwright.apps.phrases_queues import recorder_down
from callwright.apps.queue_services import TalkRecording
from callwright.domains.queues.model import CallQueue, RecordingRule
from callwright.kernel.decision import Step
from callwright.kernel.ids import UserId
from callwright.kernel.queue_limits import QUEUE_RECORDING_S_MAX
from callwright.kernel.reason import Reason
from callwright.media.engine import RecordSide
from callwright.media.events import RecordEnd

if TYPE_CHECKING:
    from callwright.apps.switchboard import Switchboard

log = structlog.get_logger("callwright.queues")

RECORDING_S_MIN = 0.5
"""Shorter than this nobody said anything."""


@asynccontextmanager
async def recorded(
    board: Switchboard, delivery: Delivery, queue: CallQueue, agent: UserId | None
) -> AsyncIterator[None]:
    """Records the block's talk from the caller's leg, through any transfer; does nothing where the
    queue does not record."""
    if queue.recording is None:
        yield
        return
    recorder = _Recorder(board, delivery, queue, queue.recording, agent)
    recorder.begin()
    try:
        yield
    finally:
        await recorder.finish()


class _Recorder:
    """One talk's. Left in the file is the caller, right what the caller hears."""

    def __init__(
        self,
        board: Switchboard,
        delivery: Delivery,
        queue: CallQueue,
        rule: RecordingRule,
        agent: UserId | None,
    ) -> None:
        self._board = board
        self._delivery = delivery
        self._queue = queue
        self._rule = rule
        self._agent = agent
        self._began_at = board.clock.utc()
        self._path: Path | None = None

    def begin(self) -> None:
        call = self._delivery.call
        try:
            self._path = self._board.recordings.new_path(self._queue.id)
        except OSError as error:
            call.spawn(self._fail(str(error)))
            return
        call.note(Step("the talk is recorded", f"queue {self._queue.id} records"))
        call.spawn(self._record(self._path))

    async def _record(self, path: Path) -> None:
        ended = await self._delivery.leg.media.record(
            path, max_s=QUEUE_RECORDING_S_MAX, silence_s=0.0, stop_digits="", side=RecordSide.STEREO
        )
        if ended.end is RecordEnd.FAILED:
            await self._fail("the file cannot be written")

    async def _fail(self, why: str) -> None:
        """A strict queue's talk ends with an announcement; any other one goes on."""
        call, media = self._delivery.call, self._delivery.leg.media
        log.error("a talk is not recorded", call=call.id, queue=self._queue.id, because=why)
        if not self._rule.is_strict:
            call.note(Step("the talk goes on unrecorded", why))
            return
        call.note(Step("the talk ends", f"it cannot be recorded, and has to be: {why}"))
        await media.play(recorder_down(self._rule, self._queue.language))
        call.end(Reason.RECORDER_DOWN)

    async def finish(self) -> None:
        """The talk is over, whoever ended it; what was recorded is kept all the same."""
        path = self._path
        if path is None:
            return
        ended = await self._delivery.leg.media.finish_record()
        recordings = self._board.recordings
        if ended is None or ended.duration_ms < RECORDING_S_MIN * 1000:
            recordings.discard(path)
            return
        recording = TalkRecording(
            call=self._delivery.call.id,
            queue=self._queue.id,
            agent=self._agent,
            caller=self._delivery.leg.party.shown_address,
            started_at=self._began_at,
            duration_s=ended.duration_ms / 1000,
            path=path,
        )
        try:
            await asyncio.shield(recordings.add(recording))
        except OSError as error:
            log.error("a recording is not listed", path=str(path), because=str(error))
