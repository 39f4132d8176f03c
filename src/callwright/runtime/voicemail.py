"""Voicemail as calls see it: stored, then shown by lamp and sent by mail."""

from pathlib import Path

from callwright.apps.services import Message
from callwright.kernel.ids import MailboxId, UserId
from callwright.routing.snapshot import Snapshot
from callwright.runtime.message_waiting import MessageWaiting
from callwright.runtime.surroundings import Mailboxes, Postbox


class ToldVoicemail:
    """Implements ``apps.services.VoicemailStore``: nobody is told before the message is durable."""

    def __init__(self, mailboxes: Mailboxes, lamps: MessageWaiting, postbox: Postbox) -> None:
        self._mailboxes = mailboxes
        self._lamps = lamps
        self._postbox = postbox

    def new_path(self, mailbox: MailboxId) -> Path:
        return self._mailboxes.new_path(mailbox)

    async def count(self, mailbox: MailboxId) -> int:
        return await self._mailboxes.count(mailbox)

    async def add(self, snapshot: Snapshot, message: Message) -> None:
        await self._mailboxes.add(message)
        user = UserId(message.mailbox)
        if user in snapshot.users:
            self._lamps.tell(user)
        self._postbox.voicemail_arrived(snapshot, message)
