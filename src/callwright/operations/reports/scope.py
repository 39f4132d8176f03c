"""Whose history somebody may see, and whether he learns who it was (SPEC 10.1, 11.3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from callwright.domains.access.model import Permission, Principal
from callwright.kernel.ids import AutoAttendantId, CallQueueId
from callwright.operations.access.delegation import voice_applications_policy
from callwright.operations.organisation_file.attendant_schema import AttendantSettings
from callwright.operations.organisation_file.queue_schema import QueueSettings
from callwright.operations.organisation_file.schema import Organisation

Key = TypeVar("Key", bound=str)


@dataclass(frozen=True, slots=True)
class Scope:
    """None: all there are, and all there were."""

    queues: frozenset[CallQueueId] | None = None
    attendants: frozenset[AutoAttendantId] | None = None
    identifies: bool = False
    """Names of agents and numbers of callers are shown."""

    def of_queues(self, wanted: str | None) -> frozenset[CallQueueId] | None:
        """With a wanted one only that, if it is among them."""
        return _narrowed(self.queues, None if wanted is None else CallQueueId(wanted))

    def of_attendants(self, wanted: str | None) -> frozenset[AutoAttendantId] | None:
        return _narrowed(self.attendants, None if wanted is None else AutoAttendantId(wanted))


def scope_of(principal: Principal, organisation: Organisation | None) -> Scope | None:
    """None: neither a permission nor a policy lets him see anything.

    A role shows all, and people only to whom their calls are open anyway. The user's policy shows
    him what is entrusted to him, or all; an authorised user leads these people, and sees them.
    """
    if principal.may(Permission.REPORTS_READ):
        return Scope(identifies=principal.may(Permission.CALLS_READ))
    if organisation is None or principal.user is None:
        return None
    policy = voice_applications_policy(organisation, principal.user)
    if policy is None or policy.historical_metrics == "disabled":
        return None
    if policy.historical_metrics == "all":
        return Scope(identifies=True)
    return Scope(
        frozenset(map(CallQueueId, _lists(organisation.call_queues, principal.user))),
        frozenset(map(AutoAttendantId, _lists(organisation.auto_attendants, principal.user))),
        identifies=True,
    )


def _lists(
    things: Mapping[str, QueueSettings] | Mapping[str, AttendantSettings], user: str
) -> list[str]:
    """Those that list the user as authorised."""
    return [key for key, settings in things.items() if user in settings.authorised]


def _narrowed(known: frozenset[Key] | None, wanted: Key | None) -> frozenset[Key] | None:
    if wanted is None:
        return known
    return frozenset({wanted}) if known is None or wanted in known else frozenset()
