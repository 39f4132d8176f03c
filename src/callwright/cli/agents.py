"""`callwright agents`: who takes calls of queues now, opting in and out, pauses, wrap-up."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import quote

import typer

from callwright.cli.groups import ListsByItself
from callwright.cli.places import JsonOption, Reach, reached
from callwright.kernel.limits.agents import WRAP_UP_LEFT_S_MAX
from callwright.kernel.limits.commands import LISTED_MAX

agents_app = typer.Typer(name="agents", help="Agents of call queues.", cls=ListsByItself)
Agent = Annotated[str, typer.Argument(metavar="AGENT", help="A user.")]
Queues = Annotated[
    list[str] | None, typer.Option("--queue", metavar="QUEUE", help="Again for each; else all.")
]
COLUMNS = ("agent", "state", "since", "with", "queue", "pause", "queues")


@agents_app.command("list")
@reached
def list_agents(
    reach: Reach,
    queue: Annotated[str | None, typer.Option(help="The agents of one, in its order.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=LISTED_MAX)] = LISTED_MAX,
    as_json: JsonOption = False,
) -> None:
    """List agents and what they do; what plain `agents` does, too."""
    from callwright.cli.client import ApiRefused, reached_api
    from callwright.cli.failures import told
    from callwright.cli.tables import print_json, print_table

    with told(ApiRefused), reached_api(reach, read_only=True) as api:
        if queue is None:
            found = list(api.pages("/agents", {}, most=limit))
        else:
            found = api.get(f"/call-queues/{quote(queue, safe='')}/agents")["items"][:limit]
    if as_json:
        print_json(found)
    else:
        print_table(COLUMNS, map(_row, found))


@agents_app.command("opt-out")
@reached
def opt_out(reach: Reach, agent: Agent, queue: Queues = None) -> None:
    """Let queues ring the agent no more."""
    _act(reach, agent, "opt-out", {"queues": queue or None})


@agents_app.command("opt-in")
@reached
def opt_in(reach: Reach, agent: Agent, queue: Queues = None) -> None:
    """Let queues ring the agent again."""
    _act(reach, agent, "opt-in", {"queues": queue or None})


@agents_app.command("pause")
@reached
def pause(
    reach: Reach,
    agent: Agent,
    reason: Annotated[str | None, typer.Option(help="Which may be from a list.")] = None,
) -> None:
    """Let no queue ring the agent for a while."""
    _act(reach, agent, "pause", {"reason": reason})


@agents_app.command("resume")
@reached
def resume(reach: Reach, agent: Agent) -> None:
    """End a pause, and wrap-up with it."""
    _act(reach, agent, "resume", None)


@agents_app.command("wrap-up")
@reached
def wrap_up(
    reach: Reach,
    agent: Agent,
    extend_s: Annotated[
        float | None, typer.Option(min=1, max=WRAP_UP_LEFT_S_MAX, help="So much longer.")
    ] = None,
) -> None:
    """End an agent's wrap-up, or extend it; asks a running server (--server)."""
    if extend_s is None:
        _act(reach, agent, "wrap-up", None, method="DELETE")
    else:
        _act(reach, agent, "wrap-up", {"extend_s": extend_s})


def _act(reach: Reach, agent: str, act: str, body: object, *, method: str = "POST") -> None:
    from callwright.cli.client import ApiRefused, reached_api
    from callwright.cli.failures import told

    with told(ApiRefused), reached_api(reach) as api:
        after = api.ask(method, f"/agents/{quote(agent, safe='')}/{act}", body=body)
    print(_told(after))


def _told(agent: Mapping[str, Any]) -> str:
    """``alice is offline, paused (Lunch), opted in: support, sales``."""
    state = agent["condition"] or "an agent; no server runs that knows more"
    parts = (f"{agent['agent']} is {state}", _pause(agent), _queues(agent["queues"]))
    return ", ".join(filter(None, parts))


def _pause(agent: Mapping[str, Any]) -> str:
    """``paused (Lunch)``; empty: does not pause."""
    reason = "" if agent["reason"] is None else f" ({agent['reason']})"
    return f"paused{reason}" if agent["paused"] else ""


def _queues(memberships: Sequence[Mapping[str, Any]] | None) -> str:
    if memberships is None:
        return "-"
    ins = ", ".join(each["queue"] for each in memberships if each["opted_in"])
    outs = ", ".join(each["queue"] for each in memberships if not each["opted_in"])
    parts = [f"opted in: {ins}" if ins else "", f"out: {outs}" if outs else ""]
    return "; ".join(filter(None, parts))


def _row(agent: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        agent["agent"],
        agent["condition"] or "-",
        agent["since"] or "-",
        agent["talks_with"] or "-",
        agent["in_queue"] or "-",
        _pause(agent) or "-",
        _queues(agent["queues"]),
    )
