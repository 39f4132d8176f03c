"""What is known of agents at a moment: derived from phones, legs, offers and choices; not kept."""

from collections.abc import Mapping
from itertools import filterfalse

from callwright.apps.call_queue.agent_desk import AgentDesk
from callwright.apps.call_queue.roster import Roster
from callwright.apps.call_queue.ticket import Ticket
from callwright.domains.queues.model import CallQueue
from callwright.domains.queues.rules import AgentState, heeds_presence, is_available, is_there
from callwright.kernel.ids import UserId


class AgentStates:
    def __init__(self, roster: Roster, desk: AgentDesk, offers: Mapping[UserId, Ticket]) -> None:
        """``offers``: for whom each agent rings; the floor's own, as it changes."""
        self._roster = roster
        self._desk = desk
        self._offers = offers

    def of(self, queue: CallQueue, user: UserId) -> AgentState:
        """What is known of an agent of the queue."""
        roster, desk = self._roster, self._desk
        return AgentState(
            user=user,
            is_registered=roster.has_phone(user),
            is_busy=roster.is_engaged(user),
            is_offered=user in self._offers,
            idle_since=self.idle_since(user),
            is_opted_in=desk.is_opted_in(user, queue),
            is_paused=desk.pause_of(user) is not None,
            is_wrapping_up=desk.wrap_up_of(user) is not None,
            is_resting=desk.is_resting(user),
        )

    def idle_since(self, user: UserId) -> float:
        """Monotonic: since when the agent has been free, or was last asked in vain."""
        return max(self._roster.idle_since(user), self._desk.back_since(user))

    def opted_in_count(self, queue: CallQueue) -> int:
        return len(queue.agents) - self._desk.opted_out_count(queue)

    def is_staffed(self, queue: CallQueue) -> bool:
        """Whether any agent is there, if only busy (SPEC 5.5)."""
        signed_in = (user for user in queue.agents if self._roster.has_phone(user))
        return any(is_there(self.of(queue, user)) for user in signed_in)

    def perhaps_free(self, queue: CallQueue) -> list[UserId]:
        """Those who neither ring nor, where that counts, talk: in a busy queue hardly anybody."""
        idle = filterfalse(self._offers.__contains__, queue.agents)
        if heeds_presence(queue):
            idle = filterfalse(self._roster.engaged().__contains__, idle)
        return list(idle)

    def free(self, queue: CallQueue, user: UserId) -> AgentState | None:
        """None: the agent cannot ring now. Most of those are at home, which is cheap to know."""
        if self._desk.is_away(user) or not self._roster.has_phone(user):
            return None
        state = self.of(queue, user)
        return state if is_available(queue, state) else None
