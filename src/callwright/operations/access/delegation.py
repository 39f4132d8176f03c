"""Whether an edit of an attendant or queue is one that its authorised user may make (SPEC 11.3)."""

from pydantic import JsonValue

from callwright.domains.access.delegation import (
    FIELDS,
    Delegated,
    Flag,
    changed_fields,
    may_change,
)
from callwright.domains.policies.rules import GroupPolicy, resolve
from callwright.kernel.decision import Decision, Step
from callwright.kernel.ids import UserId
from callwright.kernel.policy import PolicyKind, RankedPolicy
from callwright.operations.organisation_file.entities import EntityKey
from callwright.operations.organisation_file.membership import users_by_group
from callwright.operations.organisation_file.policy_schema import VoiceApplicationsPolicySettings
from callwright.operations.organisation_file.schema import Organisation

DELEGATED_KINDS = frozenset(FIELDS)
"""Kinds of entity of which a part can be entrusted to users."""
_VOICE = PolicyKind.VOICE_APPLICATIONS


def may_edit(
    organisation: Organisation, address: EntityKey, after: JsonValue, user: UserId | None
) -> Decision[bool]:
    """Whether ``user`` may make ``after`` of what is stored, by delegation alone.

    ``after`` is None for a removal. Nothing is made or removed by delegation.
    """
    kind, key = address
    there = (
        organisation.auto_attendants.get(key)
        if kind == "auto-attendant"
        else organisation.call_queues.get(key)
        if kind == "call-queue"
        else None
    )
    if there is None or after is None:
        why = "who is authorised may change what is there, not make or remove it"
        return Decision(False, (Step(f"refuse to change {kind} {key}", why),))
    before = there.model_dump(mode="json", exclude_unset=True)
    thing = Delegated(kind, key, frozenset(map(UserId, there.authorised)))
    fields = changed_fields(before, after)
    flags = voice_application_flags(organisation, user) if user is not None else frozenset()
    return may_change(fields, thing, user, flags)


def voice_application_flags(organisation: Organisation, user: UserId) -> frozenset[Flag]:
    """What the policy that counts for the user allows him to change."""
    policy = voice_applications_policy(organisation, user)
    return frozenset(map(Flag, policy.allow)) if policy is not None else frozenset()


def voice_applications_policy(
    organisation: Organisation, user: UserId
) -> VoiceApplicationsPolicySettings | None:
    """The one that counts for the user: direct, then by group, then everybody's.

    None for whoever has none, is disabled or is not there.
    """
    settings = organisation.users.get(user)
    if settings is None or not settings.enabled:
        return None
    inside = users_by_group(organisation.groups)
    groups = [
        GroupPolicy(key, RankedPolicy(given.name, given.rank))
        for key, group in organisation.groups.items()
        if (given := group.policies.by_kind().get(_VOICE)) is not None and user in inside[key]
    ]
    resolved = resolve(direct=settings.policies.by_kind().get(_VOICE), groups=groups)
    return organisation.policies.voice_applications.get(resolved.policy)
