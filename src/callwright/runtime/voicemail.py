"""Voicemail as calls see it: stored, then shown by lamp, written out and sent by mail."""

import hmac
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import structlog

from callwright.apps.services import Message
from callwright.apps.voicemail.services import MessageNotKept, PinAnswer
from callwright.domains.voicemail.model import (
    NOTHING_CHOSEN,
    NOTHING_HELD,
    Choice,
    GreetingKind,
    Holdings,
    KeptMessage,
    TranscriptState,
)
from callwright.domains.voicemail.rules import forwarding, is_shut
from callwright.kernel.clock import Clock
from callwright.kernel.ids import MailboxId, UserId
from callwright.kernel.plain_text import mended
from callwright.kernel.prompt import Prompt, Sound
from callwright.media.library import PromptLibrary
from callwright.routing.mailboxes import voicemail_policy
from callwright.routing.snapshot import Snapshot
from callwright.runtime.events.message_waiting import MessageWaiting
from callwright.runtime.surroundings import Mailboxes, Postbox, TranscriptDesk
from callwright.runtime.telling import telling
from callwright.storage.faults import DatabaseError
from callwright.storage.sealing import SealError

log = structlog.get_logger("callwright.voicemail")


class ToldVoicemail:
    """Implements ``apps.voicemail.services.VoicemailStore``: nobody is told before the message is
    durable, and a message that is durable is no failure, whoever could not be told of it."""

    def __init__(
        self,
        mailboxes: Mailboxes,
        lamps: MessageWaiting,
        postbox: Postbox,
        prompts: PromptLibrary,
        clock: Clock,
        transcripts: TranscriptDesk | None = None,
    ) -> None:
        """``transcripts`` None: nothing writes messages out."""
        self._mailboxes = mailboxes
        self._lamps = lamps
        self._postbox = postbox
        self._prompts = prompts
        self._clock = clock
        self._transcripts = transcripts

    # -- what callers leave ------------------------------------------------------------------------

    def new_path(self, mailbox: MailboxId) -> Path:
        return self._mailboxes.new_path(mailbox)

    def begin(self, message: Message) -> None:
        self._mailboxes.begin(self._storable(message))

    def give_up(self, path: Path) -> None:
        self._mailboxes.give_up(path)

    def discard(self, path: Path) -> None:
        self._mailboxes.discard(path)

    async def holdings(self, mailbox: MailboxId) -> Holdings:
        return await self._mailboxes.holdings(mailbox)

    async def met(self, mailbox: MailboxId) -> tuple[Choice, Holdings]:
        try:
            return await self._mailboxes.choice(mailbox), await self._mailboxes.holdings(mailbox)
        except Exception as error:  # a caller is waiting: the file's settings do
            log.error("voicemail.choice_unread", mailbox=mailbox, error=str(error))
            return NOTHING_CHOSEN, NOTHING_HELD

    async def add(self, snapshot: Snapshot, message: Message) -> None:
        try:
            durable = await self._mailboxes.add(self._storable(message))
        except (DatabaseError, OSError, SealError) as error:
            raise MessageNotKept(str(error)) from error
        self._tell(snapshot, durable)

    def _storable(self, message: Message) -> Message:
        name = message.caller_name
        kept = replace(
            message,
            caller=mended(message.caller),
            caller_name=None if name is None else mended(name),
        )
        if self._transcripts is None:
            kept = replace(kept, transcript_state=TranscriptState.NONE)
        return kept

    # -- what owners do ----------------------------------------------------------------------------

    async def choice(self, mailbox: MailboxId) -> Choice:
        return await self._mailboxes.choice(mailbox)

    async def choose(self, mailbox: MailboxId, choice: Choice) -> None:
        await self._mailboxes.choose(mailbox, choice)

    def greeting_path(self, mailbox: MailboxId, kind: GreetingKind) -> Path:
        return self._mailboxes.greeting_path(mailbox, kind)

    async def barred(self, snapshot: Snapshot, mailbox: MailboxId) -> PinAnswer | None:
        if is_shut(await self._mailboxes.wrong_pins(mailbox), self._clock.utc()):
            return PinAnswer.LOCKED
        has_pin = snapshot.mailboxes[mailbox].pin is not None
        if has_pin or (await self.choice(mailbox)).pin_hash is not None:
            return None
        return PinAnswer.NONE

    async def opens(self, snapshot: Snapshot, mailbox: MailboxId, pin: str) -> PinAnswer:
        barred = await self.barred(snapshot, mailbox)
        if barred is not None:
            return barred
        if not await self._mailboxes.count_guess(mailbox, self._clock.utc()):
            return PinAnswer.LOCKED
        chosen, written = (await self.choice(mailbox)).pin_hash, snapshot.mailboxes[mailbox].pin
        if chosen is not None:
            fits = await self._mailboxes.pin_fits(pin, chosen)
        else:
            fits = written is not None and hmac.compare_digest(written.encode(), pin.encode())
        if fits:
            await self._mailboxes.forget_wrong_pins(mailbox)
            return PinAnswer.FITS
        log.warning("voicemail.wrong_pin", mailbox=mailbox)
        return PinAnswer.WRONG

    async def hashed(self, pin: str) -> str:
        return await self._mailboxes.hash_pin(pin)

    async def messages(self, mailbox: MailboxId) -> Sequence[KeptMessage]:
        return await self._mailboxes.messages(mailbox)

    async def sound(self, message: KeptMessage) -> Prompt | None:
        sound = Sound(str(message.path))
        return None if await self._prompts.fetch(sound) is None else sound

    async def mark(self, snapshot: Snapshot, message: KeptMessage, *, is_saved: bool) -> None:
        await self._mailboxes.mark(message, is_saved=is_saved, at=self._clock.utc())
        self._tell_lamps(snapshot, message.mailbox)

    async def delete(self, snapshot: Snapshot, message: KeptMessage) -> None:
        await self._mailboxes.delete(message, at=self._clock.utc())
        self._tell_lamps(snapshot, message.mailbox)

    async def forward(
        self,
        snapshot: Snapshot,
        message: KeptMessage,
        to: MailboxId,
        *,
        by: UserId,
        comment: Path | None,
    ) -> bool:
        mailbox = snapshot.mailboxes[to]
        try:
            stored = await self._mailboxes.forward(
                forwarding(
                    message,
                    mailbox,
                    voicemail_policy(snapshot, mailbox),
                    by=by,
                    at=self._clock.utc(),
                    comment=comment,
                    profanities=snapshot.profanities,
                )
            )
        except (SealError, OSError, ValueError) as error:
            log.error("voicemail.not_forwarded", message=message.id, error=str(error))
            if comment is not None:
                self._mailboxes.discard(comment)
            return False
        self._tell(snapshot, stored)
        return True

    def _tell(self, snapshot: Snapshot, message: KeptMessage) -> None:
        self._tell_lamps(snapshot, message.mailbox)
        with telling(f"voicemail of {message.mailbox}"):
            is_waiting = message.transcript_state is TranscriptState.WAITING
            if is_waiting and self._transcripts is not None:
                self._transcripts.wake()  # the mail follows with the text
            else:
                self._postbox.voicemail_arrived(snapshot, message)

    def _tell_lamps(self, snapshot: Snapshot, mailbox: MailboxId) -> None:
        with telling(f"voicemail of {mailbox}"):
            self._lamps.tell(UserId(mailbox))
