"""Messages are mailed at least once, whenever the server is killed, and not again and again."""

import asyncio
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

from tests.contract.storage.test_voicemail_service import AT, leave, run, to_bob
from tests.unit.runtime.test_postbox import MailServer, settled

from callwright.domains.voicemail.model import KeptMessage, TranscriptState
from callwright.kernel.addresses import HostPort
from callwright.kernel.ids import VoicemailId
from callwright.runtime.clock import LoopClock
from callwright.runtime.postbox import Outbox
from callwright.runtime.tasks import Tasks
from callwright.runtime.voicemail_keeping import mail_left
from callwright.runtime.voicemail_service import VoicemailService
from callwright.storage.database import Database
from callwright.storage.unfinished_messages import give_up_transcripts_within
from callwright.storage.worker import StorageWorker
from callwright.testing.builders import contoso_snapshot

CONTOSO = contoso_snapshot()
LATER = AT + timedelta(hours=1)
NONE = TranscriptState.NONE


async def live(
    database: Database, worker: StorageWorker, folder: Path, smtp: HostPort | None, mails: int
) -> list[VoicemailId]:
    """One life of a server, until so many mails lie in the outbox; what it found to mail."""
    failures: list[BaseException] = []
    tasks, clock = (
        Tasks(lambda name, error: failures.append(error)),
        LoopClock(asyncio.get_running_loop()),
    )
    service = VoicemailService(database, worker, clock, None)
    outbox = Outbox(
        folder, clock, tasks, new_id=lambda: "another", smtp=smtp, note_mailed=service.note_mailed
    )
    found: list[VoicemailId] = []

    def post(snapshot: object, message: KeptMessage) -> None:
        found.append(message.id)
        outbox.voicemail_arrived(CONTOSO, message)

    await mail_left(worker, CONTOSO, post, before=LATER)
    async with asyncio.timeout(5):
        while len(tasks) > (smtp is not None):  # noqa: ASYNC110 - only the sender never ends
            await asyncio.sleep(0.005)
    await settled(folder, mails)
    await tasks.close()
    assert failures == []
    return found


def test_a_message_that_a_killed_server_did_not_mail_is_mailed_once(
    database: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "outbox"

    async def script(worker: StorageWorker) -> None:
        arrivals = MailServer()
        left = await leave(worker, state=NONE)
        assert await live(database, worker, folder, None, 1) == [left.id]
        async with await asyncio.start_server(arrivals, "127.0.0.1", 0) as server:
            smtp = HostPort(*server.sockets[0].getsockname())
            assert await live(database, worker, folder, smtp, 0) == []
            assert await live(database, worker, folder, smtp, 0) == []
        (mail,) = arrivals.sent
        assert message_from_bytes(mail)["Message-ID"] == f"<{left.id}@contoso.test>"

    run(database, script)


def test_a_mail_that_was_written_before_the_kill_is_not_written_again(
    database: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "outbox"
    folder.mkdir()

    async def script(worker: StorageWorker) -> None:
        left = await leave(worker, state=NONE)
        written = folder / f"{left.id}.eml"
        written.write_bytes(b"as it was")
        assert await live(database, worker, folder, None, 1) == [left.id]
        assert await live(database, worker, folder, None, 1) == []
        assert written.read_bytes() == b"as it was"

    run(database, script)


def test_who_gets_no_mail_is_not_thought_of_at_every_start(
    database: Database, tmp_path: Path
) -> None:
    async def script(worker: StorageWorker) -> None:
        copy = worker.voicemails.forward(to_bob(await leave(worker, state=NONE)))
        first = await live(database, worker, tmp_path, None, 1)
        assert copy.id in first
        assert await live(database, worker, tmp_path, None, 1) == []

    run(database, script)


def test_a_message_waits_for_its_words_until_nothing_writes_any(
    database: Database, tmp_path: Path
) -> None:
    async def script(worker: StorageWorker) -> None:
        left = await leave(worker)
        assert await live(database, worker, tmp_path, None, 0) == []
        await worker.perform(give_up_transcripts_within)
        assert await live(database, worker, tmp_path, None, 1) == [left.id]
        stored = worker.voicemails.get(left.id)
        assert stored is not None
        assert stored.transcript_state is TranscriptState.FAILED

    run(database, script)
