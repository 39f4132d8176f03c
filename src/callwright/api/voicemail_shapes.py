"""Shapes of what the API says of mailboxes and takes for them."""

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from callwright.domains.voicemail.model import AnswerRule, KeptMessage, TranscriptState
from callwright.kernel.instants import iso_utc
from callwright.kernel.limits.configuration import NAME_CHARS_MAX
from callwright.kernel.limits.voicemail import VOICEMAIL_PIN_DIGITS_MAX


class MailboxShape(BaseModel):
    mailbox: str
    name: str
    shared: bool
    new: int
    old: int
    seconds: float
    """Of all messages together."""
    full: bool
    answer: AnswerRule
    """What callers meet now."""
    out_of_office: bool
    """Now."""
    has_pin: bool
    greeting_recorded: bool
    out_of_office_greeting_recorded: bool


class AnsweringBody(BaseModel):
    """What the owner chooses; null is what the organisation's file says."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    answer: AnswerRule | None = None
    out_of_office: bool | None = None
    until: date | None = Field(default=None, description="The first day back.")


class PinBody(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    pin: str = Field(pattern=r"^[0-9]+$", max_length=VOICEMAIL_PIN_DIGITS_MAX, repr=False)


class MessageChangeBody(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    is_read: bool = True
    is_saved: bool | None = Field(default=None, description="Kept past its days; null: as before.")


class ForwardBody(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    to: str = Field(max_length=NAME_CHARS_MAX, description="A mailbox.")


class MessageShape(BaseModel):
    id: str
    mailbox: str
    caller: str
    caller_name: str | None
    received_at: str
    duration_s: float
    is_read: bool
    is_saved: bool
    is_protected: bool
    transcript: str | None
    """Null where there is none."""
    transcript_state: TranscriptState
    forwarded_by: str | None


def message_shape(message: KeptMessage) -> MessageShape:
    return MessageShape(
        id=message.id,
        mailbox=message.mailbox,
        caller=message.caller,
        caller_name=message.caller_name,
        received_at=iso_utc(message.received_at),
        duration_s=message.duration_s,
        is_read=message.is_read,
        is_saved=message.is_saved,
        is_protected=message.is_protected,
        transcript=message.transcript,
        transcript_state=message.transcript_state,
        forwarded_by=message.forwarded_by,
    )


def message_form(message: KeptMessage) -> dict[str, Any]:
    return message_shape(message).model_dump(mode="json")
