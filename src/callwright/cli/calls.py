"""`callwright calls`, `trace` and `explain`: what happened, and what would happen."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from callwright.calls.record import CallResult, Direction
from callwright.cli.groups import ListsByItself
from callwright.cli.places import JsonOption, Where, placed

calls_app = typer.Typer(name="calls", help="What happened.", cls=ListsByItself)


@calls_app.command("list")
@placed
def calls_list(
    where: Where,
    as_json: JsonOption = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = 1_000,
    before: Annotated[str | None, typer.Option(metavar="ID", help="Older than this one.")] = None,
    caller: str | None = None,
    callee: str | None = None,
    user: Annotated[str | None, typer.Option(help="Who called or was called.")] = None,
    result: CallResult | None = None,
    direction: Direction | None = None,
    queue: Annotated[str | None, typer.Option(help="That the call waited in.")] = None,
    attendant: Annotated[str | None, typer.Option(help="That answered it.")] = None,
    agent: Annotated[str | None, typer.Option(help="Whom a queue rang for it.")] = None,
    since: Annotated[datetime | None, typer.Option(help="Organisation's local time.")] = None,
    running: Annotated[bool, typer.Option("--running", help="Those that run, instead.")] = False,
) -> None:
    """List calls, the newest first; what plain `calls` does, too."""
    from callwright.cli import history

    if running:
        return history.show_running(where, as_json=as_json, limit=limit)

    history.show_calls(
        where,
        as_json=as_json,
        limit=limit,
        before=before,
        caller=caller,
        callee=callee,
        user=user,
        result=result,
        direction=direction,
        queue=queue,
        attendant=attendant,
        agent=agent,
        since=since,
    )


@calls_app.command("show")
@placed
def calls_show(
    where: Where,
    call: Annotated[str, typer.Argument(metavar="ID", help="As `calls list` shows it.")],
    as_json: JsonOption = False,
) -> None:
    """Show what became of a call, why, and how it sounded; one that runs, how it sounds."""
    from callwright.cli import history

    history.show_call(where, call, as_json=as_json)


@placed
def trace_call(
    where: Where,
    call: Annotated[
        str | None, typer.Argument(metavar="CALL", help="Its id, or a SIP Call-ID of it.")
    ] = None,
    last: Annotated[bool, typer.Option("--last", help="The call that began last.")] = False,
    messages: Annotated[
        bool, typer.Option("--messages", help="The messages themselves, without secrets.")
    ] = False,
    pcap: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a capture for Wireshark there.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Draw the SIP messages of all legs of a call; works while the server runs."""
    from callwright.cli.trace import show_trace

    if (call is None) != last:
        raise typer.BadParameter("name either a call or --last")
    show_trace(where, call, as_json=as_json, whole=messages, pcap=pcap)


@placed
def explain(
    where: Where,
    caller: Annotated[str, typer.Option("--from", help="User, extension, number or web page.")],
    dialled: Annotated[str, typer.Option("--to", help="What is dialled.")],
    org: Annotated[Path | None, typer.Option(metavar="FILE")] = None,
    at: Annotated[
        str | None, typer.Option(help="Organisation's local time, 2026-12-25T09:00; else now.")
    ] = None,
    keys: Annotated[
        str | None,
        typer.Option(help='Pressed in menus, a group after each prompt: "1 2 102#".'),
    ] = None,
    says: Annotated[
        list[str] | None, typer.Option(help="Said in menus, after the keys; may be repeated.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say what would happen to a call, step by step and why; needs no server."""
    from callwright.cli import organisation
    from callwright.routing.scripted_caller import read_acts

    try:
        acts = read_acts(keys, says or ())
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--keys") from None
    asked = organisation.AskedCall(caller, dialled, at, acts)
    organisation.explain(org, where, asked, as_json=as_json)
