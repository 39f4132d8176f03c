"""The organisations of a running server, as the API answers from them."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace

from callwright.api.event_feed import EventFeed
from callwright.api.tenant import Tenant
from callwright.apps.call_queue.agent_acts import AgentActs
from callwright.apps.call_queue.callback_desk import CallbackDesk
from callwright.cli.civil_time import utc_now
from callwright.kernel.ids import CallId
from callwright.kernel.reason import Reason
from callwright.routing.request import LiveState
from callwright.routing.snapshot import Snapshot
from callwright.runtime.identifiers import new_sortable_id
from callwright.runtime.live_board import LiveBoard
from callwright.runtime.node import Node
from callwright.runtime.organisations import Organisations
from callwright.runtime.served_organisation import ServedOrganisation
from callwright.runtime.supervising import SupervisionDesk
from callwright.storage.events import Events


@dataclass(frozen=True, slots=True)
class LiveNode:
    """Implements ``api.tenant.Live``."""

    node: Node
    board: LiveBoard

    @property
    def snapshot(self) -> Snapshot | None:
        return self.node.snapshot

    def live_state(self) -> LiveState:
        return self.node.live_state()

    @property
    def agents(self) -> AgentActs:
        return self.node.queues.acts

    @property
    def callbacks(self) -> CallbackDesk:
        return self.node.callback_desk

    @property
    def supervision(self) -> SupervisionDesk:
        return self.node.supervising

    def hang_up(self, call: CallId) -> bool:
        try:
            found = self.node.calls.find(call)
        except KeyError:
            return False
        if found.is_emergency:
            return False
        found.end(Reason.ENDED_BY_ADMINISTRATOR)
        return True


class ServedTenants:
    """Implements ``api.tenant.Tenants`` over the organisations of a server."""

    def __init__(self, organisations: Organisations) -> None:
        self._organisations = organisations
        self._made: dict[int, Tenant] = {}
        """By the number of the organisation, which nobody has again."""

    def first(self) -> Tenant:
        return self._tenant(self._organisations.first)

    def find(self, domain: str) -> Tenant | None:
        """ "" is the first one while it was told nothing yet."""
        found = next((one for one in self._organisations if (one.domain or "") == domain), None)
        return None if found is None else self._tenant(found)

    def all(self) -> Iterator[Tenant]:
        return (self._tenant(one) for one in self._organisations)

    def _tenant(self, one: ServedOrganisation) -> Tenant:
        for gone in self._made.keys() - {each.number for each in self._organisations}:
            self._made.pop(gone, None)
        tenant = self._made.get(one.number)
        if tenant is None:
            tenant = Tenant(
                domain=one.domain or "",
                administration=one.watch.administration,
                database=one.database,
                utc=utc_now,
                new_id=new_sortable_id,
                new_secret=secrets.token_bytes,
                sealer=one.voicemail.sealer,
                live=LiveNode(one.node, one.board),
                feed=EventFeed(Events(one.database), one.tasks.spawn),
                system=self._organisations.system if one is self._organisations.first else None,
            )
        elif tenant.domain != (one.domain or ""):
            tenant = replace(tenant, domain=one.domain or "")
        self._made[one.number] = tenant
        return tenant
