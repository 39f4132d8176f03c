"""One organisation's voicemail beside its node: storage, transcripts, lamps, days that are over."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog

from callwright.apps.voicemail.services import Transcriber
from callwright.domains.voicemail.model import KeptMessage, TranscriptState
from callwright.kernel.clock import Clock
from callwright.kernel.ids import UserId, VoicemailId
from callwright.kernel.limits.mail import MAIL_RETRY_S
from callwright.kernel.limits.voicemail import MESSAGE_HEARD_S_MAX
from callwright.media.library import PromptError
from callwright.media.sound_files import decode_sound, read_sound
from callwright.routing.snapshot import Snapshot
from callwright.runtime.events.message_waiting import MessageWaiting
from callwright.runtime.stored_mailboxes import WorkerMailboxes
from callwright.runtime.tasks import Tasks
from callwright.runtime.transcripts import Transcripts
from callwright.runtime.voicemail_keeping import (
    LampWatch,
    MessageSweep,
    list_begun,
    mail_left,
)
from callwright.storage.database import Database
from callwright.storage.events import Events
from callwright.storage.faults import DatabaseError
from callwright.storage.sealing import SealError
from callwright.storage.tide import Tide
from callwright.storage.unfinished_messages import give_up_transcripts_within, note_mailed_within
from callwright.storage.voicemail import FOLDER
from callwright.storage.worker import StorageWorker

log = structlog.get_logger("callwright.voicemail")


class VoicemailService:
    def __init__(
        self,
        database: Database,
        worker: StorageWorker,
        clock: Clock,
        transcriber: Transcriber | None,
    ) -> None:
        self.mailboxes = WorkerMailboxes(worker)
        self.transcripts = None if transcriber is None else Transcripts(worker, transcriber, clock)
        self.post: Callable[[Snapshot, KeptMessage], None] = lambda snapshot, message: None
        """Mails a message."""
        self.sealer = worker.voicemails.sealer
        self._database = database
        self._worker = worker
        self._clock = clock

    def begin(
        self, tasks: Tasks, lamps: MessageWaiting, snapshot: Callable[[], Snapshot | None]
    ) -> None:
        events, news = Events(self._database), Tide(self._database).has_turned

        def arrived(message: KeptMessage) -> None:
            current = snapshot()
            if message.transcript_state is TranscriptState.WAITING and self.transcripts is not None:
                self.transcripts.wake()
            elif current is not None:
                self.post(current, message)

        watch = LampWatch(events, self.mailboxes, lamps.tell_if_changed, news, arrived)
        tasks.spawn(watch.run(), "lamps")
        tasks.spawn(MessageSweep(self._worker, self._clock, snapshot).run(), "old messages")
        if self.transcripts is not None:
            tasks.spawn(self.transcripts.run(snapshot, self.post), "transcripts")
        before = self._take_up(snapshot(), lamps.tell_if_changed, self._clock.utc())
        tasks.spawn(before, "messages of before")

    async def note_mailed(self, message: VoicemailId) -> None:
        """Its mail is on the disk, or nobody gets one. Where that cannot be noted now, the next
        start of the server mails it again."""
        try:
            await self._worker.perform(lambda connection: note_mailed_within(connection, message))
        except DatabaseError as error:
            log.error("voicemail.mail_not_noted", message=message, error=str(error))

    async def _take_up(
        self, snapshot: Snapshot | None, tell_lamps: Callable[[UserId], None], now: datetime
    ) -> None:
        """What a former life of the server did not come to."""
        while snapshot is not None:
            try:
                await list_begun(self._worker, self.mailboxes, tell_lamps, before=now)
                if self.transcripts is None:
                    await self._worker.perform(give_up_transcripts_within)
                else:
                    self.transcripts.wake()
                await mail_left(self._worker, snapshot, self.post, before=now)
            except DatabaseError as error:
                log.error("mail of before waits", because=str(error))
                await asyncio.sleep(MAIL_RETRY_S)
            else:
                return

    def mail_sound(self, path: Path) -> bytes:
        """The WAV file of a message. Raises SealError and OSError."""
        return b"".join(self._worker.voicemails.chunks(path))

    def read_sound(self, path: str) -> bytes:
        """What is to be heard, sealed or not; a message may be longer, and a larger file, than what
        somebody uploads. Raises PromptError."""
        if not Path(path).is_relative_to(self._database.data / FOLDER):
            return read_sound(path)
        try:
            wav = self.mail_sound(Path(path))
            return decode_sound(wav, path, length_s_max=MESSAGE_HEARD_S_MAX)
        except SealError as error:
            raise PromptError(str(error)) from error
        except OSError as error:
            raise PromptError(f"{path}: {error.strerror or error}") from error
