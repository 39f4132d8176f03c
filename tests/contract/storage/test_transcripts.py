"""Messages that are written out, and those that nobody can, on a real database."""

import asyncio
import sys
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from tests.contract.storage.test_voicemail_service import leave, run

from callwright.apps.voicemail.services import Transcriber
from callwright.domains.voicemail.model import KeptMessage, TranscriptState, VoicemailPolicy
from callwright.kernel.ids import VoicemailId
from callwright.routing.snapshot import Snapshot
from callwright.runtime import transcripts as transcripts_module
from callwright.runtime.clock import LoopClock
from callwright.runtime.transcribers import CommandTranscriber
from callwright.runtime.transcripts import Transcripts
from callwright.storage.database import Database
from callwright.storage.worker import StorageWorker
from callwright.testing.builders import contoso_snapshot

RECOGNISER = """
import sys, wave
with wave.open(sys.argv[1]) as file:
    print(f"Damn, {file.getnframes() / file.getframerate():g} seconds in {sys.argv[2]}.")
"""


def transcripts_of(worker: StorageWorker, by: Transcriber, **bounds: float) -> Transcripts:
    return Transcripts(worker, by, LoopClock(asyncio.get_running_loop()), **bounds)


async def mailed(
    worker: StorageWorker, transcripts: Transcripts, snapshot: Snapshot
) -> KeptMessage:
    """What is mailed when the message was written out, or could not be."""
    post: asyncio.Future[KeptMessage] = asyncio.get_running_loop().create_future()
    running = asyncio.create_task(
        transcripts.run(lambda: snapshot, lambda _, message: post.set_result(message))
    )
    try:
        async with asyncio.timeout(20):
            return await post
    finally:
        running.cancel()


@pytest.mark.row(155)
@pytest.mark.row(241)
@pytest.mark.parametrize(
    ("mask", "text"),
    [(False, "Damn, 2 seconds in en-US."), (True, "****, 2 seconds in en-US.")],
)
def test_an_external_command_writes_a_message_out_and_profanity_is_masked(
    database: Database, tmp_path: Path, mask: bool, text: str
) -> None:
    program = tmp_path / "recogniser.py"
    program.write_text(RECOGNISER)
    snapshot = contoso_snapshot(
        voicemail_policies={"default": VoicemailPolicy(mask_profanity=mask)}
    )

    async def script(worker: StorageWorker) -> None:
        left = await leave(worker)
        command = CommandTranscriber([sys.executable, str(program), "{file}", "{language}"])
        sent = await mailed(worker, transcripts_of(worker, command), snapshot)
        assert (sent.id, sent.transcript) == (left.id, text)
        stored = worker.voicemails.get(left.id)
        assert stored is not None
        assert (stored.transcript, stored.transcript_state) == (text, TranscriptState.DONE)

    run(database, script)


def test_a_message_that_nobody_can_write_out_is_mailed_without_a_text(database: Database) -> None:
    async def script(worker: StorageWorker) -> None:
        left = await leave(worker)
        broken = CommandTranscriber([sys.executable, "-c", "exit(3)", "{file}"])
        with capture_logs() as logs:
            transcripts = transcripts_of(worker, broken, retry_s=0.01)
            sent = await mailed(worker, transcripts, contoso_snapshot())
        assert sent.transcript is None
        stored = worker.voicemails.get(left.id)
        assert stored is not None
        assert stored.transcript_state is TranscriptState.FAILED
        tried = [entry["tried"] for entry in logs if entry["event"] == "no transcript"]
        assert tried == [1, 2, 3]
        assert "status 3" in str(logs)

    run(database, script)


class Hanging:
    """Never comes to an end with messages of two seconds."""

    def __init__(self) -> None:
        self.asked = 0
        self.left = 0

    async def transcribe(self, wav: bytes, language: str) -> str:
        self.asked += 1
        if len(wav) > 32_000:
            try:
                await asyncio.Event().wait()
            finally:
                self.left += 1
        return "Call me."


async def mailed_by(
    worker: StorageWorker, transcripts: Transcripts, number: int
) -> dict[VoicemailId, str | None]:
    """The texts of so many messages, as soon as these are mailed."""
    texts: dict[VoicemailId, str | None] = {}
    enough = asyncio.Event()

    def post(snapshot: Snapshot, message: KeptMessage) -> None:
        texts[message.id] = message.transcript
        if len(texts) == number:
            enough.set()

    running = asyncio.create_task(transcripts.run(contoso_snapshot, post))
    try:
        async with asyncio.timeout(20):
            await enough.wait()
    finally:
        running.cancel()
        await asyncio.wait([running])
    return texts


def test_a_message_that_is_never_written_out_holds_up_no_other(database: Database) -> None:
    async def script(worker: StorageWorker) -> None:
        await leave(worker)
        quick = [(await leave(worker, seconds=1.0)).id for _ in range(3)]
        texts = await mailed_by(worker, transcripts_of(worker, Hanging()), 3)
        assert texts == dict.fromkeys(quick, "Call me.")

    run(database, script)


def test_a_message_that_takes_too_long_is_mailed_without_a_text_and_not_tried_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcripts_module, "transcription_s_max", lambda duration_s: 0.05)

    async def script(worker: StorageWorker) -> None:
        left, hanging = await leave(worker), Hanging()
        with capture_logs() as logs:
            texts = await mailed_by(worker, transcripts_of(worker, hanging), 1)
        assert texts == {left.id: None}
        assert (hanging.asked, hanging.left) == (1, 1)
        assert [entry["because"] for entry in logs] == ["it takes over 0.05 s"]
        stored = worker.voicemails.get(left.id)
        assert stored is not None
        assert stored.transcript_state is TranscriptState.FAILED

    run(database, script)


def test_messages_that_wait_too_long_for_their_turn_are_mailed_without_a_text(
    database: Database,
) -> None:
    async def script(worker: StorageWorker) -> None:
        left = [(await leave(worker)).id for _ in range(9)]
        hanging = Hanging()
        texts = await mailed_by(worker, transcripts_of(worker, hanging, wait_s_max=0.0), 9)
        assert texts == dict.fromkeys(left)
        assert hanging.asked == 0

    run(database, script)
