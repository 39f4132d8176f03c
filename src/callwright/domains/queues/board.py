"""A queue's live view as boards and programs read it: words, instants, and seconds until now.

Instants tell; seconds are worked out of them by whoever reads (``aged``), so that a view that was
written a moment ago is right all the same.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from callwright.domains.queues.supervision import SupervisionState
from callwright.domains.queues.view import AgentView, QueueView, WaitingView
from callwright.kernel.instants import iso_utc, iso_utc_or_none

Board = Mapping[str, Any]


class TooManyFollowers(Exception):
    """As many follow the boards as may."""


def board_of(view: QueueView, supervisions: Iterable[SupervisionState] = ()) -> Board:
    """Of JSON values only, without seconds."""
    by_agent = {state.agent: state for state in supervisions}
    return {
        "queue": view.queue,
        "service_level": view.service_level,
        "idle_wait_s": round(view.oldest_idle_wait_s, 1),
        "waiting": [_waiting(caller) for caller in view.waiting],
        "agents": [_agent(agent, by_agent.get(agent.agent)) for agent in view.agents],
        "agent_counts": Counter(agent.condition.value for agent in view.agents),
    }


def aged(board: Board, now: datetime) -> dict[str, Any]:
    """The board with how long everything has lasted at ``now`` (UTC)."""
    waiting = [{**caller, "waited_s": _since(caller["since"], now)} for caller in board["waiting"]]
    waits = [caller["waited_s"] for caller in waiting]
    return {
        **board,
        "at": iso_utc(now),
        "waiting_count": len(waiting),
        "longest_wait_s": max(waits, default=None),
        "mean_wait_s": round(sum(waits) / len(waits), 1) if waits else None,
        "waiting": waiting,
        "agents": [_aged_agent(agent, now) for agent in board["agents"]],
    }


def _waiting(caller: WaitingView) -> Board:
    return {
        "call": caller.call,
        "caller": caller.caller,
        "name": caller.name,
        "since": iso_utc(caller.since),
        "position": caller.position,
        "priority": caller.priority,
        "state": caller.state.value,
        "ringing": list(caller.ringing),
    }


def _agent(agent: AgentView, supervision: SupervisionState | None) -> Board:
    return {
        "agent": agent.agent,
        "state": agent.condition.value,
        "since": iso_utc_or_none(agent.since),
        "until": iso_utc_or_none(agent.until),
        "talks_with": agent.talks_with,
        "in_queue": agent.in_queue,
        "reason": agent.reason,
        "supervisor": None if supervision is None else supervision.supervisor,
        "supervision": None if supervision is None else supervision.mode.value,
    }


def _aged_agent(agent: Board, now: datetime) -> Board:
    since, until = agent["since"], agent["until"]
    left_s = None if until is None else max(0.0, -_elapsed(until, now))
    return {
        **agent,
        "for_s": None if since is None else _since(since, now),
        "left_s": None if left_s is None else round(left_s, 1),
    }


def _since(at: str, now: datetime) -> float:
    return round(max(0.0, _elapsed(at, now)), 1)


def _elapsed(at: str, now: datetime) -> float:
    return (now - datetime.fromisoformat(at)).total_seconds()
