"""The shape of policies and of who is given which (SPEC 8.1, 8.7, 11.2, 11.3)."""

from enum import Enum
from typing import Annotated

from pydantic import AfterValidator

from callwright.domains.policies.model import (
    VOICE_APPLICATION_FLAGS,
    OutboundCalls,
    VoicemailUse,
)
from callwright.kernel.limits.emergency import SHARED_CALLING_EMERGENCY_NUMBERS_MAX
from callwright.kernel.limits.rights import COMPANY_NAME_CHARS_MAX, POLICY_RANK_MAX
from callwright.kernel.policy import PolicyKind
from callwright.kernel.supervision import SupervisionMode
from callwright.operations.organisation_file import forms, values
from callwright.operations.organisation_file.mailbox_schema import VoicemailPolicySettings
from callwright.operations.organisation_file.refusal import refused
from callwright.operations.organisation_file.section import Section, example


def _word_of(what: str, kind: type[Enum]) -> AfterValidator:
    return values.one_of(what, [member.value for member in kind])


def _check_company_name(text: str) -> str:
    most = COMPANY_NAME_CHARS_MAX
    if not text.strip() or len(text) > most or not values.is_printable(text):
        raise refused(f"is not usable as a name; write 1 to {most} printable characters")
    return text


class CallingPolicySettings(Section):
    calls: bool = True
    outbound: Annotated[str, _word_of("no outbound is called", OutboundCalls)] = (
        OutboundCalls.INTERNATIONAL.value
    )
    forward_to_users: bool = True
    forward_to_numbers: bool = True
    voicemail: Annotated[str, _word_of("no voicemail is called", VoicemailUse)] = (
        VoicemailUse.USER.value
    )


class CallerIdPolicySettings(Section):
    show: forms.ShownNumber = forms.OWN_NUMBER
    company_name: Annotated[str, AfterValidator(_check_company_name)] | None = None
    hide_inbound: bool = False
    user_may_hide: bool = True


class SharedCallingPolicySettings(Section):
    resource_account: values.Reference = example("resource_account: main-line")
    emergency_numbers: Annotated[
        list[values.Number],
        AfterValidator(values.at_most(SHARED_CALLING_EMERGENCY_NUMBERS_MAX, "numbers")),
    ] = []


DISABLED = "disabled"
_SUPERVISION = values.one_of(
    "no supervision is called", (DISABLED, *(mode.value for mode in SupervisionMode))
)
_Flag = Annotated[str, values.one_of("there is no right", VOICE_APPLICATION_FLAGS)]


class VoiceApplicationsPolicySettings(Section):
    allow: list[_Flag] = []
    real_time_metrics: Annotated[
        str, values.one_of("no metrics are called", ("disabled", "authorised"))
    ] = "disabled"
    historical_metrics: Annotated[
        str, values.one_of("no metrics are called", ("disabled", "authorised", "all"))
    ] = "disabled"
    supervision: Annotated[str, _SUPERVISION] = DISABLED
    """The most that its users may do in calls of agents (SPEC 10.3)."""
    supervision_notice: Annotated[
        str, values.one_of("no notice is called", (DISABLED, "agent"))
    ] = DISABLED


class PolicySections(Section):
    """By name; ``default`` is everybody's who has no other one."""

    calling: dict[values.Key, CallingPolicySettings] = {}
    caller_id: dict[values.Key, CallerIdPolicySettings] = {}
    shared_calling: dict[values.Key, SharedCallingPolicySettings] = {}
    voice_applications: dict[values.Key, VoiceApplicationsPolicySettings] = {}
    voicemail: dict[values.Key, VoicemailPolicySettings] = {}


class GivenPolicies(Section):
    """Policies of one user or resource account, by kind."""

    calling: values.Reference | None = None
    caller_id: values.Reference | None = None
    routing: values.Reference | None = None
    dial_plan: values.Reference | None = None
    shared_calling: values.Reference | None = None
    voice_applications: values.Reference | None = None
    voicemail: values.Reference | None = None

    def by_kind(self) -> dict[PolicyKind, str]:
        if not self.model_fields_set:  # as of most of 50,000
            return {}
        given = ((kind, getattr(self, kind.value)) for kind in PolicyKind)
        return {kind: name for kind, name in given if name is not None}


class RankedPolicySettings(Section):
    name: values.Reference = example("name: sales")
    rank: Annotated[int, values.whole(1, POLICY_RANK_MAX)] = example("rank: 1")


class GroupPolicies(Section):
    """What a group gives its members."""

    calling: RankedPolicySettings | None = None
    caller_id: RankedPolicySettings | None = None
    routing: RankedPolicySettings | None = None
    dial_plan: RankedPolicySettings | None = None
    shared_calling: RankedPolicySettings | None = None
    voice_applications: RankedPolicySettings | None = None
    voicemail: RankedPolicySettings | None = None

    def by_kind(self) -> dict[PolicyKind, RankedPolicySettings]:
        given = ((kind, getattr(self, kind.value)) for kind in PolicyKind)
        return {kind: ranked for kind, ranked in given if ranked is not None}
