"""Who rings next, by method and presence (SPEC 5.3)."""

from dataclasses import replace
from typing import Any

import pytest

from callwright.domains.queues.model import CallQueue, RoutingMethod
from callwright.domains.queues.rules import (
    AgentState,
    cursor_belongs_to_caller,
    is_overflowing,
    select_agents,
)
from callwright.kernel.ids import CallQueueId, UserId

A, B, C = map(UserId, "ABC")


def queue(routing: RoutingMethod, **fields: Any) -> CallQueue:
    return CallQueue(CallQueueId("support"), "support", (A, B, C), routing=routing, **fields)


def agent(user: UserId, **fields: Any) -> AgentState:
    free = AgentState(user, is_registered=True, is_busy=False, is_offered=False, idle_since=0.0)
    return replace(free, **fields)


FREE = (agent(A), agent(B), agent(C))


def rung(chosen: CallQueue, agents: tuple[AgentState, ...] = FREE, **how: Any) -> list[UserId]:
    return list(select_agents(chosen, agents, **how).value.agents)


def test_attendant_rings_everyone() -> None:
    assert rung(queue(RoutingMethod.ATTENDANT)) == [A, B, C]


@pytest.mark.parametrize("method", [RoutingMethod.SERIAL, RoutingMethod.ROUND_ROBIN])
def test_one_after_the_other_and_round_again(method: RoutingMethod) -> None:
    order: list[UserId] = []
    cursor = None
    for _ in range(4):
        selection = select_agents(queue(method), FREE, cursor=cursor).value
        cursor = selection.cursor
        order += selection.agents
    assert order == [A, B, C, A]


def test_serial_callers_start_at_the_top_and_round_robin_goes_on() -> None:
    assert cursor_belongs_to_caller(RoutingMethod.SERIAL)
    assert not cursor_belongs_to_caller(RoutingMethod.ROUND_ROBIN)


def test_a_taken_agent_is_passed_over_and_keeps_the_order() -> None:
    agents = (agent(A), agent(B, is_busy=True), agent(C))
    assert rung(queue(RoutingMethod.ROUND_ROBIN), agents, cursor=A) == [C]


def test_the_only_free_agent_rings_again() -> None:
    agents = (agent(A, is_busy=True), agent(B), agent(C, is_busy=True))
    assert rung(queue(RoutingMethod.SERIAL), agents, cursor=B) == [B]


def test_a_cursor_that_left_the_queue_starts_at_the_top() -> None:
    assert rung(queue(RoutingMethod.ROUND_ROBIN), cursor=UserId("gone")) == [A]


def test_nobody_free_keeps_the_cursor() -> None:
    agents = tuple(agent(user, is_busy=True) for user in (A, B, C))
    selection = select_agents(queue(RoutingMethod.ROUND_ROBIN), agents, cursor=B).value
    assert (selection.agents, selection.cursor) == ((), B)


def test_longest_idle_rings_two_of_three_for_one_call() -> None:
    agents = (agent(A, idle_since=30), agent(B, idle_since=10), agent(C, idle_since=20))
    assert rung(queue(RoutingMethod.LONGEST_IDLE), agents) == [B, C]


def test_longest_idle_rings_one_each_when_calls_are_as_many_as_agents() -> None:
    agents = (agent(A, idle_since=30), agent(B, idle_since=10), agent(C, idle_since=20))
    assert rung(queue(RoutingMethod.LONGEST_IDLE), agents, waiting_count=3) == [B]


@pytest.mark.parametrize("method", RoutingMethod)
@pytest.mark.parametrize(
    "absence", [{"is_registered": False}, {"is_opted_in": False}, {"is_offered": True}]
)
def test_the_absent_never_ring_whatever_presence(
    method: RoutingMethod, absence: dict[str, bool]
) -> None:
    agents = (agent(A, **absence), agent(B))
    assert rung(queue(method, presence_based=False), agents) == [B]


@pytest.mark.parametrize(
    ("method", "rings"),
    [
        (RoutingMethod.ATTENDANT, [A, B]),
        (RoutingMethod.SERIAL, [A]),
        (RoutingMethod.ROUND_ROBIN, [A]),
        (RoutingMethod.LONGEST_IDLE, [B]),  # presence is forced on (SPEC 5.2)
    ],
)
def test_busy_agents_ring_only_without_presence(method: RoutingMethod, rings: list[UserId]) -> None:
    agents = (agent(A, is_busy=True), agent(B))
    assert rung(queue(method, presence_based=False), agents) == rings
    assert rung(queue(method), agents) == [B]


@pytest.mark.parametrize(
    ("max_waiting", "waiting", "expected"),
    [(50, 49, False), (50, 50, True), (2, 1, False), (2, 2, True), (0, 0, True)],
)
def test_overflow_counts_those_who_wait(max_waiting: int, waiting: int, expected: bool) -> None:
    full = queue(RoutingMethod.ATTENDANT, max_waiting=max_waiting)
    assert is_overflowing(full, waiting) is expected
