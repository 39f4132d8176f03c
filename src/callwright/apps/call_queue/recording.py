"""Recording what caller and agent say, for as long as they do (SPEC 5.2, row 160)."""

import asyncio
from pathlib import Path

import structlog

from callwright.apps.board import Board
from callwright.apps.phrases_queues import recorder_down, talk_recorded
from callwright.apps.queue_services import TalkRecording
from callwright.apps.supervision import UNDER_WORDS
from callwright.calls.call import Call
from callwright.calls.leg import Leg
from callwright.domains.queues.model import CallQueue, RecordingRule
from callwright.kernel.decision import Step
from callwright.kernel.ids import UserId
from callwright.kernel.limits.queues import QUEUE_RECORDING_S_MAX, QUEUE_RECORDING_S_MIN
from callwright.kernel.reason import Reason
from callwright.media.engine import RecordSide
from callwright.media.events import RecordEnd, RecordFinished

log = structlog.get_logger("callwright.queues")


class TalkRecorder:
    """One talk's, through any transfer; does nothing where the queue does not record. Left in the
    file is the customer, right what the customer hears."""

    def __init__(self, board: Board, call: Call, queue: CallQueue, agent: UserId | None) -> None:
        self._board = board
        self._call = call
        self._queue = queue
        self._agent = agent
        self._began_at = board.clock.utc()
        self._running: tuple[Leg, Path] | None = None
        self._ended: RecordFinished | None = None
        """What ended before the talk did: a queue or a mailbox that the customer was transferred
        to records on its own."""

    def begin(self, customer: Leg) -> None:
        """The two hear each other from now on."""
        call, rule = self._call, self._queue.recording
        if rule is None:
            return
        self._began_at = self._board.clock.utc()
        try:
            path = self._board.recordings.new_path(self._queue.id)
        except OSError as error:
            call.spawn(self._fail(rule, customer, str(error)))
            return
        self._running = customer, path
        self._board.recordings.began(self._talk(customer, path, duration_s=0.0))
        call.note(Step("the talk is recorded", f"queue {self._queue.id} records"))
        call.spawn(self._record(rule, customer, path))

    async def _record(self, rule: RecordingRule, customer: Leg, path: Path) -> None:
        agent = self._call.peer_of(customer)
        if rule.tells_agents and agent is not None:
            agent.media.start_play(talk_recorded(self._queue.language), under=UNDER_WORDS)
        ended = await customer.media.record(
            path, max_s=QUEUE_RECORDING_S_MAX, silence_s=0.0, stop_digits="", side=RecordSide.STEREO
        )
        self._ended = ended
        if ended.end is RecordEnd.FAILED:
            await self._fail(rule, customer, "the file cannot be written")

    async def _fail(self, rule: RecordingRule, customer: Leg, why: str) -> None:
        """A strict queue's talk ends with an announcement; any other one goes on."""
        call = self._call
        log.error("a talk is not recorded", call=call.id, queue=self._queue.id, because=why)
        if not rule.is_strict:
            call.note(Step("the talk goes on unrecorded", why))
            return
        call.note(Step("the talk ends", f"it cannot be recorded, and has to be: {why}"))
        await customer.media.play(recorder_down(rule, self._queue.language))
        call.end(Reason.RECORDER_DOWN)

    async def finish(self) -> None:
        """The talk is over, whoever ended it; what was recorded is kept all the same."""
        if self._running is None:
            return
        customer, path = self._running
        ended = self._ended or await customer.media.finish_record()
        recordings = self._board.recordings
        if ended is None or ended.duration_ms < QUEUE_RECORDING_S_MIN * 1000:
            recordings.discard(path)
            return
        recording = self._talk(customer, path, duration_s=ended.duration_ms / 1000)
        try:
            await asyncio.shield(recordings.add(recording))
        except OSError as error:
            log.error("a recording is not listed", path=str(path), because=str(error))

    def _talk(self, customer: Leg, path: Path, *, duration_s: float) -> TalkRecording:
        return TalkRecording(
            call=self._call.id,
            queue=self._queue.id,
            agent=self._agent,
            caller=customer.party.shown_address,
            started_at=self._began_at,
            duration_s=duration_s,
            path=path,
        )
