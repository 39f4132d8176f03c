"""Reports as tables for people, CSV for spreadsheets and JSON for programs."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import typer

from callwright.calls.record import CallResult
from callwright.calls.visits import AttendantResult, QueueResult
from callwright.cli.civil_time import for_people
from callwright.cli.client import ApiRefused, reached_api
from callwright.cli.failures import told
from callwright.cli.new_files import write_new
from callwright.cli.places import Reach
from callwright.cli.tables import print_json, print_table
from callwright.operations.reports.csv_text import csv_text

Item = Mapping[str, Any]
Query = Mapping[str, str | None]


class Shown(Enum):
    TABLE = "table"
    CSV = "csv"
    JSON = "json"

    @classmethod
    def of(cls, *, as_csv: bool, as_json: bool) -> "Shown":
        if as_csv and as_json:
            raise typer.BadParameter("write --csv or --json")
        return cls.CSV if as_csv else cls.JSON if as_json else cls.TABLE


@dataclass(frozen=True, slots=True)
class Columns:
    """What a table shows of an item, and what a spreadsheet gets; a heading names each."""

    table: Mapping[str, Callable[[Item], object]]
    sheet: Mapping[str, Callable[[Item], object]]


def field(name: str) -> Callable[[Item], object]:
    return lambda item: item[name]


def fields(*names: str) -> dict[str, Callable[[Item], object]]:
    return {name: field(name) for name in names}


def seconds(name: str) -> Callable[[Item], object]:
    return lambda item: "-" if item[name] is None else f"{item[name]:.1f} s"


def results_of(kind: type[Enum]) -> dict[str, Callable[[Item], object]]:
    def count(result: Enum) -> Callable[[Item], object]:
        return lambda item: item["results"].get(result.value, 0)

    return {result.value: count(result) for result in kind}


def _listed(item: Item) -> str:
    return ", ".join(f"{count} {result}" for result, count in item["results"].items())


def _sent(item: Item) -> str:
    return ", ".join(
        f"{each['count']} to {each['target'] or each['final_action'] or each['result']}"
        for each in item["destinations"]
    )


def _level(item: Item) -> str:
    level = item["service_level"]
    share = level["share"]
    return "-" if share is None else f"{100 * share:.0f} % in {level['threshold_s']} s"


def _ratio(item: Item) -> str:
    if item["effectiveness"] is None:
        return "-"
    doubt = "" if item["is_telling"] else " (few calls)"
    return f"{item['effectiveness']:.1f} %{doubt}"


QUEUES = Columns(
    {
        **fields("queue", "offered", "answered", "abandoned"),
        "wait before answer": seconds("mean_wait_before_answer_s"),
        "before giving up": seconds("mean_wait_before_abandon_s"),
        "longest": seconds("longest_wait_s"),
        "service level": _level,
        "results": _listed,
        "sent on": _sent,
    },
    {
        **fields("queue", "offered", "answered", "abandoned", "mean_wait_before_answer_s"),
        **fields("mean_wait_before_abandon_s", "longest_wait_s"),
        "service_level_threshold_s": lambda item: item["service_level"]["threshold_s"],
        "service_level": lambda item: item["service_level"]["share"],
        **results_of(QueueResult),
    },
)
ATTENDANTS = Columns(
    {
        **fields("attendant", "callers"),
        "mean stay": seconds("mean_stay_s"),
        "longest": seconds("longest_stay_s"),
        "results": _listed,
        "sent on": _sent,
    },
    {
        **fields("attendant", "callers", "mean_stay_s", "longest_stay_s"),
        **results_of(AttendantResult),
    },
)
_AGENT = fields("queue", "presented", "answered", "missed", "declined", "withdrawn")
_TALK = {"talk": seconds("talk_total_s"), "mean talk": seconds("talk_mean_s")}
_TALK_S = fields("talk_total_s", "talk_mean_s")
_WHO: dict[str, Callable[[Item], object]] = {"agent": lambda item: item["agent"] or "all"}
AGENTS = Columns({**_WHO, **_AGENT, **_TALK}, {**_WHO, **_AGENT, **_TALK_S})
TIMELINE = Columns(
    {**fields("since"), **_WHO, **_AGENT, **_TALK},
    {**fields("since", "until"), **_WHO, **_AGENT, **_TALK_S},
)
VOLUME = Columns(
    fields("since", "offered", "answered", "abandoned", "mean_opted_in"),
    fields("since", "until", "offered", "answered", "abandoned", "mean_opted_in"),
)
TRUNKS = Columns(
    {
        **fields("sbc", "calls"),
        "mean duration": seconds("mean_duration_s"),
        "effectiveness": _ratio,
        "results": _listed,
    },
    {
        **fields("sbc", "calls", "mean_duration_s", "effectiveness"),
        **results_of(CallResult),
    },
)
PSTN = (
    "invite_time", "call_type", "caller", "callee", "name", "duration_s", "success",
    "final_sip_code", "final_sip_phrase", "sbc",
)  # fmt: skip
_TIMES = frozenset({"since", "until", "started_at", "ended_at", "invite_time"})


def span_of(since: datetime | None, until: datetime | None) -> dict[str, str | None]:
    """Without a zone: the API takes it for the organisation's."""
    return {
        "since": None if since is None else since.isoformat(),
        "until": None if until is None else until.isoformat(),
    }


def path_of(*parts: str) -> str:
    first, *rest = parts
    return "/".join((first, *(quote(part, safe="") for part in rest)))


def show(reach: Reach, path: str, query: Query, columns: Columns, *, kind: Shown) -> None:
    """A report, whose span and zone stand above the table."""
    with told(ApiRefused), reached_api(reach, read_only=True) as api:
        report = api.get(path, dict(query))
    items, zone = report["items"], ZoneInfo(report["timezone"])
    if kind is Shown.JSON:
        print_json(report)
    elif kind is Shown.CSV:
        _print_csv(columns.sheet, items)
    else:
        since, until = (_at(report[edge], zone) for edge in ("since", "until"))
        print(f"from {since} to {until} ({zone.key})")
        rows = [[_cell(name, read(item), zone) for name, read in columns.table.items()]
                for item in items]  # fmt: skip
        print_table(tuple(columns.table), rows) if rows else print("nobody came in this time")


def show_list(
    reach: Reach,
    path: str,
    query: Query,
    *,
    limit: int,
    kind: Shown,
    columns: Sequence[str] = (),
) -> None:
    """Entries one by one; ``columns`` is what a table shows of them, if not all."""
    with told(ApiRefused), reached_api(reach, read_only=True) as api:
        items = list(api.pages(path, dict(query), most=limit))
    if kind is Shown.JSON:
        print_json(items)
    elif not items:
        print("nobody came in this time", file=sys.stderr if kind is Shown.CSV else sys.stdout)
    elif kind is Shown.CSV:
        _print_csv(fields(*items[0]), items)
    else:
        names = columns or [name for name in items[0] if name not in _LEFT_OUT]
        print_table(names, [[_cell(name, item[name], _UTC) for name in names] for item in items])


_UTC = ZoneInfo("UTC")
_LEFT_OUT = frozenset(
    {"account", "ended_at", "chain_index", "agent_count", "opted_in_count", "search",
     "callback_of", "target_type", "priority"}
)  # fmt: skip
"""What a table of callers has no room for."""


def save_usage(reach: Reach, span: Query, file: Path) -> None:
    """Writes the archive whole, or not at all."""
    with told(ApiRefused, OSError), reached_api(reach, read_only=True) as api:
        archive = api.download("/reports/pstn/archive", dict(span))
        write_new(file, archive)
    print(f"{file} has {len(archive)} octets")


def _print_csv(columns: Mapping[str, Callable[[Item], object]], items: Sequence[Item]) -> None:
    text = csv_text(tuple(columns), [[read(item) for read in columns.values()] for item in items])
    sys.stdout.write(text)


def _cell(name: str, value: object, zone: ZoneInfo) -> str:
    if value is None:
        return "-"
    if name in _TIMES and isinstance(value, str):
        return _at(value, zone)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _at(text: str, zone: ZoneInfo) -> str:
    return for_people(datetime.fromisoformat(text), zone)
