"""The shape of mailboxes: users' own and shared ones (SPEC 8.9)."""

from typing import Annotated

from callwright.kernel import limits
from callwright.operations.organisation_file import forms, values
from callwright.operations.organisation_file.section import Section


class MailboxSettings(Section):
    email: values.Email | None = None
    pin: values.Pin | None = None
    greeting: forms.PromptForm | None = None
    message_s_max: Annotated[int, values.whole(*limits.VOICEMAIL_S_RANGE)] = (
        limits.VOICEMAIL_S_DEFAULT
    )


class OwnMailboxSettings(MailboxSettings):
    enabled: bool = True
