"""A call queue's own section of the file (SPEC 5.2)."""

from typing import Annotated

from callwright.domains.queues.model import NoAgentsFor
from callwright.kernel.limits.queues import (
    QUEUE_ALERT_S_DEFAULT,
    QUEUE_ALERT_S_RANGE,
    QUEUE_TIMEOUT_S_DEFAULT,
    QUEUE_TIMEOUT_S_RANGE,
    QUEUE_WAITING_DEFAULT,
    QUEUE_WAITING_RANGE,
)
from callwright.operations.organisation_file import forms, values
from callwright.operations.organisation_file.agent_schema import (
    NoAgentsForName,
    SkillsWanted,
    WrapUp,
)
from callwright.operations.organisation_file.delegation_schema import AuthorisedUsers
from callwright.operations.organisation_file.queue_extras_schema import (
    AnnounceSettings,
    CallbackSettings,
    CallerIds,
    CallOutCode,
    ChannelSettings,
    RecordingSettings,
    ServiceLevel,
    SharedHistorySettings,
)
from callwright.operations.organisation_file.section import Section, example


class ExceptionSettings(Section):
    to: forms.Target = example("to: disconnect")
    prompt: forms.PromptForm | None = None


class TimeoutSettings(Section):
    after_s: Annotated[int, values.whole(*QUEUE_TIMEOUT_S_RANGE)] = QUEUE_TIMEOUT_S_DEFAULT
    to: forms.Target = forms.DISCONNECT
    prompt: forms.PromptForm | None = None


class NoAgentsSettings(ExceptionSettings):
    applies_to: NoAgentsForName = NoAgentsFor.ALL.value


class QueueSettings(Section):
    name: values.Name | None = None
    language: values.Language | None = None
    greeting: forms.PromptForm | None = None
    music: forms.Music = forms.DEFAULT_MUSIC
    routing: values.Method = "attendant"
    agents: list[forms.Agent] = example("agents: [{group: support-team}]")
    presence_based: bool = True
    alert_s: Annotated[int, values.whole(*QUEUE_ALERT_S_RANGE)] = QUEUE_ALERT_S_DEFAULT
    max_waiting: Annotated[int, values.whole(*QUEUE_WAITING_RANGE)] = QUEUE_WAITING_DEFAULT
    overflow: ExceptionSettings | None = None
    timeout: TimeoutSettings = TimeoutSettings()
    no_agents: NoAgentsSettings | None = None
    opt_out: bool = True
    wrap_up_s: WrapUp = 0
    skills: SkillsWanted | None = None
    service_level_s: ServiceLevel | None = None
    announce: AnnounceSettings | None = None
    callback: CallbackSettings | None = None
    recording: RecordingSettings | None = None
    channel: ChannelSettings | None = None
    shared_history: SharedHistorySettings | None = None
    caller_ids: CallerIds = []
    call_out_code: CallOutCode | None = None
    authorised: AuthorisedUsers = []
