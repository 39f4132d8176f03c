"""`callwright queues calls`: calls of one queue, one by one."""

from typing import Annotated
from urllib.parse import quote

import typer

from callwright.calls.visits import HistoryKind
from callwright.cli.places import JsonOption, Reach, reached
from callwright.cli.reports import CsvOption, LimitOption, SinceOption, UntilOption
from callwright.kernel.limits.commands import LISTED_DEFAULT

CALLERS = ("started_at", "kind", "caller", "wait_s", "agent", "result", "target", "call")
MADE = ("started_at", "agent", "called", "result", "duration_s", "call")


@reached
def list_queue_calls(
    reach: Reach,
    queue: Annotated[str, typer.Argument(metavar="QUEUE")],
    kind: Annotated[
        HistoryKind | None, typer.Option(help="All that you may see, unless told.")
    ] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    limit: LimitOption = LISTED_DEFAULT,
    as_csv: CsvOption = False,
    as_json: JsonOption = False,
) -> None:
    """List calls that it shares with you, the newest first."""
    from callwright.cli import report_tables as tables

    query = {**tables.span_of(since, until), "kind": kind and kind.value}
    shown = tables.Shown.of(as_csv=as_csv, as_json=as_json)
    path = f"/call-queues/{quote(queue, safe='')}/calls"
    columns = MADE if kind is HistoryKind.OUTBOUND else CALLERS
    tables.show_list(reach, path, query, limit=limit, kind=shown, columns=columns)
