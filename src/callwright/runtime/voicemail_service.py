"""One organisation's voicemail beside its node: storage, transcripts, lamps, days that are over."""

from collections.abc import Callable
from pathlib import Path

from callwright.apps.voicemail.services import Transcriber
from callwright.domains.voicemail.model import KeptMessage
from callwright.kernel.clock import Clock
from callwright.kernel.limits.voicemail import MESSAGE_HEARD_S_MAX
from callwright.media.library import PromptError
from callwright.media.sound_files import decode_sound, read_sound
from callwright.routing.snapshot import Snapshot
from callwright.runtime.events.message_waiting import MessageWaiting
from callwright.runtime.stored_mailboxes import WorkerMailboxes
from callwright.runtime.tasks import Tasks
from callwright.runtime.transcripts import Transcripts, mail_unwritten
from callwright.runtime.voicemail_keeping import LampWatch, MessageSweep
from callwright.storage.database import Database
from callwright.storage.events import Events
from callwright.storage.sealing import SealError
from callwright.storage.tide import Tide
from callwright.storage.voicemail import FOLDER
from callwright.storage.worker import StorageWorker


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
        """Mails a message that was written out."""
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
            if current is not None:
                self.post(current, message)

        watch = LampWatch(events, self.mailboxes, lamps.tell_if_changed, news, arrived)
        tasks.spawn(watch.run(), "lamps")
        tasks.spawn(MessageSweep(self._worker, self._clock, snapshot).run(), "old messages")
        if self.transcripts is not None:
            tasks.spawn(self.transcripts.run(snapshot, self.post), "transcripts")
        else:
            tasks.spawn(mail_unwritten(self._worker, snapshot(), self.post), "unwritten messages")

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
