"""What is known of agents at a moment: derived from phones, legs, offers and choices; not kept."""

from collections.abc import Iterator, Mapping

from callwright.apps.call_queue.agent_desk import AgentDesk
from callwright.apps.call_queue.roster import Roster
from callwright.apps.call_queue.ticket import Ticket
from callwright.domains.queues.model import CallQueue, RoutingMethod
from callwright.domains.queues.rules import AgentState, is_available, is_there, lacks_skill
from callwright.kernel.clock import Clock
from callwright.kernel.ids import UserId


class AgentStates:
    def __init__(
        self, roster: Roster, desk: AgentDesk, clock: Clock, offers: Mapping[UserId, Ticket]
    ) -> None:
        """``offers``: for whom each agent rings; the floor's own, as it changes."""
        self._roster = roster
        self._desk = desk
        self._clock = clock
        self._offers = offers

    def of(self, queue: CallQueue, user: UserId, ticket: Ticket | None = None) -> AgentState:
        """What is known of an agent of the queue; ``ticket``: for this caller."""
        roster, desk = self._roster, self._desk
        waited_s = 0.0 if ticket is None else self._clock.monotonic() - ticket.since_s
        opted_out = queue.allow_opt_out and desk.opt_out_of(user, queue.id) is not None
        return AgentState(
            user=user,
            is_registered=roster.has_phone(user),
            is_busy=roster.is_engaged(user),
            is_offered=user in self._offers,
            idle_since=self.idle_since(user),
            is_opted_in=not opted_out,
            is_paused=desk.pause_of(user) is not None,
            is_wrapping_up=desk.wrap_up_of(user) is not None,
            is_skilled=ticket is None or lacks_skill(queue, user, waited_s) is None,
        )

    def idle_since(self, user: UserId) -> float:
        """Monotonic: since when the agent has been free, or was last asked in vain."""
        return max(self._roster.idle_since(user), self._desk.back_since(user))

    def opted_in_count(self, queue: CallQueue) -> int:
        if not queue.allow_opt_out:
            return len(queue.agents)
        return sum(self._desk.opt_out_of(user, queue.id) is None for user in queue.agents)

    def is_staffed(self, queue: CallQueue) -> bool:
        """Whether any agent is there, if only busy (SPEC 5.5)."""
        return any(is_there(self.of(queue, user)) for user in queue.agents)

    def has_free(self, queue: CallQueue) -> bool:
        """Whether anybody could ring for anybody."""
        return any(is_available(queue, state) for state in self.free(queue))

    def free(self, queue: CallQueue, ticket: Ticket | None = None) -> Iterator[AgentState]:
        """Those who neither ring nor, where that counts, talk; most do in a busy queue, which is
        cheap to know."""
        for user in queue.agents:
            if not self._is_taken(queue, user):
                yield self.of(queue, user, ticket)

    def _is_taken(self, queue: CallQueue, user: UserId) -> bool:
        heeds_presence = queue.presence_based or queue.routing is RoutingMethod.LONGEST_IDLE
        return user in self._offers or (heeds_presence and self._roster.is_engaged(user))
