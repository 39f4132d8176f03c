"""Writes out messages that wait for it, one at a time, and sends their mail then."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

import structlog

from callwright.apps.voicemail.services import Transcriber, TranscriptionFailed
from callwright.domains.voicemail.model import KeptMessage
from callwright.domains.voicemail.profanity import masked
from callwright.domains.voicemail.rules import languages_of
from callwright.kernel.ids import VoicemailId
from callwright.kernel.limits.voicemail import (
    TRANSCRIBER_RETRY_S,
    TRANSCRIBER_TRIES_MAX,
    VOICEMAIL_SWEPT_AT_ONCE,
)
from callwright.routing.mailboxes import voicemail_policy
from callwright.routing.snapshot import Snapshot
from callwright.storage.sealing import SealError
from callwright.storage.worker import StorageWorker

log = structlog.get_logger("callwright.transcripts")


Post = Callable[[Snapshot, KeptMessage], None]
"""Mails a message."""


class Transcripts:
    """Implements ``surroundings.TranscriptDesk``. What waits is in the database, so a stopped node
    forgets nothing; whatever cannot be written out after a few tries is mailed without text."""

    def __init__(
        self,
        worker: StorageWorker,
        transcriber: Transcriber,
        *,
        retry_s: float = TRANSCRIBER_RETRY_S,
    ) -> None:
        self._worker = worker
        self._transcriber = transcriber
        self._retry_s = retry_s
        self._wanted = asyncio.Event()
        self._tries: dict[VoicemailId, int] = {}
        """Of messages that could not be written out yet."""
        self._is_troubled = False

    def wake(self) -> None:
        self._wanted.set()

    async def run(self, snapshot: Callable[[], Snapshot | None], post: Post) -> None:
        self._wanted.set()  # a stopped node may have left some
        while True:
            is_again = await self._is_time_to_retry()
            try:
                await self._serve(snapshot(), post, is_again=is_again)
                self._is_troubled = False
            except Exception as error:
                self._is_troubled = True
                log.error("transcripts wait", because=f"{type(error).__name__}: {error}")

    async def _is_time_to_retry(self) -> bool:
        """Waits for something to do; False: it is something new."""
        try:
            async with asyncio.timeout(self._retry_s if self._tries or self._is_troubled else None):
                await self._wanted.wait()
        except TimeoutError:
            return True
        self._wanted.clear()
        return False

    async def _serve(
        self,
        snapshot: Snapshot | None,
        post: Post,
        *,
        is_again: bool,
    ) -> None:
        """What was tried before is tried ``is_again`` only."""
        if snapshot is None:
            return
        waiting = await _waiting(self._worker)
        there = {message.id for message in waiting}
        self._tries = {key: tried for key, tried in self._tries.items() if key in there}
        for message in waiting:
            if is_again or message.id not in self._tries:
                await self._settle(snapshot, message, post)
        if len(waiting) == VOICEMAIL_SWEPT_AT_ONCE:
            self._wanted.set()

    async def _settle(
        self,
        snapshot: Snapshot,
        message: KeptMessage,
        post: Post,
    ) -> None:
        try:
            text = await self._written_out(snapshot, message)
        except (TranscriptionFailed, SealError, OSError) as error:
            tried = self._tries.get(message.id, 0) + 1
            log.warning("no transcript", message=message.id, tried=tried, because=str(error))
            if tried < TRANSCRIBER_TRIES_MAX:
                self._tries[message.id] = tried
                return
            text = None
        self._tries.pop(message.id, None)
        await _end(self._worker, snapshot, replace(message, transcript=text), post)

    async def _written_out(self, snapshot: Snapshot, message: KeptMessage) -> str:
        chunks = self._worker.voicemails.chunks
        wav = await asyncio.to_thread(lambda: b"".join(chunks(message.path)))
        mailbox = snapshot.mailboxes.get(message.mailbox)
        if mailbox is None:
            return await self._transcriber.transcribe(wav, snapshot.language)
        policy = voicemail_policy(snapshot, mailbox)
        language = languages_of(mailbox, policy, snapshot.language)[0]
        text = await self._transcriber.transcribe(wav, language)
        return masked(text, snapshot.profanities) if policy.mask_profanity else text


async def mail_unwritten(worker: StorageWorker, snapshot: Snapshot | None, post: Post) -> None:
    """Mails what still waits for a transcriber that is there no more, without text."""
    if snapshot is None:
        return
    while waiting := await _waiting(worker):
        for message in waiting:
            await _end(worker, snapshot, message, post)


async def _waiting(worker: StorageWorker) -> Sequence[KeptMessage]:
    """The oldest ones."""
    return await worker.perform(
        lambda connection: worker.voicemails.untranscribed_within(
            connection, VOICEMAIL_SWEPT_AT_ONCE
        )
    )


async def _end(worker: StorageWorker, snapshot: Snapshot, message: KeptMessage, post: Post) -> None:
    await worker.perform(
        lambda connection: worker.voicemails.transcribed_within(
            connection, message.id, message.transcript
        )
    )
    with suppress(ValueError):
        post(snapshot, message)
