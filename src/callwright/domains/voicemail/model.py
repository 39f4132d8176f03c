"""Mailboxes, as a snapshot holds them (frozen)."""

from dataclasses import dataclass, field

from callwright.kernel.ids import MailboxId
from callwright.kernel.limits import VOICEMAIL_S_DEFAULT
from callwright.kernel.prompt import Prompt


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where voicemail goes: a user's own, or a shared one."""

    id: MailboxId
    name: str
    """Spoken and shown: the user's name or the mailbox's key."""
    email: str | None
    pin: str | None = field(repr=False)
    greeting: Prompt | None = None
    """None: the built-in greeting with the mailbox's name."""
    message_s_max: int = VOICEMAIL_S_DEFAULT
