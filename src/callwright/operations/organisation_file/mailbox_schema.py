"""The shape of mailboxes, users' own and shared ones, and of their policies (SPEC 8.9)."""

from typing import Annotated

from pydantic import AfterValidator, StrictStr, model_validator

from callwright.domains.voicemail.model import AnswerRule, Attachment
from callwright.kernel.limits.voicemail import (
    PROFANITIES_MAX,
    VOICEMAIL_DIAL_CODE,
    VOICEMAIL_KEEP_DAYS_MAX,
    VOICEMAIL_MESSAGES_MAX,
    VOICEMAIL_MINUTES_MAX,
    VOICEMAIL_S_DEFAULT,
    VOICEMAIL_S_RANGE,
)
from callwright.operations.organisation_file import forms, values
from callwright.operations.organisation_file.refusal import quoted, refused
from callwright.operations.organisation_file.section import Section

_KEYS = tuple("0123456789*")
_CODE_CHARS_MAX = 8
"""SPEC 2.7 gives dial strings as much."""


def _check_code(text: str) -> str:
    digits = text.removeprefix("*")
    is_code = text.startswith("*") and digits.isascii() and digits.isdigit()
    if not is_code or len(text) > _CODE_CHARS_MAX:
        raise refused(f'{quoted(text)} is no dial code; write a star and digits, such as "*98"')
    return text


class OutOfOfficeSettings(Section):
    active: bool = True
    until: values.DateText | None = None
    greeting: forms.PromptForm | None = None


class MailboxSettings(Section):
    email: values.Email | None = None
    pin: values.Pin | None = None
    greeting: forms.PromptForm | None = None
    message_s_max: Annotated[int, values.whole(*VOICEMAIL_S_RANGE)] | None = None
    language: values.Language | None = None
    attachment: Annotated[
        str, values.one_of("no attachment is called", [each.value for each in Attachment])
    ] = Attachment.WAV.value
    protected: bool = False


class OwnMailboxSettings(MailboxSettings):
    enabled: bool = True
    answer: Annotated[
        str, values.one_of("no answer is called", [rule.value for rule in AnswerRule])
    ] = AnswerRule.VOICEMAIL.value
    transfer_to: forms.OperatorTarget | None = None
    transfer_key: Annotated[str, values.one_of("no key is", _KEYS)] = "0"
    out_of_office: OutOfOfficeSettings | None = None

    @model_validator(mode="after")
    def _check_transfer(self) -> "OwnMailboxSettings":
        if AnswerRule(self.answer).transfers and self.transfer_to is None:
            raise refused(
                f"answers {self.answer} and leads nowhere; write transfer_to: {{user: bob}}"
            )
        return self


class SharedMailboxSettings(MailboxSettings):
    members: list[forms.Member] = []
    policy: values.Reference | None = None
    transcription: bool = False
    instructions: bool = True


class VoicemailPolicySettings(Section):
    transcription: bool = True
    mask_profanity: bool = False
    edit_answer_rules: bool = True
    message_s_max: Annotated[int, values.whole(*VOICEMAIL_S_RANGE)] = VOICEMAIL_S_DEFAULT
    primary_language: values.Language | None = None
    secondary_language: values.Language | None = None
    preamble: forms.PromptForm | None = None
    postamble: forms.PromptForm | None = None
    mandatory: bool = False
    pin_at_own_phone: bool = True
    keep_days: Annotated[int, values.whole(1, VOICEMAIL_KEEP_DAYS_MAX)] | None = None
    messages_max: Annotated[int, values.whole(1, VOICEMAIL_MESSAGES_MAX)] = VOICEMAIL_MESSAGES_MAX
    minutes_max: Annotated[int, values.whole(1, VOICEMAIL_MINUTES_MAX)] | None = None

    @model_validator(mode="after")
    def _check_languages(self) -> "VoicemailPolicySettings":
        """SPEC 8.9: both or neither, and different (row 247)."""
        first, second = self.primary_language, self.secondary_language
        if (first is None) != (second is None):
            missing = "secondary_language" if second is None else "primary_language"
            raise refused(f"has one language of two; write {missing}, too, or neither")
        if first is not None and first == second:
            raise refused(f"says everything twice in {first}; write two languages, or neither")
        return self


class VoicemailSettings(Section):
    """``voicemail``: what all mailboxes have in common."""

    dial: Annotated[StrictStr, AfterValidator(_check_code)] = VOICEMAIL_DIAL_CODE
    profanities: Annotated[
        list[values.Name], AfterValidator(values.at_most(PROFANITIES_MAX, "words"))
    ] = []
