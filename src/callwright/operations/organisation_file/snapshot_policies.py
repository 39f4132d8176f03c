"""The snapshot's groups, licence terms and policies."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from callwright.domains.directory.model import Group, GroupRing, Profile, RingOrder
from callwright.domains.directory.phones import ProfilePhone
from callwright.domains.licences.model import Term
from callwright.domains.policies.model import (
    CallerIdPolicy,
    CallingPolicy,
    OutboundCalls,
    Substitute,
    VoiceApplicationsPolicy,
    VoicemailUse,
)
from callwright.domains.policies.shared_calling import SharedCallingPolicy
from callwright.kernel.e164 import E164
from callwright.kernel.ids import GroupId, ResourceAccountId, SbcId, UserId
from callwright.kernel.policy import PolicyKind, RankedPolicy
from callwright.kernel.supervision import SupervisionMode
from callwright.operations.organisation_file import policy_schema, schema
from callwright.operations.organisation_file.membership import users_by_group
from callwright.operations.organisation_file.snapshot_apps import target

_NO_PROFILE = Profile()


def build_groups(organisation: schema.Organisation) -> Mapping[GroupId, Group]:
    users = users_by_group(organisation.groups)
    return {
        GroupId(key): Group(
            GroupId(key),
            tuple(map(UserId, users[key])),
            name=group.name,
            licences=tuple(group.licences),
            policies=_ranked(group.policies),
            ring=GroupRing(RingOrder(group.ring.order), group.ring.for_s, target(group.ring.then)),
        )
        for key, group in organisation.groups.items()
    }


def _ranked(given: policy_schema.GroupPolicies) -> Mapping[PolicyKind, RankedPolicy]:
    return {kind: RankedPolicy(p.name, p.rank) for kind, p in given.by_kind().items()}


def build_profile(profile: schema.ProfileOfUser) -> Profile:
    if not profile.model_fields_set:  # as of most of 50,000
        return _NO_PROFILE
    parsed = {kind: ProfilePhone.parse_or_none(text) for kind, text in profile.phones.items()}
    phones = {kind: phone for kind, phone in parsed.items() if phone is not None}
    return Profile(
        title=profile.title,
        department=profile.department,
        office=profile.office,
        company=profile.company,
        email=profile.email,
        phones={
            kind: phone.number
            for kind, phone in phones.items()
            if phone.number and not phone.extension
        },
        extensions=tuple(phone.extension for phone in phones.values() if phone.extension),
        is_hidden=profile.hidden,
    )


def build_terms(organisation: schema.Organisation) -> Mapping[str, Term]:
    return {
        sku: Term(date.fromisoformat(licence.expires), licence.grace_days)
        for sku, licence in organisation.licences.items()
        if licence.expires is not None
    }


def build_policies(organisation: schema.Organisation) -> dict[str, Any]:
    policies = organisation.policies
    return {
        "calling_policies": {key: _calling(policy) for key, policy in policies.calling.items()},
        "caller_id_policies": {key: _caller_id(p) for key, p in policies.caller_id.items()},
        "shared_calling_policies": {
            key: SharedCallingPolicy(
                ResourceAccountId(policy.resource_account),
                tuple(map(E164, policy.emergency_numbers)),
            )
            for key, policy in policies.shared_calling.items()
        },
        "voice_application_policies": {
            key: _voice_applications(policy) for key, policy in policies.voice_applications.items()
        },
    }


def _calling(policy: policy_schema.CallingPolicySettings) -> CallingPolicy:
    return CallingPolicy(
        calls=policy.calls,
        outbound=OutboundCalls(policy.outbound),
        forward_to_users=policy.forward_to_users,
        forward_to_numbers=policy.forward_to_numbers,
        voicemail=VoicemailUse(policy.voicemail),
    )


def _caller_id(policy: policy_schema.CallerIdPolicySettings) -> CallerIdPolicy:
    account: ResourceAccountId | None = None
    if isinstance(policy.show, dict):
        substitute = Substitute.RESOURCE_ACCOUNT
        account = ResourceAccountId(str(policy.show["resource_account"]))
    else:
        substitute = Substitute(policy.show)
    return CallerIdPolicy(
        show=substitute,
        resource_account=account,
        company_name=policy.company_name,
        hide_inbound=policy.hide_inbound,
        user_may_hide=policy.user_may_hide,
    )


def _voice_applications(
    policy: policy_schema.VoiceApplicationsPolicySettings,
) -> VoiceApplicationsPolicy:
    most = policy.supervision
    return VoiceApplicationsPolicy(
        supervision=None if most == policy_schema.DISABLED else SupervisionMode(most),
        tells_agent=policy.supervision_notice != policy_schema.DISABLED,
    )


def build_carriers(organisation: schema.Organisation) -> dict[str, tuple[SbcId, ...]]:
    plan, operator = organisation.pstn.calling_plan, organisation.pstn.operator_connect
    return {
        "calling_plan_sbcs": () if plan is None else tuple(map(SbcId, plan.sbcs)),
        "operator_connect_sbcs": () if operator is None else tuple(map(SbcId, operator.sbcs)),
    }
