"""Where a call can be sent by a rule, a key or an exception; the same words everywhere."""

from dataclasses import dataclass

from callwright.kernel.e164 import E164
from callwright.kernel.ids import AutoAttendantId, CallQueueId, GroupId, MailboxId, UserId
from callwright.kernel.limits.queues import CALL_PRIORITY_DEFAULT


@dataclass(frozen=True, slots=True)
class ToUser:
    user: UserId


@dataclass(frozen=True, slots=True)
class ToQueue:
    queue: CallQueueId
    own_priority: int | None = None
    """1 is served first, 5 last (SPEC 6.6); None: the target says none."""

    @property
    def priority(self) -> int:
        return CALL_PRIORITY_DEFAULT if self.own_priority is None else self.own_priority


@dataclass(frozen=True, slots=True)
class ToAttendant:
    attendant: AutoAttendantId
    own_priority: int | None = None
    """Of the call in the queue that the attendant sends it to, unless a key there says another."""

    @property
    def priority(self) -> int:
        return CALL_PRIORITY_DEFAULT if self.own_priority is None else self.own_priority


@dataclass(frozen=True, slots=True)
class ToGroup:
    """Everybody of the group rings; nobody waits in a line."""

    group: GroupId


@dataclass(frozen=True, slots=True)
class ToExternal:
    number: E164


@dataclass(frozen=True, slots=True)
class ToVoicemail:
    mailbox: MailboxId
    is_transcribed: bool | None = None
    """Whether the message is written out; None: as the mailbox says."""
    skips_greeting: bool = False
    """Only the tone is heard: what was said before asked for the message (row 156)."""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Ends the call; before an answer it is refused with the reason's status."""


Target = ToUser | ToGroup | ToQueue | ToAttendant | ToExternal | ToVoicemail | Disconnect
