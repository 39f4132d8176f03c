"""Whether an edit of an attendant or queue is one that its authorised user may make (SPEC 11.3)."""

from collections.abc import Mapping

from pydantic import BaseModel, JsonValue

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
SCHEDULE, HOLIDAY_SET = "schedule", "holiday-set"
_SHARED_KINDS = frozenset({SCHEDULE, HOLIDAY_SET})
"""Attendants use them by name; they have no list of their own."""


def may_edit(
    organisation: Organisation, address: EntityKey, after: JsonValue, user: UserId | None
) -> Decision[bool]:
    """Whether ``user`` may make ``after`` of what is stored, by delegation alone.

    ``after`` is None for a removal. Nothing is made or removed by delegation.
    """
    kind, key = address
    there = _there(organisation, kind, key)
    if there is None or after is None:
        why = "who is authorised may change what is there, not make or remove it"
        return Decision(False, (Step(f"refuse to change {kind} {key}", why),))
    before = there.model_dump(mode="json", exclude_unset=True)
    thing = _delegated(organisation, kind, key)
    fields = changed_fields(before, after)
    flags = voice_application_flags(organisation, user) if user is not None else frozenset()
    return may_change(fields, thing, user, flags)


def may_see(organisation: Organisation, address: EntityKey, user: UserId | None) -> bool:
    """Whether the entry lists the user, or an attendant that shares it does."""
    kind, key = address
    if user is None or _there(organisation, kind, key) is None:
        return False
    if kind in _SHARED_KINDS:
        attendants = organisation.auto_attendants
        return any(user in attendants[k].authorised for k in attendants_with(organisation, address))
    return user in _delegated(organisation, kind, key).authorised


def attendants_with(organisation: Organisation, address: EntityKey) -> tuple[str, ...]:
    """Keys of the attendants that use a schedule or a holiday set."""
    kind, key = address
    return tuple(
        attendant
        for attendant, settings in organisation.auto_attendants.items()
        if (
            settings.hours == key
            if kind == SCHEDULE
            else any(holiday.set == key for holiday in settings.holidays)
        )
    )


def _there(organisation: Organisation, kind: str, key: str) -> BaseModel | None:
    sections: Mapping[str, Mapping[str, BaseModel]] = {
        "auto-attendant": organisation.auto_attendants,
        "call-queue": organisation.call_queues,
        SCHEDULE: organisation.schedules,
        HOLIDAY_SET: organisation.holiday_sets,
    }
    return sections.get(kind, {}).get(key)


def _delegated(organisation: Organisation, kind: str, key: str) -> Delegated:
    """Of what attendants share, those are authorised that all of them list."""
    if kind not in _SHARED_KINDS:
        there = (
            organisation.auto_attendants[key]
            if kind == "auto-attendant"
            else organisation.call_queues[key]
        )
        return Delegated(kind, key, frozenset(map(UserId, there.authorised)))
    users = attendants_with(organisation, (kind, key))
    lists = [frozenset(organisation.auto_attendants[user].authorised) for user in users]
    shared = frozenset.intersection(*lists) if lists else frozenset()
    return Delegated(kind, key, frozenset(map(UserId, shared)), users)


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
