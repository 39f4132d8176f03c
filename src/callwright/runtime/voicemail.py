"""Voicemail as calls see it: stored, then shown by lamp and sent by mail."""

from dataclasses import replace
from pathlib import Path

from callwright.apps.services import Message
from callwright.kernel.ids import MailboxId, UserId
from callwright.kernel.plain_text import mended
from callwright.routing.snapshot import Snapshot
from callwright.runtime.events.message_waiting import MessageWaiting
from callwright.runtime.surroundings import Mailboxes, Postbox
from callwright.runtime.telling import telling


class ToldVoicemail:
    """Implements ``apps.services.VoicemailStore``: nobody is told before the message is durable,
    and a message that is durable is no failure, whoever could not be told of it."""

    def __init__(self, mailboxes: Mailboxes, lamps: MessageWaiting, postbox: Postbox) -> None:
        self._mailboxes = mailboxes
        self._lamps = lamps
        self._postbox = postbox

    def new_path(self, mailbox: MailboxId) -> Path:
        return self._mailboxes.new_path(mailbox)

    def discard(self, path: Path) -> None:
        self._mailboxes.discard(path)

    async def count(self, mailbox: MailboxId) -> int:
        return await self._mailboxes.count(mailbox)

    async def add(self, snapshot: Snapshot, message: Message) -> None:
        name = message.caller_name
        kept = replace(
            message,
            caller=mended(message.caller),
            caller_name=None if name is None else mended(name),
        )
        await self._mailboxes.add(kept)
        user = UserId(kept.mailbox)
        if user in snapshot.users:
            with telling(f"voicemail of {user}"):
                self._lamps.tell(user)
        with telling(f"voicemail of {kept.mailbox}"):
            self._postbox.voicemail_arrived(snapshot, kept)
