"""Agents of queues where no server runs, as for a command: what is stored, and no calls."""

import asyncio
from collections.abc import Callable, Container
from datetime import datetime

from callwright.api.tenant import Tenant
from callwright.apps.call_queue.agent_acts import AgentActs
from callwright.apps.call_queue.floor import Floor
from callwright.apps.call_queue.roster import Engagement
from callwright.domains.queues.absence import Absence
from callwright.domains.queues.model import CallQueue
from callwright.kernel.clock import Timer
from callwright.kernel.decision import Step
from callwright.kernel.ids import CallQueueId, UserId
from callwright.operations.organisation_file import build_snapshot
from callwright.routing.rights import staffed
from callwright.storage.queue_agents import StoredAbsences
from callwright.storage.registrations import StoredRegistrations


def stored_agents(tenant: Tenant) -> AgentActs | None:
    """Reads the database; None: there is no organisation yet."""
    configuration = tenant.administration.current()
    if configuration.organisation is None:
        return None
    snapshot = build_snapshot(
        configuration.organisation, revision=configuration.revision, base=None
    )
    now = tenant.utc()

    def with_licences(queue: CallQueue) -> tuple[CallQueue, tuple[Step, ...]]:
        return staffed(snapshot, queue, now)

    stored = StoredAbsences(tenant.database)
    floor = Floor(
        _StoredRoster(StoredRegistrations(tenant.database), now), _StillClock(tenant.utc),
        with_licences,
    )  # fmt: skip
    floor.follow(snapshot.queues)
    floor.desk.restore(stored.all())
    return AgentActs(floor, _ThreadedStore(stored), lambda: snapshot.pause_reasons)


class _StillClock:
    """A command has no timers."""

    def __init__(self, utc: Callable[[], datetime]) -> None:
        self.utc = utc

    def monotonic(self) -> float:
        return 0.0

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Timer:
        return _NoTimer()


class _NoTimer:
    def cancel(self) -> None:
        """Was never set."""


class _StoredRoster:
    """Registrations as a server stored them; whether anybody talks is not known."""

    def __init__(self, registrations: StoredRegistrations, now: datetime) -> None:
        self._signed_in = {binding.aor for binding in registrations.load(now)}

    def has_phone(self, user: UserId) -> bool:
        return user in self._signed_in

    def is_engaged(self, user: UserId) -> bool:
        return False

    def engaged(self) -> Container[UserId]:
        return ()

    def idle_since(self, user: UserId) -> float:
        return 0.0

    def engagement(self, user: UserId) -> Engagement | None:
        return None


class _ThreadedStore:
    """``AbsenceStore`` beside an event loop."""

    def __init__(self, stored: StoredAbsences) -> None:
        self._stored = stored

    async def begin(self, absence: Absence) -> None:
        await asyncio.to_thread(self._stored.begin, absence)

    async def end(self, user: UserId, queue: CallQueueId | None) -> None:
        await asyncio.to_thread(self._stored.end, user, queue)
