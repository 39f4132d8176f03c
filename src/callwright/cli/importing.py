"""Acts of `callwright import`: users of a table into the organisation, Teams into a file."""

import csv
import os
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from callwright.cli.client import Api, ApiRefused, reached_api
from callwright.cli.consent import agreed
from callwright.cli.failures import told
from callwright.cli.places import Reach
from callwright.cli.tables import print_json, print_table
from callwright.kernel.limits.api import IMPORT_ROUNDS_MAX
from callwright.kernel.limits.commands import (
    IMPORT_FILE_BYTES_MAX,
    IMPORT_MISTAKES_SHOWN,
    LISTED_MAX,
)
from callwright.operations.importers.csv_users import (
    BadTable,
    Row,
    RowMistake,
    Table,
    read_table,
    with_passwords,
)

PREVIEW_ROWS = 10
PASSWORD_BYTES = 15
STEPS = 4
_POSITION = re.compile(r"/upserts/(\d+)(?:/settings)?/?(.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    licences: tuple[str, ...]
    is_update: bool
    skips_bad: bool
    passwords: Path | None
    """Where to write those that are made; None: none are."""
    yes: bool
    is_dry_run: bool
    why: str
    as_json: bool


class ImportRefused(Exception):
    """Nothing was taken in; its text has a line for each row that is wrong."""


def take_users(file: Path, reach: Reach, choices: Choices) -> None:
    with (
        told(ApiRefused, BadTable, ImportRefused, OSError),
        _progress(choices) as step,
        reached_api(reach) as api,
    ):
        step(f"reading {file.name}")
        table = read_table(_content(file), licences=choices.licences)
        step("looking who is there")
        revision = _revision(api)  # first: what changes while they are read is noticed
        there = {each["key"]: each["settings"] for each in api.pages("/users", {}, most=LISTED_MAX)}
        rows, bad = _sorted_out(table, there, choices)
        step(f"checking {len(rows)} users")
        rows, bad = _checked(api, rows, bad, there, revision, choices)
        step(None)
        _preview(table, rows, choices)
        if choices.is_dry_run or not rows:
            _tell(rows, bad, there, choices)
            return
        agreed(f"Take in {len(rows)} users?", yes=choices.yes)
        step(f"writing {len(rows)} users")
        body = _body(rows, there, revision, choices)
        with _kept_passwords(table, rows, choices):
            api.ask("POST", "/changes", body=body)
        step(None)
        _tell(rows, bad, there, choices)


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(IMPORT_FILE_BYTES_MAX + 1)
    except OSError as error:
        raise BadTable(f"{file}: cannot be read: {error.strerror or error}") from None


def _sorted_out(
    table: Table, there: Mapping[str, Any], choices: Choices
) -> tuple[list[Row], list[RowMistake]]:
    bad = list(table.mistakes)
    rows: list[Row] = []
    for row in table.rows:
        if row.key in there and not choices.is_update:
            text = "is there already; add --update to change who is there"
            bad.append(RowMistake(row.line, row.key, text))
        else:
            rows.append(row)
    if choices.passwords is not None:
        new = [row for row in rows if row.key not in there]
        given = {row.key: row for row in with_passwords(new, _new_password)}
        rows = [given.get(row.key, row) for row in rows]
    return rows, bad


def _checked(
    api: Api,
    rows: list[Row],
    bad: list[RowMistake],
    there: Mapping[str, Any],
    revision: int,
    choices: Choices,
) -> tuple[list[Row], list[RowMistake]]:
    """Asks what would be wrong; with ``skips_bad`` without those that are, until nothing is.

    Raises ImportRefused.
    """
    for _ in range(IMPORT_ROUNDS_MAX):
        refused: dict[int, str] = {}
        if rows:
            refused = _wrong(api, _body(rows, there, revision, choices))
        bad += [RowMistake(rows[at].line, rows[at].key, text) for at, text in refused.items()]
        if bad and not choices.skips_bad:
            raise ImportRefused(_lines(bad))
        if not refused:
            return rows, bad
        rows = [row for at, row in enumerate(rows) if at not in refused]
    raise ImportRefused("too many rows depend on others that are wrong; correct those first")


def _wrong(api: Api, body: Mapping[str, Any]) -> dict[int, str]:
    """By position; empty where all of it fits. Raises ApiRefused for what is about no row."""
    try:
        api.ask("POST", "/changes", body=body, dry_run=True)
    except ApiRefused as error:
        found: dict[int, str] = {}
        for mistake in error.mistakes:
            place = _POSITION.fullmatch(str(mistake.get("pointer", "")))
            if place is not None:
                text = "; ".join(str(mistake[w]) for w in ("detail", "remedy") if mistake.get(w))
                field = place[2].replace("/", ".")
                found.setdefault(int(place[1]), f"{field}: {text}" if field else text)
        if not found:
            raise
        return found
    return {}


def _revision(api: Api) -> int:
    """What the configuration is at; whoever may import may ask a change of nothing for it."""
    return int(api.ask("POST", "/changes", body={}, dry_run=True)["revision"])


def _body(
    rows: Sequence[Row], there: Mapping[str, Any], revision: int, choices: Choices
) -> dict[str, JsonValue]:
    upserts: list[JsonValue] = [
        {"kind": "user", "key": row.key, "settings": _settings(row, there.get(row.key), choices)}
        for row in rows
    ]
    return {"upserts": upserts, "why": choices.why, "expected_revision": revision}


def _settings(row: Row, stored: Mapping[str, Any] | None, choices: Choices) -> dict[str, JsonValue]:
    """Of who is there, only what the table says becomes another."""
    if stored is None:
        return dict(row.settings)
    merged: dict[str, JsonValue] = dict(stored)
    for name, value in row.settings.items():
        before = merged.get(name)
        if isinstance(before, dict) and isinstance(value, dict):
            merged[name] = before | value
        elif name != "licences" or value:
            merged[name] = value
    return merged


@contextmanager
def _kept_passwords(table: Table, rows: Sequence[Row], choices: Choices) -> Iterator[None]:
    """Before they are stored: what is stored is shown to nobody. Those of users who are refused
    are nobody's; where it is not known, they stay."""
    if choices.passwords is None:
        yield
        return
    _write_passwords(choices.passwords, table, rows)
    try:
        yield
    except ApiRefused as error:
        if 400 <= error.status < 500:
            choices.passwords.unlink(missing_ok=True)
        raise


def _write_passwords(place: Path, table: Table, rows: Sequence[Row]) -> None:
    own = {row.key for row in table.rows if "sip" in row.settings}
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(place, flags, 0o600), "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("user", "password"))
        for row in rows:
            sip = row.settings.get("sip")
            if row.key not in own and isinstance(sip, dict):
                writer.writerow((row.key, sip["password"]))


def _new_password() -> str:
    return secrets.token_urlsafe(PASSWORD_BYTES)


def _preview(table: Table, rows: Sequence[Row], choices: Choices) -> None:
    if choices.as_json or choices.yes:
        return
    shown = [
        (str(row.line), row.key, *(str(row.settings.get(name, "-")) for name in _SHOWN))
        for row in rows[:PREVIEW_ROWS]
    ]
    print_table(("line", "user", *_SHOWN), shown)
    if len(rows) > PREVIEW_ROWS:
        print(f"... and {len(rows) - PREVIEW_ROWS} more")
    for column, meaning in table.columns.items():
        print(f"column {column!r} is the {meaning}")
    for column in table.unknown:
        print(f"column {column!r} is left out: nobody knows what it means")


_SHOWN = ("name", "number", "extension", "licences")


def _tell(
    rows: Sequence[Row], bad: Sequence[RowMistake], there: Mapping[str, Any], choices: Choices
) -> None:
    changed = sum(row.key in there for row in rows)
    if choices.as_json:
        taken: list[dict[str, object]] = [
            {
                "line": row.line,
                "user": row.key,
                "result": "changed" if row.key in there else "added",
                "because": None,
            }
            for row in rows
        ]
        left = [
            {"line": each.line, "user": each.key, "result": "left out", "because": each.text}
            for each in bad
        ]
        print_json(sorted((*taken, *left), key=lambda each: str(each["line"]).zfill(9)))
        return
    if bad:
        print(_lines(bad))
    would = "would be " if choices.is_dry_run else ""
    print(f"{len(rows) - changed} {would}added, {changed} {would}changed, {len(bad)} left out")


def _lines(bad: Sequence[RowMistake]) -> str:
    found = sorted(bad, key=lambda each: each.line)
    lines = [
        f"line {each.line}: {each.key}: {each.text}"
        if each.key
        else f"line {each.line}: {each.text}"
        for each in found[:IMPORT_MISTAKES_SHOWN]
    ]
    if len(found) > IMPORT_MISTAKES_SHOWN:
        lines.append(f"... and {len(found) - IMPORT_MISTAKES_SHOWN} more")
    return "\n".join(lines)


@contextmanager
def _progress(choices: Choices) -> Iterator[Any]:
    """A bar on the terminal; what comes after it is printed when it is gone."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    task = progress.add_task("", total=STEPS)

    def step(what: str | None) -> None:
        if what is None:
            progress.stop()
        else:
            progress.start()
            progress.update(task, description=what, advance=1)

    try:
        yield step
    finally:
        progress.stop()
