"""Numbers as tables, JSON and CSV, and a bulk upload with its bar."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import typer
from pydantic import JsonValue

from callwright.cli import number_desk
from callwright.cli.civil_time import for_people, for_programs
from callwright.cli.places import Where
from callwright.cli.stored import stored, zone_of
from callwright.cli.tables import print_json, print_table
from callwright.domains.numbers.formats import BadNumber, read_number
from callwright.domains.numbers.inventory import Filter
from callwright.domains.numbers.model import NumberKind, NumberSource
from callwright.domains.numbers.spans import Span
from callwright.domains.numbers.states import Capability, Standing, Status
from callwright.kernel.e164 import E164
from callwright.operations.numbers import listing
from callwright.operations.numbers.desk import NumberDesk
from callwright.operations.numbers.story import story
from callwright.operations.numbers.upload_rows import BadUpload, UploadRow, read_rows
from callwright.operations.numbers.uploading import Uploaded, upload
from callwright.storage.history import StoredHistory

COLUMNS = ("number", "status", "held by", "kind", "source", "tags", "block")
HISTORY_COLUMNS = ("at", "by", "whose", "what", "why")
Form = Literal["table", "json", "csv"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters as they were typed."""

    status: Status | None
    capability: Capability | None
    kind: NumberKind | None
    source: NumberSource | None
    tag: str | None
    within: str | None
    search: str

    def filter(self) -> Filter:
        """Raises typer.BadParameter."""
        span = None if self.within is None else _span(self.within)
        return Filter(
            self.status, self.capability, self.kind, self.source, self.tag, span, self.search
        )


def _span(text: str) -> Span:
    try:
        return listing.read_span(text)
    except BadNumber as error:
        raise typer.BadParameter(str(error)) from None


def _after(text: str | None) -> E164 | None:
    try:
        return None if text is None else read_number(text)
    except BadNumber as error:
        raise typer.BadParameter(str(error)) from None


def show(where: Where, wanted: Wanted, *, limit: int, after: str | None, form: Form) -> None:
    chosen, begin = wanted.filter(), _after(after)
    with number_desk.opened(where, read_only=True) as desk:
        view = desk.view()
        if form == "csv":
            for line in listing.written_csv(view.inventory.walk(chosen, view.now, after=begin)):
                sys.stdout.write(line)
            return
        found = listing.page(view, chosen, after=begin, limit=limit + 1)
    shown = found[:limit]
    if form == "json":
        print_json([_json(standing) for standing in shown])
    elif shown:
        print_table(COLUMNS, map(_row, shown))
    else:
        print("no number passes; leave a filter out")
    if len(found) > limit:
        print(f"... and more: --after {shown[-1].number}", file=sys.stderr)


def show_one(where: Where, number: str, *, as_json: bool) -> None:
    with number_desk.opened(where, read_only=True) as desk:
        standing, holdings = listing.look_up(desk.view(), number)
        if as_json:
            print_json(_json(standing))
            return
        entry = standing.entry
        held = ", ".join(f"{h} as {h.number}" for h in holdings)
        until = "" if standing.block is None else f" {standing.block}"
        for label, text in (
            ("number", standing.number),
            ("status", standing.status.value),
            ("held by", held or "nobody"),
            ("kind", entry.kind.value),
            ("source", entry.source.value + (", ported" if entry.is_ported else "")),
            ("for", ", ".join(sorted(c.value for c in entry.capabilities))),
            ("place", ", ".join(filter(None, (entry.city, entry.country, entry.location))) or "-"),
            ("tags", ", ".join(standing.tags) or "-"),
            ("block", standing.block_state.value + until),
            ("entry", entry.key),
        ):
            print(f"{label:8} {text}")


def show_history(where: Where, number: str, *, limit: int, as_json: bool) -> None:
    (line,) = number_desk.lines([number])
    with stored(where) as database:
        zone = zone_of(database)
        events = story(StoredHistory(database), line.base, before=None, limit=limit)
    if as_json:
        print_json(
            [
                {
                    "revision": event.revision,
                    "at": for_programs(event.at),
                    "by": str(event.by),
                    "why": event.why,
                    "subject": event.subject,
                    "changes": list(event.changes),
                }
                for event in events
            ]
        )
        return
    rows = [
        (
            for_people(event.at, zone),
            str(event.by),
            event.subject,
            "; ".join(event.changes),
            event.why or "-",
        )
        for event in events
    ]
    print_table(HISTORY_COLUMNS, rows)


def show_quotas(where: Where, *, as_json: bool) -> None:
    with number_desk.opened(where, read_only=True) as desk:
        lines = listing.quotas(desk.view())
    if as_json:
        print_json([{"kind": q.kind.value, "most": q.most, "held": q.held} for q in lines])
        return
    print_table(
        ("kind", "may be had", "held"), [(q.kind.value, str(q.most), str(q.held)) for q in lines]
    )


def bring(
    where: Where,
    file: Path,
    default: Mapping[str, JsonValue],
    *,
    good_ones: bool,
    why: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Exit status 1 when a line was left out."""
    rows = _read(file)
    with number_desk.opened(where) as desk:
        done = _with_bar(desk, rows, default, good_ones=good_ones, why=why, dry_run=dry_run)
    if as_json:
        print_json(
            {
                "id": done.id,
                "rows": done.rows,
                "added": done.added,
                "present": done.present,
                "mistakes": [
                    {"row": m.row, "number": m.number, "code": m.code, "text": m.text}
                    for m in done.mistakes
                ],
            }
        )
    else:
        verb = "would be added" if dry_run else "added"
        print(f"{done.added} {verb}, {done.present} were there, {len(done.mistakes)} left out")
    for mistake in done.mistakes:
        print(f"{file}:{mistake.row}: {mistake.text}", file=sys.stderr)
    if done.mistakes:
        raise typer.Exit(1)


def _with_bar(
    desk: NumberDesk,
    rows: list[UploadRow],
    default: Mapping[str, JsonValue],
    *,
    good_ones: bool,
    why: str | None,
    dry_run: bool,
) -> Uploaded:
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("reading", total=len(rows))
        return upload(
            desk,
            rows,
            number_desk.act(why, dry_run=dry_run),
            default=default,
            good_ones=good_ones,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )


def _read(file: Path) -> list[UploadRow]:
    try:
        return read_rows(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise typer.BadParameter(f"{file} is not UTF-8; save it as UTF-8") from None
    except BadUpload as error:
        raise typer.BadParameter(f"{file} {error}") from None


def _json(standing: Standing) -> dict[str, object]:
    entry = standing.entry
    until = None if standing.block is None else standing.block.until
    return {
        "number": standing.number,
        "status": standing.status.value,
        "holders": [
            {
                "kind": h.holder_kind.value,
                "key": h.holder,
                "line": h.line.value,
                "number": str(h.number),
            }
            for h in standing.holdings
        ],
        "kind": entry.kind.value,
        "source": entry.source.value,
        "capabilities": sorted(capability.value for capability in entry.capabilities),
        "country": entry.country,
        "city": entry.city,
        "location": entry.location,
        "tags": list(standing.tags),
        "ported": entry.is_ported,
        "block": standing.block_state.value,
        "blocked_until": for_programs(until),
        "entry": entry.key,
    }


def _row(standing: Standing) -> tuple[str, ...]:
    return (
        standing.number,
        standing.status.value,
        ", ".join(map(str, standing.holdings)) or "-",
        standing.entry.kind.value,
        standing.entry.source.value,
        ", ".join(standing.tags) or "-",
        "-" if standing.block is None else str(standing.block),
    )
