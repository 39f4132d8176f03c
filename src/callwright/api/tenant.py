"""What the API answers from: an organisation's configuration, its database, and its calls now."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from callwright.api.entity_index import EntityIndexes
from callwright.api.event_feed import EventFeed
from callwright.api.figures_of_today import FiguresOfToday
from callwright.apps.call_queue.agent_acts import AgentActs
from callwright.domains.queues.board import Board
from callwright.domains.queues.supervision import SupervisionState
from callwright.kernel.decision import Decision
from callwright.kernel.ids import CallId, UserId
from callwright.kernel.reason import Reason
from callwright.kernel.supervision import SupervisionMode
from callwright.operations.administration import Administration
from callwright.operations.numbers.desk import NumberDesk
from callwright.operations.scim.directory import ScimDirectory
from callwright.routing.request import LiveState, Supervise
from callwright.routing.snapshot import Snapshot
from callwright.storage.database import Database
from callwright.storage.ledger import Ledger
from callwright.storage.sealing import Sealer
from callwright.storage.system import System


class SupervisionControl(Protocol):
    """Supervisors in agents' calls, on a running node."""

    def ring(self, snapshot: Snapshot, wanted: Supervise) -> Decision[Reason | None]:
        """Rings the supervisor's phones; None when they ring, else why they do not."""
        ...

    def running(self) -> tuple[SupervisionState, ...]: ...

    def change(self, supervisor: UserId, mode: SupervisionMode) -> Decision[Reason | None]: ...

    def end(self, supervisor: UserId) -> bool:
        """False: he supervises nobody."""
        ...


class PromisedCallbacks(Protocol):
    """What callers of a running node's queues were promised."""

    def cancel(self, call: CallId, by: str) -> bool:
        """False: nothing was promised in that call, or it was kept."""
        ...


class QueueBoards(Protocol):
    """What the queues of a running node look like."""

    @property
    def version(self) -> int:
        """Grows with each change."""
        ...

    async def boards(self) -> tuple[Board, ...]: ...

    def joined(self) -> AbstractContextManager[None]:
        """As long as somebody follows. Raises TooManyFollowers."""
        ...

    async def wait_past(self, version: int, *, within_s: float) -> bool: ...


class Live(Protocol):
    """A running node, as far as the API asks it; on the node's own event loop."""

    @property
    def snapshot(self) -> Snapshot | None:
        """What calls are decided by at this moment."""
        ...

    def live_state(self) -> LiveState: ...

    @property
    def agents(self) -> AgentActs:
        """Agents of queues: what they do, and what they may choose."""
        ...

    @property
    def callbacks(self) -> PromisedCallbacks: ...

    @property
    def board(self) -> QueueBoards: ...

    @property
    def supervision(self) -> SupervisionControl: ...

    def hang_up(self, call: CallId) -> bool:
        """False: no such call runs here."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """One organisation."""

    domain: str
    administration: Administration
    database: Database
    utc: Callable[[], datetime]
    new_id: Callable[[], str]
    """Names that sort by time and are never given twice."""
    new_secret: Callable[[int], bytes]
    sealer: Sealer | None = None
    """Opens messages that are sealed on disk; None: there is no key."""
    live: Live | None = None
    """None where no server runs, as for a command."""
    indexes: EntityIndexes = field(default_factory=EntityIndexes)
    today: FiguresOfToday = field(default_factory=FiguresOfToday)
    feed: EventFeed | None = None
    """New events as they come; None where nobody could wait for them."""
    system: System | None = None
    """Of the first organisation, which operates it; no other one has it."""
    ledger: Ledger = field(init=False)
    number_desk: NumberDesk = field(init=False)
    """Keeps what it read of the inventory."""
    scim_directory: ScimDirectory = field(init=False)

    def __post_init__(self) -> None:
        desk = NumberDesk(self.administration, self.utc, self.new_id)
        object.__setattr__(self, "ledger", Ledger(self.database))
        object.__setattr__(self, "number_desk", desk)
        object.__setattr__(self, "scim_directory", ScimDirectory(self.administration.current))


class Tenants(Protocol):
    """The organisations of a system, the first of which operates it."""

    def first(self) -> Tenant: ...

    def find(self, domain: str) -> Tenant | None: ...

    def all(self) -> Iterable[Tenant]: ...
