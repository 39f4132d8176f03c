"""What voicemail needs of the world outside, as a Protocol that the runtime implements."""

from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Protocol

from callwright.apps.services import Message
from callwright.domains.voicemail.model import Choice, GreetingKind, Holdings, KeptMessage
from callwright.kernel.ids import MailboxId, UserId
from callwright.kernel.prompt import Prompt
from callwright.routing.snapshot import Snapshot


class PinAnswer(Enum):
    FITS = "fits"
    WRONG = "wrong"
    LOCKED = "locked"
    """Too many were wrong; nobody gets in for a while, not even with the right one."""
    NONE = "none"
    """The mailbox has no PIN, so none opens it."""


class MessageNotKept(Exception):
    """A message was recorded and could not be made durable; the text says why."""


class TranscriptionFailed(Exception):
    """A message could not be written out; the text says why."""


class Transcriber(Protocol):
    """Recognises speech; whatever does it is configured, nothing is built in."""

    async def transcribe(self, wav: bytes, language: str) -> str:
        """``language`` is a code such as ``en-US``. Whoever asks says how long it may take, by
        cancelling this. Raises TranscriptionFailed."""
        ...


class VoicemailStore(Protocol):
    """Messages, and what owners of mailboxes chose. Lamps and mail follow by themselves."""

    def new_path(self, mailbox: MailboxId) -> Path:
        """Where the next message is recorded."""
        ...

    def begin(self, message: Message) -> None:
        """Its sound is being recorded; should the process be killed, the next one lists it as far
        as it came. Returns at once."""
        ...

    def give_up(self, path: Path) -> None:
        """What was begun there becomes no message; its sound is removed."""
        ...

    def discard(self, path: Path) -> None:
        """Removes a greeting or a comment that was recorded there."""
        ...

    async def holdings(self, mailbox: MailboxId) -> Holdings: ...

    async def add(self, snapshot: Snapshot, message: Message) -> None:
        """Makes the message durable, lights the lamps and sends the mail. Raises MessageNotKept;
        its sound stays where it is then."""
        ...

    async def met(self, mailbox: MailboxId) -> tuple[Choice, Holdings]:
        """What a call to the mailbox goes by. Where that cannot be read now nothing was chosen, and
        there is room: the caller is waiting."""
        ...

    async def choice(self, mailbox: MailboxId) -> Choice:
        """What the owner chose. Raises what keeps it from being read: nobody is let in, and nothing
        is written over, for want of it."""
        ...

    async def choose(self, mailbox: MailboxId, choice: Choice) -> None:
        """Makes a choice durable."""
        ...

    def greeting_path(self, mailbox: MailboxId, kind: GreetingKind) -> Path:
        """Where the next greeting is recorded."""
        ...

    async def barred(self, snapshot: Snapshot, mailbox: MailboxId) -> PinAnswer | None:
        """``LOCKED`` or ``NONE``; None: a PIN may be tried."""
        ...

    async def opens(self, snapshot: Snapshot, mailbox: MailboxId, pin: str) -> PinAnswer:
        """Whether a PIN opens the mailbox; wrong ones are counted."""
        ...

    async def hashed(self, pin: str) -> str:
        """A PIN as a choice keeps it."""
        ...

    async def messages(self, mailbox: MailboxId) -> Sequence[KeptMessage]:
        """New ones first, each kind from the oldest."""
        ...

    async def sound(self, message: KeptMessage) -> Prompt | None:
        """The message, ready to be heard; None: its sound is gone."""
        ...

    async def mark(self, snapshot: Snapshot, message: KeptMessage, *, is_saved: bool) -> None:
        """It was heard, and is to be kept past its days or not."""
        ...

    async def delete(self, snapshot: Snapshot, message: KeptMessage) -> None: ...

    async def forward(
        self,
        snapshot: Snapshot,
        message: KeptMessage,
        to: MailboxId,
        *,
        by: UserId,
        comment: Path | None,
    ) -> bool:
        """Puts a copy into another mailbox, what was recorded at ``comment`` before it; False: its
        sound cannot be read now."""
        ...
