"""What boards show of a queue, read from the floor; changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from callwright.apps.call_queue.roster import Engagement
from callwright.apps.call_queue.ticket import Ticket
from callwright.domains.queues.model import CallQueue
from callwright.domains.queues.rules import AgentState, is_available, lacks_skill
from callwright.domains.queues.service_level import service_level
from callwright.domains.queues.view import (
    AgentCard,
    AgentCondition,
    AgentView,
    Membership,
    QueueView,
    WaitingState,
    WaitingView,
)
from callwright.kernel.ids import CallQueueId, UserId

if TYPE_CHECKING:
    from callwright.apps.call_queue.floor import Floor


def view_of(floor: Floor, queue_id: CallQueueId) -> QueueView | None:
    queue = floor.queue(queue_id)
    if queue is None:
        return None
    line = floor.line(queue_id)
    return QueueView(
        queue=queue_id,
        waiting=tuple(_waiting(ticket, position) for position, ticket in enumerate(line, start=1)),
        agents=tuple(agent_view(floor, queue, agent) for agent in queue.agents),
        service_level=service_level(floor.history.waits(queue_id), queue.service_level_s),
        oldest_idle_wait_s=max(idle_waits_s(floor, queue).values(), default=0.0),
    )


def idle_waits_s(floor: Floor, queue: CallQueue) -> dict[Ticket, float]:
    """How long each caller has waited unoffered while an agent was free; empty when all is well."""
    line = [ticket for ticket in floor.line(queue.id) if ticket.wants_agents and not ticket.ringing]
    if not line:
        return {}
    states = (floor.states.of(queue, agent) for agent in queue.agents)
    free = [state for state in states if is_available(queue, state)]
    waits = {ticket: _idle_wait_s(floor, queue, ticket, free) for ticket in line} if free else {}
    return {ticket: wait_s for ticket, wait_s in waits.items() if wait_s > 0.0}


def _idle_wait_s(
    floor: Floor, queue: CallQueue, ticket: Ticket, free: Sequence[AgentState]
) -> float:
    now_s = floor.clock.monotonic()
    since_s = [
        state.idle_since
        for state in free
        if state.user != ticket.guest.user
        and lacks_skill(queue, state.user, now_s - ticket.since_s) is None
    ]
    return now_s - max(ticket.since_s, min(since_s)) if since_s else 0.0


def _waiting(ticket: Ticket, position: int) -> WaitingView:
    if ticket.is_away:
        state = WaitingState.AWAY
    elif ticket.ringing:
        state = WaitingState.RINGING
    else:
        state = WaitingState.WAITING if ticket.is_ready else WaitingState.GREETING
    guest = ticket.guest
    return WaitingView(
        call=guest.call,
        caller=guest.caller,
        name=guest.name,
        since=ticket.since,
        position=position,
        priority=guest.priority,
        state=state,
        ringing=tuple(ticket.ringing),
    )


def agent_view(floor: Floor, queue: CallQueue, agent: UserId) -> AgentView:
    """What the agent does, as this queue sees it: the first condition that applies."""
    view, pause = _condition(floor, queue, agent), floor.desk.pause_of(agent)
    return view if pause is None else replace(view, is_paused=True, reason=pause.reason)


def _condition(floor: Floor, queue: CallQueue, agent: UserId) -> AgentView:
    state, desk = floor.states.of(queue, agent), floor.desk
    if not state.is_registered:
        return AgentView(agent, AgentCondition.OFFLINE, None)
    opt_out = None if state.is_opted_in else desk.opt_out_of(agent, queue.id)
    if opt_out is not None:
        return AgentView(agent, AgentCondition.OPTED_OUT, opt_out.since)
    engagement = floor.roster.engagement(agent)
    offer = floor.offer_of(agent)
    pause = desk.pause_of(agent)
    if engagement is not None and engagement.talks_with is not None:
        return _talking(floor, agent, engagement)
    if offer is not None:
        since = floor.instant(offer.ringing[agent])
        return AgentView(agent, AgentCondition.RINGING, since, in_queue=offer.queue)
    if pause is not None:
        return AgentView(agent, AgentCondition.PAUSED, pause.since)
    if state.is_busy:
        return AgentView(
            agent, AgentCondition.BUSY, None if engagement is None else engagement.since
        )
    return _at_rest(floor, agent)


def _talking(floor: Floor, agent: UserId, engagement: Engagement) -> AgentView:
    """A queue's caller was answered before the agent was there."""
    serving, since = floor.desk.serving(agent), engagement.since
    queue = None if serving is None or serving.queue != engagement.via else serving.queue
    if serving is not None and queue is not None:
        since = floor.instant(serving.began_s)
    talks_with = engagement.talks_with
    return AgentView(agent, AgentCondition.IN_CALL, since, talks_with=talks_with, in_queue=queue)


def _at_rest(floor: Floor, agent: UserId) -> AgentView:
    wrap_up = floor.desk.wrap_up_of(agent)
    if wrap_up is None:
        since = floor.instant(floor.states.idle_since(agent))
        return AgentView(agent, AgentCondition.AVAILABLE, since)
    return AgentView(
        agent,
        AgentCondition.WRAP_UP,
        floor.instant(wrap_up.began_s),
        until=floor.instant(wrap_up.ends_s),
        in_queue=wrap_up.queue,
    )


def agent_card(floor: Floor, agent: UserId) -> AgentCard | None:
    """What the agent does over all queues; None: the user is no agent."""
    queues = [floor.queues[queue] for queue in floor.queues_of(agent)]
    if not queues:
        return None
    memberships = tuple(
        Membership(
            queue.id,
            is_opted_in=floor.desk.is_opted_in(agent, queue),
            may_opt_out=queue.allow_opt_out,
        )
        for queue in queues
    )
    is_in = (queue for queue, m in zip(queues, memberships, strict=True) if m.is_opted_in)
    return AgentCard(agent_view(floor, next(is_in, queues[0]), agent), memberships)
