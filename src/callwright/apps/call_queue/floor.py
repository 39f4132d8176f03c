"""Owner of every queue's line and of every offer: which agent rings for which caller.

An agent rings for at most one caller, whatever the queues; nobody is offered by polling: whatever
may have freed an agent calls `look`. Which caller a free agent gets: the highest priority, then
who waits longest over all of the agent's queues, then the queue that stands first in the file.
"""

from __future__ import annotations

import heapq
from bisect import insort
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from callwright.apps.call_queue.agent_desk import AgentDesk
from callwright.apps.call_queue.agent_states import AgentStates
from callwright.apps.call_queue.floor_view import agent_card, view_of
from callwright.apps.call_queue.free_agents import FreeAgents
from callwright.apps.call_queue.hopeless import hopeless_waits
from callwright.apps.call_queue.line_history import LineHistory
from callwright.apps.call_queue.queue_news import QueueListener, QueueNews
from callwright.apps.call_queue.roster import NoPlaces, PlaceKeeper, Roster
from callwright.apps.call_queue.staffing import Staff, Staffing
from callwright.apps.call_queue.ticket import Fate, Guest, Ticket
from callwright.domains.queues.model import CallQueue
from callwright.domains.queues.rules import (
    cursor_belongs_to_caller,
    rings_enough,
    select_agents,
)
from callwright.domains.queues.service_level import Wait
from callwright.domains.queues.view import AgentCard, QueueView
from callwright.kernel.clock import Clock
from callwright.kernel.decision import Step
from callwright.kernel.ids import CallId, CallQueueId, UserId
from callwright.kernel.limits.agents import DECLINED_REST_S


class Floor:
    def __init__(
        self, roster: Roster, clock: Clock, staff: Staff, places: PlaceKeeper | None = None
    ) -> None:
        """``places``: remembers over a restart who waited."""
        self.roster = roster
        self.clock = clock
        self.desk = AgentDesk(clock, self.agent_changed)
        self.history = LineHistory()
        self._staffing = Staffing(staff)
        self._places_kept = places or NoPlaces()
        self._news = QueueNews(clock)
        self._lines: dict[CallQueueId, list[Ticket]] = {}
        self._offers: dict[UserId, Ticket] = {}
        """For whom each agent rings; the tickets' ``ringing`` says the same."""
        self.states = AgentStates(roster, self.desk, self._offers)
        self._cursors: dict[CallQueueId, UserId] = {}
        self._joined = 0
        self._is_looking = False
        self._must_look = False

    # -- configuration ---------------------------------------------------------------------------

    def follow(self, queues: Mapping[CallQueueId, CallQueue]) -> None:
        """Takes what is configured now; who waits already is served by it from here on."""
        self._staffing.follow(queues)
        for user, ticket in tuple(self._offers.items()):
            if user not in self._staffing.agents(ticket.queue):
                self.withdraw(ticket, user)
        self._news.note(queues)
        self.look()

    def staffed(self, queue: CallQueueId) -> tuple[CallQueue, tuple[Step, ...]] | None:
        """Returns the queue as of now, since a licence may have ended, and why agents are left
        out; None: it is not configured."""
        return self._staffing.staffed(queue)

    def queue(self, queue: CallQueueId) -> CallQueue | None:
        return self._staffing.queues.get(queue)

    @property
    def queues(self) -> Mapping[CallQueueId, CallQueue]:
        """As configured now, less agents who may not take calls, in the file's order."""
        return self._staffing.queues

    def queues_of(self, user: UserId) -> tuple[CallQueueId, ...]:
        """The queues that the user is an agent of."""
        return self._staffing.queues_of(user)

    # -- callers ---------------------------------------------------------------------------------

    def waiting_count(self, queue: CallQueueId) -> int:
        return len(self._lines.get(queue, ()))

    def line(self, queue: CallQueueId) -> tuple[Ticket, ...]:
        """Who waits, in the order in which they are served."""
        return tuple(self._lines.get(queue, ()))

    def lines(self) -> Mapping[CallQueueId, tuple[Ticket, ...]]:
        return {queue: tuple(line) for queue, line in self._lines.items()}

    def join(self, queue: CallQueue, guest: Guest, *, waited_s: float = 0.0) -> Ticket:
        """Gives a caller a place in the line; ``waited_s`` for who waited before. Who was cut off
        by a restart gets the place from before."""
        self._joined += 1
        waited_s = max(waited_s, self._places_kept.waited_s(queue.id, guest))
        since_s = self.clock.monotonic() - waited_s
        ticket = Ticket(guest, queue.id, since_s, self.instant(since_s), self._joined)
        insort(self._lines.setdefault(queue.id, []), ticket, key=lambda waiting: waiting.rank)
        self._places_kept.came(ticket)
        self._note(queue.id)
        return ticket

    def make_ready(self, ticket: Ticket) -> None:
        ticket.is_ready = True
        queue = self.queue(ticket.queue)
        if queue is not None and queue.skills and queue.skills_relax_s is not None:
            left_s = ticket.since_s + queue.skills_relax_s - self.clock.monotonic()
            self.clock.call_later(max(0.0, left_s), self.look)
        self._note(ticket.queue)
        self.look()

    def answer(self, ticket: Ticket, agent: UserId | None) -> None:
        """An agent answered: nobody else is asked for this caller, and the others are free."""
        ticket.is_taken = True
        others = [other for other in ticket.ringing if other != agent]
        for other in others:
            self._release(ticket, other)
        if others:  # else nobody became free
            self.look()

    def position(self, ticket: Ticket) -> int:
        """Returns how many are served before, and 1; who left is behind all."""
        line = self._lines.get(ticket.queue, [])
        return line.index(ticket) + 1 if ticket in line else len(line) + 1

    def callers_before(self, ticket: Ticket) -> int:
        """Returns how many who are on the line are served before; who is called back is not."""
        line = self._lines.get(ticket.queue, [])
        return sum(not other.is_away for other in line[: self.position(ticket) - 1])

    def keep_place(self, ticket: Ticket) -> Ticket:
        """The caller hangs up and is called back: somebody else waits in the same place."""
        kept = Ticket(ticket.guest, ticket.queue, ticket.since_s, ticket.since, ticket.order)
        kept.is_away = kept.is_ready = True
        insort(self._lines.setdefault(ticket.queue, []), kept, key=lambda waiting: waiting.rank)
        self.let_go(ticket)
        return kept

    def let_go(self, ticket: Ticket) -> None:
        """The caller hangs up and is called back: somebody else waits for that."""
        line = self._lines.get(ticket.queue, [])
        if ticket in line:
            line.remove(ticket)
            self._places_kept.left(ticket)
        ticket.fate, ticket.is_taken = Fate.CALLBACK, True
        ticket.news.set()
        self._stop_ringing(ticket)
        self._note(ticket.queue)
        self.look()

    def close_place(self, ticket: Ticket, fate: Fate) -> None:
        """Nobody needs the place any longer; a customer who is being called just now still is."""
        ticket.fate = ticket.fate or fate
        ticket.news.set()

    def rest(self, ticket: Ticket) -> None:
        """The place is kept, and no agent asked for it until `make_ready`."""
        ticket.is_ready = ticket.is_taken = False
        self._stop_ringing(ticket)
        self._note(ticket.queue)
        self.look()

    def wait_again(self, ticket: Ticket) -> None:
        """The agent who answered left before anybody could talk, which counts as a refusal; the
        caller keeps the place."""
        ticket.is_taken = False
        for agent in tuple(ticket.ringing):
            self.decline(ticket, agent)
        self.look()

    def come_back(self, ticket: Ticket) -> None:
        """The caller was answered, and waits on in the old place: nobody talked."""
        ticket.is_taken = ticket.is_served = False
        insort(self._lines.setdefault(ticket.queue, []), ticket, key=lambda waiting: waiting.rank)
        self._places_kept.came(ticket)
        self._note(ticket.queue)
        self.look()

    def withdraw(self, ticket: Ticket, agent: UserId) -> None:
        """The agent rings no longer, of no fault of the agent's."""
        self._release(ticket, agent)
        ticket.news.set()
        self.look()

    def miss(self, ticket: Ticket, agent: UserId) -> None:
        """The agent's alert time is over; a longer idle one goes first now."""
        self.desk.pass_over(agent)
        self._release(ticket, agent)
        self.look()

    def decline(self, ticket: Ticket, agent: UserId) -> None:
        """The agent refused, and is left alone for a while: the phone of who does not want to be
        disturbed would be rung for one caller after the other, all at once."""
        self.leave_alone(agent, DECLINED_REST_S)
        self.miss(ticket, agent)

    def slip(self, agent: UserId) -> None:
        """The agent answered and hung up at once: a refusal, with no work after it."""
        self.leave_alone(agent, DECLINED_REST_S)
        self.desk.pass_over(agent)
        self.desk.served_nobody(agent)

    def leave_alone(self, agent: UserId, for_s: float) -> None:
        """No caller asks the agent before that."""
        self.desk.let_rest(agent, for_s)
        self.clock.call_later(for_s, self.look)

    def leave(self, ticket: Ticket, *, is_answered: bool = False, is_cut_off: bool = False) -> None:
        """The caller waits no longer, for whatever reason; idempotent. ``is_cut_off``: the caller
        did not hang up, and nothing of the queue's ended the waiting."""
        line = self._lines.get(ticket.queue, [])
        if ticket in line:
            ticket.is_cut_off = is_cut_off
            line.remove(ticket)
            self._places_kept.left(ticket)
            now_s = self.clock.monotonic()
            self.history.note(ticket.queue, Wait(now_s - ticket.since_s, is_answered), now_s)
        if not line:
            self._lines.pop(ticket.queue, None)
        ticket.is_taken, ticket.is_served = True, ticket.is_served or is_answered
        self._stop_ringing(ticket)
        self._note(ticket.queue)
        self.look()

    def _end_wait(self, ticket: Ticket, fate: Fate) -> None:
        if ticket.fate is None and not ticket.is_taken:
            ticket.fate = fate
            ticket.news.set()

    def _stop_ringing(self, ticket: Ticket) -> None:
        for agent in tuple(ticket.ringing):
            self._release(ticket, agent)

    def _release(self, ticket: Ticket, agent: UserId) -> None:
        if self._offers.get(agent) is ticket:
            del self._offers[agent]
        ticket.ringing.pop(agent, None)
        self._note_agent(agent)

    # -- agents ----------------------------------------------------------------------------------

    def agent_changed(self, user: UserId) -> None:
        """A phone, a leg or a choice of the user changed."""
        if self.queues_of(user):
            self._note_agent(user)
            self.look()

    def agent_became_idle(self, user: UserId) -> None:
        """The user talks to nobody any longer; a phone may ring."""
        self.desk.became_idle(user)
        self.agent_changed(user)

    def offer_of(self, user: UserId) -> Ticket | None:
        """For whom the agent rings."""
        return self._offers.get(user)

    def offers(self) -> Mapping[UserId, CallId]:
        """For which call each agent is taken."""
        return {agent: ticket.guest.call for agent, ticket in self._offers.items()}

    def free(self, user: UserId) -> None:
        """Takes back whatever the agent is offered, however it came about."""
        self._offers.pop(user, None)
        for line in self._lines.values():
            for ticket in line:
                if ticket.ringing.pop(user, None) is not None:
                    ticket.news.set()
        self.agent_changed(user)

    # -- offers ----------------------------------------------------------------------------------

    def look(self) -> None:
        """Gives every caller the agents that the queue's method names now.

        Call it whenever an agent may have become free: it is cheap when nothing waits.
        """
        self._must_look = True
        if self._is_looking:
            return
        self._is_looking = True
        try:
            while self._must_look:
                self._must_look = False
                self._look_once()
        finally:
            self._is_looking = False
        self._news.tell_soon()

    def _look_once(self) -> None:
        if not self._lines:
            return
        for ticket, fate in hopeless_waits(self._lines, self.queue, self.states.is_staffed):
            self._end_wait(ticket, fate)
        free: dict[CallQueueId, FreeAgents] = {}
        out_of_agents: set[CallQueueId] = set()
        for ticket in self._callers():
            queue = self.queue(ticket.queue)
            if queue is None or not ticket.wants_agents or queue.id in out_of_agents:
                continue
            if rings_enough(queue.routing, len(ticket.ringing)):
                continue
            if queue.id not in free:
                users = self.states.perhaps_free(queue)
                free[queue.id] = FreeAgents(queue, users, self.states.free)
            if not free[queue.id].are_taken(self._offers):
                self._offer(queue, ticket, free[queue.id])
            else:
                out_of_agents.add(queue.id)
                if len(out_of_agents) == len(self._lines):
                    return

    def _callers(self) -> Iterator[Ticket]:
        """All who wait, over all queues, in the order in which they get agents."""
        order = sorted(self._lines, key=self._staffing.place)
        lines = [tuple(self._lines[queue]) for queue in order]
        if len(lines) == 1:
            return iter(lines[0])
        return heapq.merge(*lines, key=lambda ticket: ticket.rank[:2])

    def _offer(self, queue: CallQueue, ticket: Ticket, free: FreeAgents) -> None:
        waited_s = self.clock.monotonic() - ticket.since_s
        is_own = cursor_belongs_to_caller(queue.routing)
        cursor = ticket.cursor if is_own else self._cursors.get(queue.id)
        suited = free.suited(ticket.guest.user, waited_s, self._offers, cursor)
        if not suited:
            return
        selection = select_agents(
            queue,
            suited,
            cursor=cursor,
            waiting_count=self.waiting_count(queue.id),
            ringing_count=len(ticket.ringing),
        ).value
        if not selection.agents:
            return
        ticket.cursor = selection.cursor
        if selection.cursor is not None and not is_own:
            self._cursors[queue.id] = selection.cursor
        ticket.alert_s = max(queue.alert_s, ticket.alert_s if ticket.ringing else 0.0)
        for agent in selection.agents:
            self._give(ticket, agent)

    def _give(self, ticket: Ticket, agent: UserId) -> None:
        self._offers[agent] = ticket
        ticket.ringing[agent] = self.clock.monotonic()
        ticket.to_ring.append(agent)
        ticket.news.set()
        self._note_agent(agent)

    # -- what it looks like ----------------------------------------------------------------------

    def view(self, queue: CallQueueId) -> QueueView | None:
        """Returns who waits and what the agents do; None: there is no such queue."""
        return view_of(self, queue)

    def agents(self) -> tuple[UserId, ...]:
        """Everybody who is an agent of any queue."""
        return self._staffing.everybody

    def card(self, agent: UserId) -> AgentCard | None:
        """Returns what the agent does over all queues; None: the user is no agent."""
        return agent_card(self, agent)

    def instant(self, at_s: float) -> datetime:
        """Returns the UTC instant of a monotonic one."""
        return self.clock.utc() - timedelta(seconds=self.clock.monotonic() - at_s)

    # -- observers -------------------------------------------------------------------------------

    def on_change(self, listener: QueueListener, changed: set[CallQueueId] | None = None) -> None:
        """Tells the listener soon after the view of any queue changed; ``changed``: has those
        queues at once, until the listener takes them out."""
        self._news.add(listener, changed)

    def _note(self, queue: CallQueueId) -> None:
        self._news.note((queue,))

    def _note_agent(self, user: UserId) -> None:
        self._news.note(self.queues_of(user))
