"""A queue's choices over any history of calls, against a naive floor that keeps its own books.

Invariants: an agent rings for one caller at most; nobody rings who may not; a free agent and a
waiting caller never stay apart; shares are equal.
"""

from collections import Counter
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from callwright.domains.queues.model import CallQueue, RoutingMethod
from callwright.domains.queues.rules import AgentState, cursor_belongs_to_caller, select_agents
from callwright.kernel.ids import CallQueueId, UserId

AGENTS = tuple(map(UserId, "ABCD"))


@dataclass(slots=True)
class Agent:
    is_registered: bool = True
    is_opted_in: bool = True
    in_call: bool = False
    idle_since: float = 0.0


@dataclass(slots=True, eq=False)
class Caller:
    offered: tuple[UserId, ...] = ()
    cursor: UserId | None = None
    history: list[UserId] = field(default_factory=list)


class QueueFloor(RuleBasedStateMachine):
    """Callers come and leave, agents answer, let it ring, opt out, unplug and hang up."""

    @initialize(routing=st.sampled_from(RoutingMethod), presence_based=st.booleans())
    def open(self, routing: RoutingMethod, presence_based: bool) -> None:
        self.queue = CallQueue(
            CallQueueId("q"), "q", AGENTS, routing=routing, presence_based=presence_based
        )
        self.agents = {user: Agent() for user in AGENTS}
        self.line: list[Caller] = []
        self.cursor: UserId | None = None
        self.now = 0.0

    @rule()
    def caller_arrives(self) -> None:
        self.line.append(Caller())
        self.look()

    @precondition(lambda self: self.line)
    @rule(draw=st.data())
    def caller_leaves(self, draw: st.DataObject) -> None:
        self.line.remove(draw.draw(st.sampled_from(self.line)))
        self.look()

    @precondition(lambda self: self.ringing())
    @rule(draw=st.data())
    def agent_answers(self, draw: st.DataObject) -> None:
        caller = draw.draw(st.sampled_from(self.ringing()))
        self.agents[draw.draw(st.sampled_from(caller.offered))].in_call = True
        self.line.remove(caller)
        self.look()

    @precondition(lambda self: self.ringing())
    @rule(draw=st.data())
    def alert_time_ends(self, draw: st.DataObject) -> None:
        draw.draw(st.sampled_from(self.ringing())).offered = ()
        self.look()

    @rule(user=st.sampled_from(AGENTS), seconds=st.integers(1, 100))
    def agent_hangs_up(self, user: UserId, seconds: int) -> None:
        self.now += seconds
        if self.agents[user].in_call:
            self.agents[user].in_call = False
            self.agents[user].idle_since = self.now
            self.look()

    @rule(user=st.sampled_from(AGENTS), what=st.sampled_from(["is_opted_in", "is_registered"]))
    def agent_comes_or_goes(self, user: UserId, what: str) -> None:
        setattr(self.agents[user], what, not getattr(self.agents[user], what))
        self.look()

    def ringing(self) -> list[Caller]:
        return [caller for caller in self.line if caller.offered]

    def look(self) -> None:
        """What a floor does with every change: offers, first come first."""
        for caller in self.line:
            if not caller.offered:
                free = self.free_agents()
                own = cursor_belongs_to_caller(self.queue.routing)
                selection = select_agents(
                    self.queue,
                    [self.state(user) for user in AGENTS],
                    cursor=caller.cursor if own else self.cursor,
                    waiting_count=len(self.line),
                ).value
                self.check_choice(caller, selection.agents, free)
                if own:
                    caller.cursor = selection.cursor
                else:
                    self.cursor = selection.cursor
                caller.offered = selection.agents
                caller.history += selection.agents

    def state(self, user: UserId) -> AgentState:
        agent = self.agents[user]
        return AgentState(
            user=user,
            is_registered=agent.is_registered,
            is_opted_in=agent.is_opted_in,
            is_busy=agent.in_call,
            is_offered=any(user in caller.offered for caller in self.line),
            idle_since=agent.idle_since,
        )

    def free_agents(self) -> list[UserId]:
        """The naive rule: signed in, opted in, not ringing, and idle where presence counts."""
        heeds = self.queue.presence_based or self.queue.routing is RoutingMethod.LONGEST_IDLE
        rung = {user for caller in self.line for user in caller.offered}
        return [
            user
            for user, agent in self.agents.items()
            if agent.is_registered and agent.is_opted_in and user not in rung
            and not (heeds and agent.in_call)
        ]  # fmt: skip

    def check_choice(self, caller: Caller, chosen: tuple[UserId, ...], free: list[UserId]) -> None:
        assert set(chosen) <= set(free)
        assert bool(chosen) == bool(free)
        match self.queue.routing:
            case RoutingMethod.ATTENDANT:
                assert list(chosen) == free
            case RoutingMethod.LONGEST_IDLE:
                idle = sorted(free, key=lambda user: self.agents[user].idle_since)
                assert len(chosen) == min(len(free), 2 if len(self.line) < len(free) else 1)
                assert list(chosen) == idle[: len(chosen)]
            case RoutingMethod.SERIAL if not caller.history and free:
                assert list(chosen) == free[:1]
            case _:
                assert len(chosen) <= 1

    @invariant()
    def an_agent_rings_for_one_caller_at_most(self) -> None:
        offers = Counter(user for caller in getattr(self, "line", ()) for user in caller.offered)
        assert all(count == 1 for count in offers.values())

    @invariant()
    def nobody_waits_while_somebody_is_free(self) -> None:
        if any(not caller.offered for caller in getattr(self, "line", ())):
            assert not self.free_agents()


TestQueueFloor = QueueFloor.TestCase


def take_turns(
    method: RoutingMethod, agents: tuple[UserId, ...], *, calls: int, busy: frozenset[UserId]
) -> Counter[UserId]:
    """Calls one after the other, each answered and over before the next."""
    queue = CallQueue(CallQueueId("q"), "q", agents, routing=method)
    states = [AgentState(user, True, user in busy, False, 0.0) for user in agents]
    shares: Counter[UserId] = Counter()
    cursor = None
    for _ in range(calls):
        selection = select_agents(queue, states, cursor=cursor).value
        cursor = selection.cursor
        shares.update(selection.agents)
    return shares


def test_round_robin_gives_twelve_calls_over_three_agents_four_each() -> None:
    shares = take_turns(RoutingMethod.ROUND_ROBIN, AGENTS[:3], calls=12, busy=frozenset())
    assert set(shares.values()) == {4}


@given(
    count=st.integers(1, 4),
    calls=st.integers(0, 50),
    busy=st.frozensets(st.sampled_from(AGENTS), max_size=3),
)
def test_round_robin_shares_differ_by_one_at_most(
    count: int, calls: int, busy: frozenset[UserId]
) -> None:
    agents = AGENTS[:count]
    shares = take_turns(RoutingMethod.ROUND_ROBIN, agents, calls=calls, busy=busy)
    counts = [shares[user] for user in agents if user not in busy]
    assert not counts or max(counts) - min(counts) <= 1
    assert not any(shares[user] for user in busy)


@pytest.mark.parametrize("tries", [1, 4, 9])
def test_serial_goes_down_the_list_and_wraps(tries: int) -> None:
    queue = CallQueue(CallQueueId("q"), "q", AGENTS, routing=RoutingMethod.SERIAL)
    states = [AgentState(user, True, False, False, 0.0) for user in AGENTS]
    order: list[UserId] = []
    cursor = None
    for _ in range(tries):
        selection = select_agents(queue, states, cursor=cursor).value
        cursor = selection.cursor
        order += selection.agents
    assert order == [AGENTS[n % len(AGENTS)] for n in range(tries)]
