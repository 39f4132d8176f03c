"""Numbers as tables, JSON and CSV, and a bulk upload."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import typer

from callwright.api.paging import write_cursor
from callwright.cli.client import Api, ApiRefused, reached_api
from callwright.cli.failures import told
from callwright.cli.places import Reach
from callwright.cli.tables import print_json, print_table
from callwright.domains.numbers.formats import BadNumber, read_number
from callwright.kernel.limits.commands import IMPORT_FILE_BYTES_MAX
from callwright.kernel.limits.numbers import NUMBERS_PER_PAGE_MAX

COLUMNS = ("number", "status", "held by", "kind", "source", "tags", "block")
HISTORY_COLUMNS = ("at", "by", "whose", "what", "why")
Number = Mapping[str, Any]


def show(
    reach: Reach,
    query: Mapping[str, str | None],
    *,
    limit: int,
    after: str | None,
    as_json: bool,
) -> None:
    begin = None if after is None else write_cursor(_number(after))
    with told(ApiRefused), reached_api(reach, read_only=True) as api:
        page = api.get("/numbers", {**query, "limit": limit, "cursor": begin})
    if as_json:
        print_json(page["items"])
    elif page["items"]:
        print_table(COLUMNS, map(_row, page["items"]))
    else:
        print("no number passes; leave a filter out")
    if page["next"] is not None:
        print(f"... and more: --after {page['items'][-1]['number']}", file=sys.stderr)


def download(reach: Reach, query: Mapping[str, str | None]) -> None:
    """All that pass as CSV, page after page."""
    after: str | None = None
    with told(ApiRefused), reached_api(reach, read_only=True) as api:
        while True:
            cursor = None if after is None else write_cursor(after)
            part = {**query, "limit": NUMBERS_PER_PAGE_MAX, "cursor": cursor}
            header, *lines = api.get("/numbers/export", part).splitlines()
            for line in ([header] if after is None else []) + lines:
                print(line)
            if len(lines) < NUMBERS_PER_PAGE_MAX:
                return
            after = lines[-1].partition(",")[0]


def show_one(reach: Reach, number: str, *, as_json: bool) -> None:
    with told(ApiRefused), reached_api(reach, read_only=True) as api:
        found = api.get(f"/numbers/{quote(number, safe='')}")
    if as_json:
        print_json(found)
        return
    held = ", ".join(f"{_holder(h)} as {h['number']}" for h in found["holders"])
    places = (found["city"], found["country"], found["location"])
    for label, text in (
        ("number", found["number"]),
        ("status", found["status"]),
        ("held by", held or "nobody"),
        ("kind", found["kind"]),
        ("source", found["source"] + (", ported" if found["ported"] else "")),
        ("for", ", ".join(found["capabilities"])),
        ("place", ", ".join(filter(None, places)) or "-"),
        ("tags", ", ".join(found["tags"]) or "-"),
        ("block", " ".join(filter(None, (found["block"], found["blocked_until"])))),
        ("entry", found["entry"]),
    ):
        print(f"{label:8} {text}")


def show_history(reach: Reach, number: str, *, limit: int, as_json: bool) -> None:
    path = f"/numbers/{quote(number, safe='')}/history"
    with told(ApiRefused), reached_api(reach, read_only=True) as api:
        events = list(api.pages(path, {}, most=limit))
    if as_json:
        print_json(events)
        return
    rows = [
        (e["at"], e["by"], e["subject"], "; ".join(e["changes"]), e["why"] or "-") for e in events
    ]
    print_table(HISTORY_COLUMNS, rows)


def show_quotas(reach: Reach, *, as_json: bool) -> None:
    with told(ApiRefused), reached_api(reach, read_only=True) as api:
        lines = api.get("/numbers/quotas")["items"]
    if as_json:
        print_json(lines)
        return
    rows = [(line["kind"], str(line["most"]), str(line["held"])) for line in lines]
    print_table(("kind", "may be had", "held"), rows)


def bring(
    reach: Reach,
    file: Path,
    about: Mapping[str, object],
    *,
    why: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Exit status 1 when a line was left out."""
    body = {**about, "text": read_text(file)}
    with told(ApiRefused), reached_api(reach) as api:
        done = _with_bar(api, body, why=why, dry_run=dry_run)
    if as_json:
        print_json(done)
    else:
        verb = "would be added" if dry_run else "added"
        wrong = len(done["mistakes"])
        print(f"{done['added']} {verb}, {done['present']} were there, {wrong} left out")
    for mistake in done["mistakes"]:
        print(f"{file}:{mistake['row']}: {mistake['text']}", file=sys.stderr)
    if done["mistakes"]:
        raise typer.Exit(1)


def _with_bar(api: Api, body: Mapping[str, object], *, why: str | None, dry_run: bool) -> Any:
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        bar.add_task("adding numbers", total=None)
        return api.ask("POST", "/numbers/upload", body=body, why=why, dry_run=dry_run)


def read_text(file: Path) -> str:
    """Raises typer.BadParameter."""
    try:
        with file.open("rb") as opened:
            content = opened.read(IMPORT_FILE_BYTES_MAX + 1)
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror or error}") from None
    if len(content) > IMPORT_FILE_BYTES_MAX:
        raise typer.BadParameter(f"{file} is larger than {IMPORT_FILE_BYTES_MAX} bytes; split it")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise typer.BadParameter(f"{file} is not UTF-8; save it as UTF-8") from None


def _number(text: str) -> str:
    try:
        return read_number(text)
    except BadNumber as error:
        raise typer.BadParameter(str(error)) from None


def _holder(holder: Mapping[str, str]) -> str:
    line = "" if holder["line"] == "primary" else f" ({holder['line']} line)"
    return f"{holder['kind']} {holder['key']}{line}"


def _row(number: Number) -> tuple[str, ...]:
    block = "-" if number["block"] == "not-blocked" else number["blocked_until"] or "for ever"
    return (
        number["number"],
        number["status"],
        ", ".join(map(_holder, number["holders"])) or "-",
        number["kind"],
        number["source"],
        ", ".join(number["tags"]) or "-",
        block,
    )
