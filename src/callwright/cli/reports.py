"""`callwright reports`: what attendants, queues, agents and trunks did."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from callwright.calls.visits import AttendantResult, QueueResult
from callwright.cli.places import JsonOption, Reach, reached
from callwright.kernel.limits.commands import LISTED_DEFAULT, LISTED_MAX
from callwright.operations.reports.span import BinWidth

reports_app = typer.Typer(
    name="reports", help="What attendants, queues, agents and trunks did.", no_args_is_help=True
)
SinceOption = Annotated[
    datetime | None, typer.Option(help="Organisation's local time; 7 days ago unless told.")
]
UntilOption = Annotated[datetime | None, typer.Option(help="Not included; now unless told.")]
CsvOption = Annotated[bool, typer.Option("--csv", help="For spreadsheets (RFC 4180).")]
CallersOption = Annotated[bool, typer.Option("--callers", help="One by one, newest first.")]
ByOption = Annotated[BinWidth | None, typer.Option("--by", help="In steps of the clock.")]
LimitOption = Annotated[int, typer.Option(min=1, max=LISTED_MAX, help="At most so many callers.")]
QueueOption = Annotated[str | None, typer.Option(metavar="KEY")]
AgentOption = Annotated[str | None, typer.Option(metavar="KEY", help="A user.")]


@reports_app.command("attendants")
@reached
def report_attendants(
    reach: Reach,
    attendant: Annotated[str | None, typer.Option(metavar="KEY")] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    callers: CallersOption = False,
    result: Annotated[AttendantResult | None, typer.Option(help="With --callers.")] = None,
    limit: LimitOption = LISTED_DEFAULT,
    as_csv: CsvOption = False,
    as_json: JsonOption = False,
) -> None:
    """How callers left attendants, how long they stayed, and where they were sent."""
    from callwright.cli import report_tables as tables

    query = {**tables.span_of(since, until), "attendant": attendant}
    kind = tables.Shown.of(as_csv=as_csv, as_json=as_json)
    if callers or result is not None:
        wanted = {**query, "result": result and result.value}
        tables.show_list(reach, "/reports/attendants/callers", wanted, limit=limit, kind=kind)
    else:
        tables.show(reach, "/reports/attendants", query, tables.ATTENDANTS, kind=kind)


@reports_app.command("queues")
@reached
def report_queues(
    reach: Reach,
    queue: QueueOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    by: ByOption = None,
    callers: CallersOption = False,
    agent: Annotated[str | None, typer.Option(metavar="KEY", help="Who answered.")] = None,
    result: Annotated[QueueResult | None, typer.Option(help="With --callers.")] = None,
    threshold_s: Annotated[
        int | None, typer.Option(min=0, help="Of the service level, for queues that set none.")
    ] = None,
    limit: LimitOption = LISTED_DEFAULT,
    as_csv: CsvOption = False,
    as_json: JsonOption = False,
) -> None:
    """Volume, results, waits, service level and destinations; or callers, or volume --by hour."""
    from callwright.cli import report_tables as tables

    query = {**tables.span_of(since, until), "queue": queue}
    kind = tables.Shown.of(as_csv=as_csv, as_json=as_json)
    if callers or agent is not None or result is not None:
        wanted = {**query, "agent": agent, "result": result and result.value}
        tables.show_list(reach, "/reports/queues/callers", wanted, limit=limit, kind=kind)
    elif by is not None:
        wanted = {**query, "by": by.value}
        tables.show(reach, "/reports/queues/volume", wanted, tables.VOLUME, kind=kind)
    else:
        wanted = {**query, "threshold_s": None if threshold_s is None else str(threshold_s)}
        tables.show(reach, "/reports/queues", wanted, tables.QUEUES, kind=kind)


@reports_app.command("agents")
@reached
def report_agents(
    reach: Reach,
    agent: AgentOption = None,
    queue: QueueOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    by: ByOption = None,
    as_csv: CsvOption = False,
    as_json: JsonOption = False,
) -> None:
    """What agents were presented, answered and missed, and how long they talked."""
    from callwright.cli import report_tables as tables

    query = {**tables.span_of(since, until), "queue": queue}
    kind = tables.Shown.of(as_csv=as_csv, as_json=as_json)
    if by is None:
        wanted = {**query, "agent": agent}
        tables.show(reach, "/reports/agents", wanted, tables.AGENTS, kind=kind)
    else:
        whose = () if agent is None else (agent,)
        path = tables.path_of("/reports/agents", *whose, "timeline")
        tables.show(reach, path, {**query, "by": by.value}, tables.TIMELINE, kind=kind)


@reports_app.command("pstn")
@reached
def report_pstn(
    reach: Reach,
    since: SinceOption = None,
    until: UntilOption = None,
    file: Annotated[
        Path | None,
        typer.Option("--zip", metavar="FILE", help="Write all columns there, in an archive."),
    ] = None,
    limit: LimitOption = LISTED_DEFAULT,
    as_csv: CsvOption = False,
    as_json: JsonOption = False,
) -> None:
    """Calls from and to the public network, as usage reports have them."""
    from callwright.cli import report_tables as tables

    span = tables.span_of(since, until)
    if file is not None:
        return tables.save_usage(reach, span, file)
    kind = tables.Shown.of(as_csv=as_csv, as_json=as_json)
    tables.show_list(reach, "/reports/pstn", span, limit=limit, kind=kind, columns=tables.PSTN)


@reports_app.command("trunks")
@reached
def report_trunks(
    reach: Reach,
    since: SinceOption = None,
    until: UntilOption = None,
    as_csv: CsvOption = False,
    as_json: JsonOption = False,
) -> None:
    """How calls through each SBC ended, and how many the network spoiled."""
    from callwright.cli import report_tables as tables

    kind = tables.Shown.of(as_csv=as_csv, as_json=as_json)
    tables.show(reach, "/reports/trunks", tables.span_of(since, until), tables.TRUNKS, kind=kind)
