"""Writes out messages that wait for it, several at a time, and sends their mail then."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import structlog

from callwright.apps.voicemail.services import Transcriber, TranscriptionFailed
from callwright.domains.voicemail.model import KeptMessage
from callwright.domains.voicemail.profanity import masked
from callwright.domains.voicemail.rules import languages_of, transcription_s_max
from callwright.kernel.clock import Clock
from callwright.kernel.ids import VoicemailId
from callwright.kernel.limits.voicemail import (
    TRANSCRIBER_RETRY_S,
    TRANSCRIBER_TRIES_MAX,
    TRANSCRIPT_WAIT_S_MAX,
    TRANSCRIPTS_AT_ONCE,
    VOICEMAIL_SWEPT_AT_ONCE,
)
from callwright.routing.mailboxes import voicemail_policy
from callwright.routing.snapshot import Snapshot
from callwright.storage.sealing import SealError
from callwright.storage.unfinished_messages import note_transcript_within, untranscribed_within
from callwright.storage.worker import StorageWorker

log = structlog.get_logger("callwright.transcripts")


Post = Callable[[Snapshot, KeptMessage], None]
"""Mails a message."""


@dataclass(slots=True)
class _Wait:
    """Of one message."""

    since_s: float
    tried: int = 0
    again_at_s: float = 0.0
    is_served: bool = False
    """Somebody is at it."""


class Transcripts:
    """Implements ``surroundings.TranscriptDesk``. What waits is in the database, so a stopped node
    forgets nothing. Whatever takes too long, fails a few times, or waits too long for its turn is
    mailed without text, and holds up nobody meanwhile."""

    def __init__(
        self,
        worker: StorageWorker,
        transcriber: Transcriber,
        clock: Clock,
        *,
        retry_s: float = TRANSCRIBER_RETRY_S,
        wait_s_max: float = TRANSCRIPT_WAIT_S_MAX,
    ) -> None:
        """``wait_s_max``: for a turn; then none is needed any longer."""
        self._worker = worker
        self._transcriber = transcriber
        self._clock = clock
        self._retry_s = retry_s
        self._wait_s_max = wait_s_max
        self._wanted = asyncio.Event()
        self._waits: dict[VoicemailId, _Wait] = {}

    def wake(self) -> None:
        self._wanted.set()

    async def run(self, snapshot: Callable[[], Snapshot | None], post: Post) -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(TRANSCRIPTS_AT_ONCE):
                group.create_task(self._serve(snapshot, post), name=f"transcripts {number}")

    async def _serve(self, snapshot: Callable[[], Snapshot | None], post: Post) -> None:
        while True:
            self._wanted.clear()  # before the look: what comes meanwhile is looked for again
            try:
                is_served = await self._serve_next(snapshot(), post)
            except Exception as error:
                log.error("transcripts wait", because=f"{type(error).__name__}: {error}")
                await asyncio.sleep(self._retry_s)
                continue
            if not is_served:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._idle_s()):
                        await self._wanted.wait()

    def _idle_s(self) -> float | None:
        """Until something is tried again; None: nothing is."""
        again = [wait.again_at_s for wait in self._waits.values() if not wait.is_served]
        return max(0.0, min(again) - self._clock.monotonic()) if again else None

    async def _serve_next(self, snapshot: Snapshot | None, post: Post) -> bool:
        """The oldest message that nobody is at; False: there is none now."""
        if snapshot is None:
            return False
        waiting = await _waiting(self._worker)
        now_s = self._clock.monotonic()
        self._waits = {m.id: self._waits.get(m.id) or _Wait(now_s) for m in waiting}
        for message in waiting:
            wait = self._waits[message.id]
            if not wait.is_served and wait.again_at_s <= now_s:
                wait.is_served = True
                try:
                    await self._settle(snapshot, message, wait, post)
                finally:
                    wait.is_served = False
                return True
        return False

    async def _settle(
        self, snapshot: Snapshot, message: KeptMessage, wait: _Wait, post: Post
    ) -> None:
        now_s, text = self._clock.monotonic(), None
        limit_s = transcription_s_max(message.duration_s)
        try:
            if now_s - wait.since_s < self._wait_s_max:
                async with asyncio.timeout(limit_s):
                    text = await self._written_out(snapshot, message)
            else:
                log.warning("no transcript", message=message.id, because="too many wait")
        except TimeoutError:
            log.warning("no transcript", message=message.id, because=f"it takes over {limit_s:g} s")
        except (TranscriptionFailed, SealError, OSError) as error:
            wait.tried += 1
            log.warning("no transcript", message=message.id, tried=wait.tried, because=str(error))
            if wait.tried < TRANSCRIBER_TRIES_MAX:
                wait.again_at_s = now_s + self._retry_s
                return
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


async def _waiting(worker: StorageWorker) -> Sequence[KeptMessage]:
    """The oldest ones."""
    return await worker.perform(
        lambda connection: untranscribed_within(
            connection, worker.voicemails, VOICEMAIL_SWEPT_AT_ONCE
        )
    )


async def _end(worker: StorageWorker, snapshot: Snapshot, message: KeptMessage, post: Post) -> None:
    await worker.perform(
        lambda connection: note_transcript_within(connection, message.id, message.transcript)
    )
    with suppress(ValueError):
        post(snapshot, message)
