"""`callwright queues watch`: who waits, what agents do, and the figures of the day."""

import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from callwright.cli.client import Api, ApiRefused, reached_api
from callwright.cli.failures import told
from callwright.cli.places import Reach
from callwright.cli.tables import WIDTH_WITHOUT_TERMINAL, harmless, print_json

if TYPE_CHECKING:
    from rich.console import RenderableType

Board = Mapping[str, Any]
_NONE = "-"
_PASSING = (0, 503)
"""Statuses of a server that is not reached, or not there."""


def watch(
    reach: Reach, queues: Sequence[str], *, every_s: float, once: bool, as_json: bool
) -> None:
    """Until it is interrupted, unless ``once``; JSON is written once, too."""
    with told(ApiRefused), reached_api(reach, read_only=True) as api:
        boards = _boards(api, queues)
        if as_json:
            print_json(boards)
        elif once or not sys.stdout.isatty():
            _print(boards)
        else:
            _keep_showing(boards, lambda: _boards(api, queues), every_s)


def _boards(api: Api, queues: Sequence[str]) -> list[Board]:
    """Raises ApiRefused; a queue that is not there is named."""
    boards: list[Board] = api.get("/live/call-queues", {"queue": list(queues) or None})["items"]
    missing = set(queues) - {board["queue"] for board in boards}
    if missing:
        raise ApiRefused(f"there is no call queue {', '.join(sorted(missing))}", 404)
    return boards


def _print(boards: Sequence[Board]) -> None:
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else WIDTH_WITHOUT_TERMINAL)
    console.print(shown(boards))


def _keep_showing(boards: list[Board], read: Callable[[], list[Board]], every_s: float) -> None:
    from rich.live import Live

    with Live(shown(boards), auto_refresh=False, screen=True) as live:
        try:
            while True:
                time.sleep(every_s)
                live.update(shown_or_why_not(read), refresh=True)
        except KeyboardInterrupt:
            return


def shown_or_why_not(read: Callable[[], list[Board]]) -> "RenderableType":
    """A board on a wall outlives a restart of the server. Raises ApiRefused for what will not pass
    by itself."""
    from rich.text import Text

    try:
        return shown(read())
    except ApiRefused as error:
        if error.status not in _PASSING:
            raise
        return Text(harmless(str(error)))


def shown(boards: Sequence[Board]) -> "RenderableType":
    from rich.console import Group

    columns = (
        "queue", "waiting", "longest", "service level", "agents",
        "today: offered", "answered", "abandoned", "mean wait", "level",
    )  # fmt: skip
    return Group(
        _table(columns, map(_summary, boards)),
        "",
        _table(
            ("queue", "place", "caller", "name", "waits", "priority", "state", "rings"),
            (_caller(board, each) for board in boards for each in board["waiting"]),
        ),
        "",
        _table(
            ("queue", "agent", "state", "for", "left", "talks with", "reason", "supervisor"),
            (_agent(board, each) for board in boards for each in board["agents"]),
        ),
    )


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> "RenderableType":
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(harmless(cell)) for cell in row))
    return table


def _summary(board: Board) -> tuple[str, ...]:
    today, counts = board["today"], board["agent_counts"]
    return (
        board["queue"],
        str(board["waiting_count"]),
        _span(board["longest_wait_s"]),
        _share(board["service_level"]),
        ", ".join(f"{count} {state}" for state, count in sorted(counts.items())) or _NONE,
        str(today["offered"]),
        str(today["answered"]),
        str(today["abandoned"]),
        _span(today["mean_wait_s"]),
        _share(today["service_level"]),
    )


def _caller(board: Board, caller: Board) -> tuple[str, ...]:
    return (
        board["queue"],
        str(caller["position"]),
        caller["caller"],
        caller["name"] or _NONE,
        _span(caller["waited_s"]),
        str(caller["priority"]),
        caller["state"],
        ", ".join(caller["ringing"]) or _NONE,
    )


def _agent(board: Board, agent: Board) -> tuple[str, ...]:
    return (
        board["queue"],
        agent["agent"],
        agent["state"],
        _span(agent["for_s"]),
        _span(agent["left_s"]),
        agent["talks_with"] or _NONE,
        agent["reason"] or _NONE,
        f"{agent['supervisor']} ({agent['supervision']})" if agent["supervisor"] else _NONE,
    )


def _span(seconds: float | None) -> str:
    """``1:04:30``; what is not known is no time."""
    if seconds is None:
        return _NONE
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _share(share: float | None) -> str:
    return _NONE if share is None else f"{share:.0%}"
