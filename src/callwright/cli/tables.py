"""Lists: a table for people, JSON for programs."""

import json
import sys
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from callwright.calls.record import CallRecord
from callwright.calls.record_form import record_form
from callwright.cli.civil_time import for_people

WIDTH_WITHOUT_TERMINAL = 160
LEFT_OUT = frozenset({"state", "visits", "legs"})


def print_json(value: object) -> None:
    text = json.dumps(value, indent=1, ensure_ascii=False)
    print("".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    from rich.console import Console  # programs, which ask for JSON, need not wait for it
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*map(harmless, row))
    console = Console(width=None if sys.stdout.isatty() else WIDTH_WITHOUT_TERMINAL)
    console.print(table, markup=False)


def harmless(text: str) -> str:
    """What reaches a terminal must not command it, whoever wrote it and whenever it was stored."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def call_as_json(record: CallRecord) -> dict[str, object]:
    """What a list shows of a call: everything but its way and how its legs sounded."""
    return {name: value for name, value in record_form(record).items() if name not in LEFT_OUT}


CALL_COLUMNS = (
    "started", "caller", "callee", "direction", "result", "talk", "status", "reason", "charge", "id"
)  # fmt: skip


def call_row(record: CallRecord, zone: ZoneInfo) -> tuple[str, ...]:
    charge = "-" if record.charge is None else f"{record.charge} {record.charge.currency}"
    return (
        for_people(record.started_at, zone),
        record.caller,
        record.callee,
        record.direction.value,
        record.result.value,
        f"{record.duration_s:.1f} s",
        str(record.sip_status),
        record.reason.code,
        charge,
        record.id,
    )
