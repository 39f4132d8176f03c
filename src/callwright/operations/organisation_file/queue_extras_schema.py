"""What a call queue may do beside ringing agents: call back, announce, record."""

import re
from typing import Annotated

from pydantic import AfterValidator, StrictStr, model_validator

from callwright.kernel.limits.queues import (
    QUEUE_ANNOUNCE_S_RANGE,
    QUEUE_CALLBACK_RATIO_RANGE,
    QUEUE_CALLBACK_WAIT_S_RANGE,
    QUEUE_CALLBACK_WAITING_RANGE,
    QUEUE_CALLER_IDS_MAX,
    QUEUE_SERVICE_LEVEL_S_RANGE,
)
from callwright.operations.organisation_file import forms, values
from callwright.operations.organisation_file.refusal import quoted, refused
from callwright.operations.organisation_file.section import Section, example

_CODE = re.compile(r"\*[0-9]{1,6}")


def _check_code(text: str) -> str:
    if _CODE.fullmatch(text) is None:
        raise refused(f'{quoted(text)} does not fit; write a star and 1 to 6 digits, such as "*81"')
    return text


CallOutCode = Annotated[StrictStr, AfterValidator(_check_code)]
"""Dialled before a number, by agents who call on behalf of the queue (SPEC 5.7)."""
CallerIds = Annotated[
    list[values.Reference],
    AfterValidator(values.at_most(QUEUE_CALLER_IDS_MAX, "resource accounts")),
]
ServiceLevel = Annotated[int, values.whole(*QUEUE_SERVICE_LEVEL_S_RANGE)]


class AnnounceSettings(Section):
    """What waiting callers are told, and how often (in the queue's language)."""

    every_s: Annotated[int, values.whole(*QUEUE_ANNOUNCE_S_RANGE)] = example("every_s: 60")
    position: bool = True
    expected_wait: bool = False

    @model_validator(mode="after")
    def _check_content(self) -> "AnnounceSettings":
        if not self.position and not self.expected_wait:
            raise refused("tells nothing; write position: true, or expected_wait: true")
        return self


class CallbackSettings(Section):
    """When callers are offered to be called back (SPEC 5.6)."""

    offer: forms.PromptForm = example('offer: {say: "To be called back, press 1."}')
    key: values.MenuKey = example('key: "1"')
    mail_to: values.Email = example("mail_to: support@contoso.test")
    after_wait_s: Annotated[int, values.whole(*QUEUE_CALLBACK_WAIT_S_RANGE)] | None = None
    at_waiting: Annotated[int, values.whole(*QUEUE_CALLBACK_WAITING_RANGE)] | None = None
    over_ratio: Annotated[int, values.whole(*QUEUE_CALLBACK_RATIO_RANGE)] | None = None

    @model_validator(mode="after")
    def _check_conditions(self) -> "CallbackSettings":
        if self.after_wait_s is None and self.at_waiting is None and self.over_ratio is None:
            raise refused("is never offered; write after_wait_s, at_waiting or over_ratio")
        return self


class RecordingSettings(Section):
    """The talk of caller and agent is recorded, and both are told so."""

    announcement: forms.PromptForm = example('announcement: {say: "This call is recorded."}')
    tell_agents: bool = True
    strict: bool = False
    failure: forms.PromptForm | None = None


class ChannelSettings(Section):
    """Everybody of a group that is a channel is an agent; a channel has one queue."""

    group: values.Reference = example("group: sales-channel")
    overwrite: bool = False


_AUDIENCE = values.one_of("nobody is called", ("nobody", "authorised", "agents"))
Audience = Annotated[str, _AUDIENCE]
"""``agents`` are the users whom the queue lists as authorised, too."""


class SharedHistorySettings(Section):
    """Who sees which calls of the queue one by one, without a role (SPEC 10.2)."""

    missed: Audience = "nobody"
    answered: Audience = "nobody"
    redirected: Audience = "nobody"
