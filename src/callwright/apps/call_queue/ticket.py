"""A caller's place in a queue's line."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from callwright.kernel.ids import CallId, CallQueueId, UserId
from callwright.kernel.value import value


@value
class Guest:
    """Who wants to wait, as boards show it."""

    call: CallId
    caller: str
    """The address that people may see."""
    name: str | None
    priority: int
    """1 is served first, 5 last."""
    number: str | None = None
    """Tells who comes back; never shown. None: is not known."""
    user: UserId | None = None
    """Who is not rung for the own call; None: somebody from outside."""


class Fate(Enum):
    """Why the floor itself ends a caller's waiting."""

    NO_AGENTS = "no-agents"
    """The last agent went (row 140)."""
    CLOSED = "closed"
    """The queue is no longer in the configuration."""
    CALLBACK = "callback"
    """The caller hangs up and is called back."""
    CANCELLED = "cancelled"
    """Somebody took the promise of a call back."""
    SERVED = "served"
    """Who was to be called back called again, and talks to an agent."""


@dataclass(slots=True, eq=False)
class Ticket:
    """Changed by the floor only, but for ``to_ring``, which the caller's own script empties."""

    guest: Guest
    queue: CallQueueId
    since_s: float
    """Monotonic; earlier than now for who keeps a place from before."""
    since: datetime
    order: int
    """Breaks ties: callers in the order in which they came."""
    is_ready: bool = False
    """True once the greeting is over; agents are not held up by it."""
    is_away: bool = False
    """The caller hung up, and is called back when it is their turn."""
    is_taken: bool = False
    """Somebody answered; no more agents are asked."""
    is_served: bool = False
    """An agent talks to the caller."""
    is_cut_off: bool = False
    """The call was ended from outside while the caller waited."""
    ringing: dict[UserId, float] = field(default_factory=dict)
    """Agents who ring for this caller, and since when."""
    alert_s: float = 0.0
    """How long whoever rings may ring, at most."""
    more_s: float = 0.0
    """What an offer may take beyond that: for somebody outside to press a key, or to reach a
    customer who is called back."""
    cursor: UserId | None = None
    """The agent this caller was offered last (serial routing)."""
    fate: Fate | None = None
    to_ring: list[UserId] = field(default_factory=list)
    """Agents who are to ring from now on."""
    news: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the script has something to do: ``to_ring``, ``fate``, an answer."""

    @property
    def rank(self) -> tuple[int, float, int]:
        """Sorts callers of all queues: priority, then who waits longest (row 147)."""
        return (self.guest.priority, self.since_s, self.order)

    @property
    def wants_agents(self) -> bool:
        return self.is_ready and not self.is_taken and self.fate is None

    def take_new_agents(self) -> tuple[UserId, ...]:
        """Returns who is to ring now, less those whose offer was withdrawn meanwhile."""
        agents, self.to_ring = tuple(self.to_ring), []
        return tuple(agent for agent in agents if agent in self.ringing)
