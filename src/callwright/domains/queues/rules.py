"""Which agents ring for the caller at the front, and when a queue is full (SPEC 5.1, 5.3).

Pure: the live facts come in as values and the pointer goes out with the answer. An agent that
rings for one caller is never offered to a second, whatever the method.
"""

from collections.abc import Sequence
from enum import Enum

from callwright.domains.queues.model import CallQueue, RoutingMethod
from callwright.kernel.decision import Decision, Step
from callwright.kernel.ids import UserId
from callwright.kernel.value import value

LONGEST_IDLE_RINGS = 2
"""SPEC 5.3: with fewer calls than agents the two longest idle ring."""


@value
class AgentState:
    """What is known of an agent at the moment of the choice."""

    user: UserId
    is_registered: bool
    """A phone of the agent can ring."""
    is_busy: bool
    """In a call, or rung by another one."""
    is_offered: bool
    """Rings for a caller of some queue."""
    idle_since: float
    """Seconds on any monotonic clock, the same for all agents; smaller is longer idle."""
    is_opted_in: bool = True
    is_paused: bool = False
    is_wrapping_up: bool = False
    """After a call of any queue."""
    is_resting: bool = False
    """Refused a caller a moment ago."""


@value
class Selection:
    """Who rings now; nobody when ``agents`` is empty."""

    agents: tuple[UserId, ...]
    cursor: UserId | None
    """The agent to continue after next time, for serial and round robin.

    Round robin keeps it with the queue, so that callers share agents out evenly; serial keeps it
    with the caller, so that every caller starts at the top (``cursor_belongs_to_caller``).
    """


def cursor_belongs_to_caller(method: RoutingMethod) -> bool:
    """Whether each caller has a cursor of its own; otherwise the queue has one."""
    return method is RoutingMethod.SERIAL


def takes_turns(method: RoutingMethod) -> bool:
    """Whether one agent rings at a time: the next available one behind the cursor."""
    return method in (RoutingMethod.SERIAL, RoutingMethod.ROUND_ROBIN)


def rings_enough(method: RoutingMethod, ringing_count: int) -> bool:
    """Whether the method never rings one more agent for a caller for whom so many ring."""
    match method:
        case RoutingMethod.ATTENDANT:
            return False
        case RoutingMethod.SERIAL | RoutingMethod.ROUND_ROBIN:
            return ringing_count >= 1
        case RoutingMethod.LONGEST_IDLE:
            return ringing_count >= LONGEST_IDLE_RINGS


def is_overflowing(queue: CallQueue, waiting_count: int) -> bool:
    """Whether one more caller is too many; only those who wait count (rows 134-136)."""
    return waiting_count >= queue.max_waiting


class Door(Enum):
    """What becomes of a caller who comes to a queue."""

    OPEN = "open"
    FULL = "full"
    DESERTED = "deserted"
    """Nobody is there who could answer, and the queue says what happens then."""


def decide_door(queue: CallQueue, waiting_count: int, *, is_staffed: bool) -> Decision[Door]:
    """Lets one more caller in, where so many wait (SPEC 5.4, 5.5)."""
    if is_overflowing(queue, waiting_count):
        because = f"{waiting_count} wait, {queue.max_waiting} may"
        return Decision(Door.FULL, (Step("the queue overflows", because),))
    if queue.no_agents is not None and not is_staffed:
        because = "no agent is signed in and opted in"
        return Decision(Door.DESERTED, (Step("nobody can answer", because),))
    return Decision(Door.OPEN, ())


def waited_too_long(queue: CallQueue) -> Step:
    return Step("the caller waited too long", f"the queue's limit is {queue.timeout_s} s")


def is_there(agent: AgentState) -> bool:
    """Whether the agent counts against "no agents": opted in, with a phone (SPEC 5.5).

    Who talks, pauses or wraps up is there, and callers wait (row 142).
    """
    return agent.is_opted_in and agent.is_registered


def is_available(queue: CallQueue, agent: AgentState) -> bool:
    """Whether the agent may ring for a caller of the queue now (rows 129-131).

    Without ``presence_based`` an agent in a call rings, too. Who paused or wraps up does not, and
    who rings for a caller never rings for a second.
    """
    if not is_there(agent) or agent.is_offered or agent.is_paused or agent.is_wrapping_up:
        return False
    if agent.is_resting:
        return False
    return not (agent.is_busy and heeds_presence(queue))


def heeds_presence(queue: CallQueue) -> bool:
    """Whether agents in a call are left alone; longest idle has no other choice (SPEC 5.2)."""
    return queue.presence_based or queue.routing is RoutingMethod.LONGEST_IDLE


def lacks_skill(queue: CallQueue, user: UserId, waited_s: float) -> str | None:
    """Returns what the agent cannot do that a caller who waited so long needs; None: nothing."""
    if queue.skills_relax_s is not None and waited_s >= queue.skills_relax_s:
        return None
    has = queue.agent_skills.get(user, {})
    for skill, level in queue.skills.items():
        if has.get(skill, 0) < level:
            return f"{skill} {level}"
    return None


def select_agents(
    queue: CallQueue,
    agents: Sequence[AgentState],
    *,
    cursor: UserId | None = None,
    waiting_count: int = 1,
    ringing_count: int = 0,
) -> Decision[Selection]:
    """Chooses who rings, or rings as well, for a caller.

    ``agents``, in any order, may leave out who is not available and, where they take turns, whose
    turn it is not; ``waiting_count`` counts the callers in the line, this one included;
    ``ringing_count`` the agents who ring for the caller already.
    """
    available = [agent for agent in agents if is_available(queue, agent)]
    if not available:
        return _nobody(queue, cursor, "no agent is available")
    match queue.routing:
        case RoutingMethod.ATTENDANT:
            chosen = tuple(agent.user for agent in available)
            because = "attendant routing rings every available agent"
        case RoutingMethod.SERIAL | RoutingMethod.ROUND_ROBIN:
            if ringing_count:
                return _nobody(queue, cursor, "one agent rings at a time")
            users = {agent.user for agent in available}
            cursor = next(user for user in in_turn(cursor, queue.agents) if user in users)
            chosen = (cursor,)
            because = f"next in the list by {queue.routing.value} routing"
        case RoutingMethod.LONGEST_IDLE:
            chosen = _longest_idle(available, waiting_count, ringing_count)
            if not chosen:
                return _nobody(queue, cursor, "enough agents ring")
            because = f"idle longest of {len(available)} available agents"
    step = Step(f"{', '.join(chosen)} rings for {queue.id}", because)
    return Decision(Selection(chosen, cursor), (step,))


def _nobody(queue: CallQueue, cursor: UserId | None, because: str) -> Decision[Selection]:
    return Decision(Selection((), cursor), (Step(f"nobody rings for {queue.id}", because),))


def in_turn(cursor: UserId | None, order: Sequence[UserId]) -> Sequence[UserId]:
    """All agents, beginning behind the cursor and going round; an unknown cursor is the top."""
    start = order.index(cursor) + 1 if cursor is not None and cursor in order else 0
    return (*order[start:], *order[:start])


def _longest_idle(
    available: Sequence[AgentState], waiting_count: int, ringing_count: int
) -> tuple[UserId, ...]:
    """Two, or only one each when the callers are as many as the agents, less those who ring."""
    most = LONGEST_IDLE_RINGS if waiting_count < len(available) + ringing_count else 1
    by_idleness = sorted(available, key=lambda agent: agent.idle_since)
    return tuple(agent.user for agent in by_idleness[: max(0, most - ringing_count)])
