"""What one caller costs beside 450 who wait and 50 agents: no more than beside nobody."""

from dataclasses import replace

import pytest
from tests.model.queue_phones import PhoneLeg, Phones, SteppedClock

from callwright.apps.call_queue.floor import Floor
from callwright.apps.call_queue.ticket import Fate, Guest, Ticket
from callwright.domains.queues.absence import Absence
from callwright.domains.queues.model import CallQueue, RoutingMethod
from callwright.kernel.ids import CallId, CallQueueId, UserId

AGENTS = tuple(UserId(f"agent{number}") for number in range(50))
QUEUE = CallQueue(CallQueueId("support"), "support", AGENTS, max_waiting=500)


class CountedPhones(Phones):
    """Counts what the floor asks about one agent."""

    questions = 0

    def __init__(self, clock: SteppedClock) -> None:
        super().__init__(clock)
        self.up = set(AGENTS)
        self.legs = {agent: {} for agent in AGENTS}
        self.ended_s = dict.fromkeys(AGENTS, 0.0)

    def has_phone(self, user: UserId) -> bool:
        self.questions += 1
        return super().has_phone(user)

    def is_engaged(self, user: UserId) -> bool:
        self.questions += 1
        return super().is_engaged(user)


class Hall:
    def __init__(self, queue: CallQueue) -> None:
        self.queue = queue
        self.clock = SteppedClock()
        self.phones = CountedPhones(self.clock)
        self.floor = Floor(self.phones, self.clock, lambda queue: (queue, ()))
        self.floor.follow({queue.id: queue})

    def come(self, number: int) -> Ticket:
        ticket = self.floor.join(self.queue, Guest(CallId(f"call_{number}"), "+1", None, 3))
        self.floor.make_ready(ticket)
        return ticket

    def questions_for_one(self, waiting: int) -> int:
        """Who comes, waits and leaves while so many wait."""
        for number in range(waiting):
            self.come(number)
        self.phones.questions = 0
        self.floor.leave(self.come(waiting))
        return self.phones.questions


@pytest.mark.parametrize("routing", RoutingMethod)
def test_who_waits_costs_nothing_while_all_agents_talk(routing: RoutingMethod) -> None:
    hall = Hall(replace(QUEUE, routing=routing))
    for agent in AGENTS:
        hall.phones.add(PhoneLeg(agent))
    assert hall.questions_for_one(waiting=450) == 0


def test_agents_who_are_free_and_lack_the_skill_are_looked_at_once_for_all_callers() -> None:
    """Each look once asked of every agent for every caller: 450 callers took 90 ms of it."""
    skilled = {AGENTS[0]: {"french": 7}}
    hall = Hall(replace(QUEUE, skills={"french": 5}, skills_relax_s=600, agent_skills=skilled))
    hall.phones.add(PhoneLeg(AGENTS[0]))
    assert hall.questions_for_one(waiting=450) <= 8 * len(AGENTS)


def test_callers_for_whom_enough_agents_ring_are_passed_over() -> None:
    hall = Hall(replace(QUEUE, routing=RoutingMethod.ROUND_ROBIN))
    assert hall.questions_for_one(waiting=20) <= 8 * len(AGENTS)


@pytest.mark.parametrize("routing", [RoutingMethod.ROUND_ROBIN, RoutingMethod.SERIAL])
def test_where_one_agent_rings_at_a_time_the_others_are_not_looked_at(
    routing: RoutingMethod,
) -> None:
    """A look once asked of all who were free: of hundreds, where a queue is quiet."""
    hall = Hall(replace(QUEUE, routing=routing))
    assert hall.questions_for_one(waiting=0) <= 8


def test_who_cannot_ring_is_asked_of_once_for_all_callers() -> None:
    hall = Hall(replace(QUEUE, routing=RoutingMethod.ROUND_ROBIN))
    hall.phones.up.clear()
    assert hall.questions_for_one(waiting=450) <= 4 * len(AGENTS)


def test_who_waits_again_in_a_queue_that_was_removed_meanwhile_is_not_forgotten() -> None:
    hall = Hall(replace(QUEUE, agents=AGENTS[:1]))
    ticket = hall.come(1)
    hall.floor.answer(ticket, AGENTS[0])
    hall.floor.follow({})
    hall.floor.wait_again(ticket)
    assert ticket.fate is Fate.CLOSED


def test_of_who_pauses_or_wraps_up_nothing_else_is_asked() -> None:
    hall = Hall(QUEUE)
    for agent in AGENTS[:25]:
        hall.floor.desk.begin(Absence(agent, None, hall.clock.utc()))
    for agent in AGENTS[25:]:
        hall.floor.desk.serves(agent, QUEUE.id, 60)
        hall.floor.agent_became_idle(agent)
    assert hall.questions_for_one(waiting=450) == 0


def test_who_opted_out_is_counted_out_of_a_queue_that_lets_agents_opt_out() -> None:
    queue = replace(QUEUE, allow_opt_out=True)
    hall = Hall(queue)
    states, at = hall.floor.states, hall.clock.utc()
    assert states.opted_in_count(queue) == len(AGENTS)
    hall.floor.desk.begin(Absence(AGENTS[0], None, at))
    hall.floor.desk.begin(Absence(AGENTS[1], CallQueueId("sales"), at))
    assert states.opted_in_count(queue) == len(AGENTS)
    hall.floor.desk.begin(Absence(AGENTS[2], queue.id, at))
    assert states.opted_in_count(queue) == len(AGENTS) - 1
    assert states.opted_in_count(replace(queue, allow_opt_out=False)) == len(AGENTS)
