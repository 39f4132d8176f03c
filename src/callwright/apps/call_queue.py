"""Callers wait in order, agents ring by the queue's method, one caller gets one agent (SPEC 5)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from callwright.apps.delivery import Delivery
from callwright.calls.fork import Answered, Failed, RingOutcome
from callwright.calls.introduction import Alert
from callwright.calls.leg import Leg
from callwright.calls.record import CallResult
from callwright.domains.queues.model import CallQueue, ExceptionAction
from callwright.domains.queues.rules import (
    AgentState,
    cursor_belongs_to_caller,
    is_overflowing,
    select_agents,
)
from callwright.kernel.clock import Clock
from callwright.kernel.decision import Step
from callwright.kernel.ids import CallQueueId, UserId
from callwright.kernel.reason import Reason
from callwright.kernel.target import Disconnect
from callwright.routing.request import JoinQueue
from callwright.routing.rights import staffed

if TYPE_CHECKING:
    from callwright.apps.switchboard import Switchboard

DECLINED_REST_S = 5.0
"""An agent whose phones refused at once is not asked again by the same caller before this."""


class Roster(Protocol):
    """Which users could take a call now; derived from registrations and live legs."""

    def has_phone(self, user: UserId) -> bool: ...

    def is_engaged(self, user: UserId) -> bool: ...

    def idle_since(self, user: UserId) -> float:
        """Clock time (monotonic seconds) at which the user's last call ended; start-up if none."""
        ...


@dataclass(slots=True, eq=False)
class Ticket:
    """A waiting caller. The floor fills ``offered`` when it is this caller's turn."""

    queue: CallQueue
    turn: asyncio.Future[tuple[UserId, ...]]
    is_ready: bool = False
    """True once the greeting is over; agents are not held up by it."""
    offered: tuple[UserId, ...] = ()
    resting: dict[UserId, float] = field(default_factory=dict)
    cursor: UserId | None = None
    """The agent this caller was offered last (serial routing)."""


class Floor:
    """Owns every queue's waiting line and live offers; agents' state is derived, never stored.

    An agent is offered to at most one caller at a time: "offered" is read from the tickets.
    """

    def __init__(self, roster: Roster, clock: Clock) -> None:
        self._roster = roster
        self._clock = clock
        self._lines: dict[CallQueueId, list[Ticket]] = {}
        self._cursors: dict[CallQueueId, UserId] = {}
        self._looking = False

    def waiting_count(self, queue: CallQueueId) -> int:
        return len(self._lines.get(queue, ()))

    def join(self, queue: CallQueue) -> Ticket:
        ticket = Ticket(queue, asyncio.get_running_loop().create_future())
        self._lines.setdefault(queue.id, []).append(ticket)
        return ticket

    def make_ready(self, ticket: Ticket) -> None:
        ticket.is_ready = True
        self.look()

    def leave(self, ticket: Ticket) -> None:
        line = self._lines.get(ticket.queue.id, [])
        if ticket in line:
            line.remove(ticket)
        if not line:
            self._lines.pop(ticket.queue.id, None)
        ticket.offered = ()
        self.look()

    def wait_again(self, ticket: Ticket, *, declined: tuple[UserId, ...] = ()) -> None:
        """The offer failed; the caller keeps its place at the front."""
        now = self._clock.monotonic()
        ticket.resting = {user: until for user, until in ticket.resting.items() if until > now}
        for user in declined:
            ticket.resting[user] = now + DECLINED_REST_S
        ticket.offered = ()
        ticket.turn = asyncio.get_running_loop().create_future()
        if declined:
            self._clock.call_later(DECLINED_REST_S, self.look)
        self.look()

    def look(self) -> None:
        """Gives every caller, first come first, the agents that its queue's method names now.

        Call it whenever an agent may have become free: it is cheap when nothing waits.
        """
        if self._looking:
            return
        self._looking = True
        try:
            for line in tuple(self._lines.values()):
                for ticket in tuple(line):
                    if ticket.offered or not ticket.is_ready:
                        continue
                    if not self._offer(ticket, len(line)) and not ticket.resting:
                        break
        finally:
            self._looking = False

    def _offer(self, ticket: Ticket, waiting: int) -> bool:
        queue = ticket.queue
        is_own = cursor_belongs_to_caller(queue.routing)
        selection = select_agents(
            queue,
            [self._state(user, ticket) for user in queue.agents],
            cursor=ticket.cursor if is_own else self._cursors.get(queue.id),
            waiting_count=waiting,
        ).value
        if not selection.agents:
            return False
        ticket.cursor = selection.cursor
        if selection.cursor is not None and not is_own:
            self._cursors[queue.id] = selection.cursor
        ticket.offered = selection.agents
        if not ticket.turn.done():
            ticket.turn.set_result(selection.agents)
        return True

    def _state(self, user: UserId, ticket: Ticket) -> AgentState:
        resting = ticket.resting.get(user, 0.0) > self._clock.monotonic()
        return AgentState(
            user=user,
            is_registered=self._roster.has_phone(user) and not resting,
            is_busy=self._roster.is_engaged(user),
            is_offered=self._is_offered(user),
            idle_since=self._roster.idle_since(user),
        )

    def _is_offered(self, user: UserId) -> bool:
        return any(user in t.offered for line in self._lines.values() for t in line)


async def run(board: Switchboard, delivery: Delivery, join: JoinQueue) -> None:
    written = delivery.snapshot.queues[join.queue]
    queue, steps = staffed(delivery.snapshot, written, board.clock.utc())
    call = delivery.call
    call.note(*steps)
    call.story.via = queue.id
    inside = delivery.through_app(queue.name)
    if inside is None:
        board.give_up(delivery, Reason.LOOP)
        return
    if join.via is not None:
        inside = replace(inside, account=join.via)
    waiting = board.floor.waiting_count(queue.id)
    if is_overflowing(queue, waiting):
        call.note(Step("the queue overflows", f"{waiting} callers wait, {queue.max_waiting} may"))
        await _except(board, inside, queue.overflow, Reason.QUEUE_OVERFLOW)
        return
    if queue.no_agents is not None and not any(board.reach.has_phone(a) for a in queue.agents):
        call.note(Step("nobody can answer", "no agent is signed in"))
        await _except(board, inside, queue.no_agents, Reason.QUEUE_TIMEOUT)
        return
    await _wait_and_talk(board, inside, queue, delivery.reached)


async def _wait_and_talk(
    board: Switchboard, delivery: Delivery, queue: CallQueue, reached: Callable[[], None]
) -> None:
    call, leg = delivery.call, delivery.leg
    ticket = board.floor.join(queue)
    try:
        if not call.answer(leg):
            return
        reached()
        call.serve(leg)
        call.settle(CallResult.ABANDONED, Reason.QUEUE_ABANDONED)
        agent = await _wait(board, delivery, queue, ticket)
    finally:
        board.floor.leave(ticket)
    if agent is None:
        call.note(Step("the caller waited too long", f"the queue's limit is {queue.timeout_s} s"))
        await _except(board, delivery, queue.timeout, Reason.QUEUE_TIMEOUT)
        return
    call.story.callee_user = agent.party.user
    call.note(Step(f"{agent.party.user} answered", f"first answer to {queue.name}"))
    call.settle(CallResult.ANSWERED, Reason.NORMAL)
    await board.converse(replace(delivery, connected=None), agent)


async def _wait(
    board: Switchboard, delivery: Delivery, queue: CallQueue, ticket: Ticket
) -> Leg | None:
    """Greeting, music, offers; None when the queue's time limit came first."""
    media = delivery.leg.media
    try:
        async with asyncio.timeout(queue.timeout_s or None):
            if queue.greeting is not None:
                await media.play(queue.greeting)
            if queue.timeout_s == 0:
                return None
            media.start_play(queue.music, loop=True)
            board.floor.make_ready(ticket)
            while True:
                agents = await ticket.turn
                outcome = await _ring_agents(board, delivery, queue, agents)
                if isinstance(outcome, Answered) and not outcome.leg.has_ended:
                    return outcome.leg
                declined = agents if isinstance(outcome, Failed) else ()
                board.floor.wait_again(ticket, declined=declined)
    except TimeoutError:
        return None


async def _ring_agents(
    board: Switchboard, delivery: Delivery, queue: CallQueue, agents: tuple[UserId, ...]
) -> RingOutcome:
    """Rings all phones of the agents; their own forwarding and voicemail do not apply."""
    caller = replace(delivery.caller(), alert=Alert.GROUP)
    legs = [
        leg for agent in agents for leg in board.reach.user_legs(delivery.snapshot, agent, caller)
    ]
    names = ", ".join(agents)
    delivery.call.note(Step(f"{names} rings", f"{queue.name} routes {queue.routing.value}"))
    return await delivery.call.ring(delivery.leg, legs, for_s=queue.alert_s, music=queue.music)


async def _except(
    board: Switchboard, delivery: Delivery, action: ExceptionAction, reason: Reason
) -> None:
    """Overflow, timeout or nobody there: a prompt where one is set, then the action's target."""
    call, leg = delivery.call, delivery.leg
    if action.prompt is not None and call.answer(leg):
        await leg.media.play(action.prompt)
    if isinstance(action.to, Disconnect):
        board.give_up(delivery, reason)
        return
    await board.send_to(replace(delivery, label=None), action.to)
