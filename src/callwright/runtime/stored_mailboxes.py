"""The node's mailboxes over the storage worker (``surroundings.Mailboxes``)."""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from callwright.apps.services import Message
from callwright.domains.voicemail.model import (
    NOTHING_HELD,
    Choice,
    Forwarding,
    GreetingKind,
    Holdings,
    KeptMessage,
    WrongPins,
)
from callwright.kernel.ids import MailboxId, VoicemailId
from callwright.operations.access.hashing import SALT_BYTES, PasswordHashes
from callwright.storage.begun_messages import forget_begun_within
from callwright.storage.mailbox_choices import (
    count_guess_within,
    forget_wrong_pins_within,
    wrong_pins_within,
)
from callwright.storage.message_files import discard_recording, name_of, sync_message
from callwright.storage.worker import StorageWorker

OWN_MESSAGES_KEPT_MAX = 10_000
"""More than come between two looks at what happened."""


class WorkerMailboxes:
    """Files on disk and their rows."""

    def __init__(self, worker: StorageWorker) -> None:
        self._worker = worker
        self._voicemails = worker.voicemails
        self.new_path: Callable[[MailboxId], Path] = worker.voicemails.new_path
        self.discard = discard_recording
        self._hashes: PasswordHashes | None = None
        self._added: set[MailboxId] = set()
        self._own: deque[VoicemailId] = deque(maxlen=OWN_MESSAGES_KEPT_MAX)
        self._found: set[MailboxId] | None = None
        """Mailboxes that had ever held a message at the first question. A phone that registers
        asks for its lamp, and thousands do after a restart."""

    def begin(self, message: Message) -> None:
        self._worker.post(partial(self._voicemails.begin_within, message=message))

    def give_up(self, path: Path) -> None:
        self.discard(path)
        self._worker.post(partial(forget_begun_within, path=path))

    def greeting_path(self, mailbox: MailboxId, kind: GreetingKind) -> Path:
        return self._voicemails.greeting_path(mailbox, kind)

    async def holdings(self, mailbox: MailboxId) -> Holdings:
        if self._found is None:
            self._found = await self._worker.perform(self._voicemails.mailboxes_within)
        if not self.may_be_lit(mailbox):
            return NOTHING_HELD
        return await self._worker.perform(
            lambda connection: self._voicemails.holdings_within(connection, mailbox)
        )

    def may_be_lit(self, mailbox: MailboxId) -> bool:
        return self._found is None or mailbox in self._found or mailbox in self._added

    async def added_elsewhere(self, message: VoicemailId) -> KeptMessage | None:
        """A message that the API or a command put there; None: it is our own, or gone."""
        if message in self._own:
            return None
        return await asyncio.to_thread(self._voicemails.get, message)

    def expect(self, mailbox: MailboxId) -> None:
        """Somebody else may have put a message there."""
        self._added.add(mailbox)

    async def choice(self, mailbox: MailboxId) -> Choice:
        """What is committed; to read needs no turn of the worker."""
        return await asyncio.to_thread(self._voicemails.choice, mailbox)

    async def choose(self, mailbox: MailboxId, choice: Choice) -> None:
        former = await self.choice(mailbox)
        before = (former.greeting, former.out_of_office_greeting)
        kept = (choice.greeting, choice.out_of_office_greeting)
        for path in kept:
            if path is not None and path not in before:
                await asyncio.to_thread(sync_message, path)
        await self._worker.perform(
            lambda connection: self._voicemails.choose_within(connection, mailbox, choice)
        )
        for path in before:
            if path is not None and path not in kept:
                self.discard(path)

    async def wrong_pins(self, mailbox: MailboxId) -> WrongPins:
        return await self._worker.perform(lambda connection: wrong_pins_within(connection, mailbox))

    async def count_guess(self, mailbox: MailboxId, at: datetime) -> bool:
        return await self._worker.perform(
            lambda connection: count_guess_within(connection, mailbox, at)
        )

    async def forget_wrong_pins(self, mailbox: MailboxId) -> None:
        await self._worker.perform(lambda connection: forget_wrong_pins_within(connection, mailbox))

    async def hash_pin(self, pin: str) -> str:
        salt = secrets.token_bytes(SALT_BYTES)
        return await asyncio.to_thread(lambda: self._hasher().hash(pin, salt))

    async def pin_fits(self, pin: str, hashed: str) -> bool:
        return await asyncio.to_thread(lambda: self._hasher().fits(pin, hashed))

    async def messages(self, mailbox: MailboxId) -> Sequence[KeptMessage]:
        return await self._worker.perform(
            lambda connection: self._voicemails.heard_in_order_within(connection, mailbox)
        )

    async def add(self, message: Message) -> KeptMessage:
        self.expect(message.mailbox)
        self._own.append(VoicemailId(name_of(message.path)))
        return await self._worker.voicemail_add(message)

    async def mark(self, message: KeptMessage, *, is_saved: bool, at: datetime) -> None:
        await self._worker.perform(
            lambda connection: self._voicemails.mark_within(
                connection, message.id, at, is_saved=is_saved
            )
        )

    async def delete(self, message: KeptMessage, *, at: datetime) -> None:
        await self._worker.perform(
            lambda connection: self._voicemails.delete_within(
                connection, [message], at, because="deleted"
            )
        )
        await asyncio.to_thread(self.discard, message.path)

    async def forward(self, forwarding: Forwarding) -> KeptMessage:
        return await self.add(await asyncio.to_thread(self._voicemails.copy_of, forwarding))

    def _hasher(self) -> PasswordHashes:
        """Made when the first PIN is looked at: it takes memory."""
        if self._hashes is None:
            self._hashes = PasswordHashes()
        return self._hashes
