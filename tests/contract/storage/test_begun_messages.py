"""A message that a caller was speaking when the server was killed is there after the start."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.contract.storage.test_voicemail_service import wav

from callwright.apps.services import Message
from callwright.domains.voicemail.model import KeptMessage
from callwright.kernel.ids import MailboxId, UserId
from callwright.runtime.clock import LoopClock
from callwright.runtime.stored_mailboxes import WorkerMailboxes
from callwright.runtime.voicemail_keeping import list_begun
from callwright.storage.database import Database
from callwright.storage.recovery import recover
from callwright.storage.sealing import SEALED, Sealer
from callwright.storage.voicemail import Voicemails
from callwright.storage.worker import StorageWorker

ALICE = MailboxId("alice")
AT = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
START = AT + timedelta(days=2)
"""Of the server after the kill."""
SEALER = Sealer(bytes(32))
Script = Callable[[StorageWorker, WorkerMailboxes], Awaitable[None]]


def run(database: Database, script: Script, *, sealer: Sealer | None = None) -> None:
    numbers = iter(range(100))

    async def main() -> None:
        clock = LoopClock(asyncio.get_running_loop())
        worker = StorageWorker(
            database,
            utc=clock.utc,
            new_id=lambda: f"01J{next(numbers):023d}",
            sealer=sealer,
        )
        try:
            await script(worker, WorkerMailboxes(worker))
        finally:
            await worker.close()

    asyncio.run(main())


def begun(mailboxes: WorkerMailboxes, sound: bytes | None, at: datetime = AT) -> Path:
    """A caller speaks; the file is older than what nobody lists may become."""
    path = mailboxes.new_path(ALICE)
    mailboxes.begin(Message(ALICE, "+12065550100", "Wanda", at, 0.0, path))
    if sound is not None:
        path.write_bytes(sound)
        os.utime(path, (at.timestamp(), at.timestamp()))
    return path


def found_after_a_start(
    database: Database, *, sealer: Sealer | None = None, before: datetime = START
) -> tuple[list[KeptMessage], list[UserId]]:
    recover(database, START)
    lamps: list[UserId] = []

    async def start(worker: StorageWorker, mailboxes: WorkerMailboxes) -> None:
        for _ in range(2):  # the second time there is nothing left to do
            await list_begun(worker, mailboxes, lamps.append, before=before)

    run(database, start, sealer=sealer)
    return Voicemails(database, new_id=str).list(ALICE), lamps


@pytest.mark.parametrize("sealer", [None, SEALER])
def test_what_was_said_is_there_with_who_said_it(
    open_again: Callable[[], Database], sealer: Sealer | None
) -> None:
    async def speak(worker: StorageWorker, mailboxes: WorkerMailboxes) -> None:
        begun(mailboxes, wav(3.0))

    run(open_again(), speak, sealer=sealer)
    [message], lamps = found_after_a_start(open_again(), sealer=sealer)
    assert (message.caller, message.caller_name, message.received_at) == (
        "+12065550100",
        "Wanda",
        AT,
    )
    assert message.duration_s == pytest.approx(3.0)
    assert lamps == [UserId("alice")]
    assert message.path.name.endswith(SEALED) == (sealer is not None)
    chunks = Voicemails(open_again(), new_id=str, sealer=sealer).chunks(message.path)
    assert b"".join(chunks) == wav(3.0)


def test_sound_that_was_sealed_and_not_yet_listed_is_listed(
    open_again: Callable[[], Database],
) -> None:
    async def speak(worker: StorageWorker, mailboxes: WorkerMailboxes) -> None:
        SEALER.seal(begun(mailboxes, wav(2.0)))

    run(open_again(), speak, sealer=SEALER)
    [message], _ = found_after_a_start(open_again(), sealer=SEALER)
    assert message.duration_s == pytest.approx(2.0)


@pytest.mark.parametrize(
    "sound", [None, b"", b"RIFF", wav(0.2)], ids=["none", "0", "torn", "short"]
)
def test_a_breath_is_no_message(open_again: Callable[[], Database], sound: bytes | None) -> None:
    paths: list[Path] = []

    async def speak(worker: StorageWorker, mailboxes: WorkerMailboxes) -> None:
        paths.append(begun(mailboxes, sound))

    run(open_again(), speak)
    assert found_after_a_start(open_again()) == ([], [])
    assert not paths[0].exists()


def test_what_became_a_message_or_was_given_up_is_not_found_again(
    open_again: Callable[[], Database],
) -> None:
    async def speak(worker: StorageWorker, mailboxes: WorkerMailboxes) -> None:
        kept = begun(mailboxes, wav(2.0))
        await mailboxes.add(Message(ALICE, "1", None, AT, 2.0, kept))
        mailboxes.give_up(begun(mailboxes, wav(2.0)))
        deleted = begun(mailboxes, wav(2.0))
        message = await mailboxes.add(Message(ALICE, "2", None, AT, 2.0, deleted))
        await mailboxes.delete(message, at=AT)
        deleted.write_bytes(wav(2.0))  # as if the kill had come before the file went

    run(open_again(), speak)
    messages, lamps = found_after_a_start(open_again())
    assert ([message.caller for message in messages], lamps) == (["1"], [])


def test_who_is_speaking_now_is_let_finish(open_again: Callable[[], Database]) -> None:
    async def speak(worker: StorageWorker, mailboxes: WorkerMailboxes) -> None:
        begun(mailboxes, wav(2.0), START)

    run(open_again(), speak)
    assert found_after_a_start(open_again(), before=START) == ([], [])
