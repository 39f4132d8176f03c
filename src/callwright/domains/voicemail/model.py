"""Mailboxes, the policy of voicemail, and messages (SPEC 8.9; frozen)."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from pathlib import Path

from callwright.kernel.ids import GroupId, MailboxId, UserId, VoicemailId
from callwright.kernel.limits.voicemail import VOICEMAIL_MESSAGES_MAX, VOICEMAIL_S_DEFAULT
from callwright.kernel.prompt import Prompt
from callwright.kernel.target import Target


class AnswerRule(Enum):
    """What a mailbox does with a caller."""

    VOICEMAIL = "voicemail"
    """Greeting, then a message (RegularVoicemail)."""
    DECLINE = "decline"
    """The call ends without an answer (DeclineCall)."""
    PROMPT = "prompt"
    """Greeting, then the end (PromptOnly)."""
    PROMPT_OR_TRANSFER = "prompt-or-transfer"
    """Greeting; a key leads on, else the call ends (PromptOnlyWithTransfer)."""
    VOICEMAIL_OR_TRANSFER = "voicemail-or-transfer"
    """Greeting; a key leads on, else a message (VoicemailWithTransferOption)."""

    @property
    def takes_messages(self) -> bool:
        return self in (AnswerRule.VOICEMAIL, AnswerRule.VOICEMAIL_OR_TRANSFER)

    @property
    def transfers(self) -> bool:
        return self in (AnswerRule.PROMPT_OR_TRANSFER, AnswerRule.VOICEMAIL_OR_TRANSFER)


class Attachment(Enum):
    """How a message's sound comes by mail."""

    WAV = "wav"
    MP3 = "mp3"
    OPUS = "opus"
    NONE = "none"
    """The mail tells of the message only."""


class GreetingKind(Enum):
    DEFAULT = "default"
    OUT_OF_OFFICE = "out-of-office"


@dataclass(frozen=True, slots=True)
class OutOfOffice:
    is_on: bool = False
    until: date | None = None
    """The first day that the person is back, in the organisation's zone; None: until told."""
    greeting: Prompt | None = None
    """None: the built-in one with the mailbox's name."""


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
    message_s_max: int | None = None
    """None: what the policy allows, and never more than that."""
    rule: AnswerRule = AnswerRule.VOICEMAIL
    transfer_to: Target | None = None
    """Where ``transfer_key`` leads; None with rules that do not transfer."""
    transfer_key: str = "0"
    language: str | None = None
    out_of_office: OutOfOffice = OutOfOffice()
    attachment: Attachment = Attachment.WAV
    is_protected: bool = False
    """Messages leave the system by no mail and are forwarded to nobody."""
    is_shared: bool = False
    members: tuple[UserId, ...] = ()
    """Of a shared mailbox, beside those of ``groups``: who listens, and whose lamps it lights."""
    groups: tuple[GroupId, ...] = ()
    policy: str | None = None
    """Of a shared mailbox; a user's own goes by the user."""
    wants_transcript: bool = True
    """False: no transcript whatever the policy says."""
    says_instructions: bool = True
    """Of a shared mailbox: callers are told, after its own greeting, to speak after the tone."""


@dataclass(frozen=True, slots=True)
class VoicemailPolicy:
    """What holds for a mailbox whatever its owner likes; the defaults are SPEC 8.9's."""

    transcription: bool = True
    mask_profanity: bool = False
    edit_answer_rules: bool = True
    """Owners may change by themselves what callers meet."""
    message_s_max: int = VOICEMAIL_S_DEFAULT
    languages: tuple[str, ...] = ()
    """In which the built-in greeting is said, one after the other; none: the organisation's."""
    preamble: Prompt | None = None
    postamble: Prompt | None = None
    is_mandatory: bool = False
    """No key skips what comes before and after the greeting."""
    pin_at_own_phone: bool = True
    """False: a phone that proved to be the owner's opens the mailbox without a PIN."""
    keep_days: int | None = None
    """Messages older than this are deleted unless they were saved; None: kept."""
    messages_max: int = VOICEMAIL_MESSAGES_MAX
    minutes_max: int | None = None
    """All messages of a mailbox together."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the owner of a mailbox chose by phone or API; it comes before the file's settings."""

    pin_hash: str | None = field(default=None, repr=False)
    rule: AnswerRule | None = None
    out_of_office: bool | None = None
    """None: as the file says."""
    until: date | None = None
    greeting: Path | None = None
    out_of_office_greeting: Path | None = None


NOTHING_CHOSEN = Choice()


@dataclass(frozen=True, slots=True)
class WrongPins:
    """In a row, since the right one."""

    count: int = 0
    last_at: datetime | None = None


class TranscriptState(Enum):
    NONE = "none"
    """Nobody wants one, or nothing makes any."""
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class KeptMessage:
    """A message as it is kept."""

    id: VoicemailId
    mailbox: MailboxId
    caller: str
    caller_name: str | None
    received_at: datetime
    duration_s: float
    path: Path
    """Of the sound: WAV, sealed where the system seals messages."""
    is_read: bool
    is_saved: bool = False
    is_protected: bool = False
    transcript: str | None = None
    """None: there is none."""
    transcript_state: TranscriptState = TranscriptState.NONE
    forwarded_by: UserId | None = None


@dataclass(frozen=True, slots=True)
class Forwarding:
    """A copy of a message on its way to another mailbox."""

    message: KeptMessage
    to: MailboxId
    by: UserId
    at: datetime
    comment: Path | None
    """A recording that is heard before the message; None: nothing was said about it."""
    is_protected: bool
    transcript: str | None
    transcript_state: TranscriptState


@dataclass(frozen=True, slots=True)
class Holdings:
    """How much a mailbox holds."""

    new: int
    old: int
    seconds: float

    @property
    def messages(self) -> int:
        return self.new + self.old


NOTHING_HELD = Holdings(0, 0, 0.0)
