"""Calls of a queue that its people see one by one, although no role shows them any (SPEC 10.2)."""

from callwright.calls.visits import FinalAction, HistoryKind, QueueVisit
from callwright.domains.access.model import Permission, Principal
from callwright.operations.organisation_file.queue_schema import QueueSettings
from callwright.operations.organisation_file.schema import Organisation
from callwright.operations.organisation_file.snapshot_queues import queue_agents
from callwright.operations.reports.figures import ANSWERED

SENT_ON = frozenset(
    {FinalAction.FORWARD, FinalAction.SHARED_VOICEMAIL, FinalAction.VOICEMAIL, FinalAction.OTHER}
)
"""What a queue does with callers who are redirected."""
_SETTING = {
    HistoryKind.MISSED: "missed",
    HistoryKind.ANSWERED: "answered",
    HistoryKind.REDIRECTED: "redirected",
    HistoryKind.OUTBOUND: "answered",
}
"""Which setting of the file opens a kind."""


def kind_of(visit: QueueVisit) -> HistoryKind:
    if visit.result in ANSWERED:
        return HistoryKind.ANSWERED
    return HistoryKind.REDIRECTED if visit.final_action in SENT_ON else HistoryKind.MISSED


def kinds_open_to(
    principal: Principal, organisation: Organisation, queue: str
) -> frozenset[HistoryKind]:
    """Which calls of a queue that is there the principal sees.

    All with the permission to read calls; else what the queue shares with users that it lists as
    authorised, or with its agents, too.
    """
    if principal.may(Permission.CALLS_READ):
        return frozenset(HistoryKind)
    settings = organisation.call_queues[queue]
    shared, user = settings.shared_history, principal.user
    if shared is None or user is None:
        return frozenset()
    audiences = _audiences(organisation, queue, settings, user)
    return frozenset(kind for kind in HistoryKind if getattr(shared, _SETTING[kind]) in audiences)


def _audiences(
    organisation: Organisation, key: str, settings: QueueSettings, user: str
) -> frozenset[str]:
    """The words of the file that mean the user."""
    if user in settings.authorised:
        return frozenset({"authorised", "agents"})
    is_agent = user in queue_agents(key, settings, organisation)
    return frozenset({"agents"}) if is_agent else frozenset()
