"""Acts on entries of a collection: list, show, set, add, remove; all over the API."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import typer

from callwright.cli.changes import print_answer
from callwright.cli.client import Api, ApiRefused, reached_api
from callwright.cli.collections import Collection
from callwright.cli.consent import agreed
from callwright.cli.failures import told
from callwright.cli.places import Reach
from callwright.cli.tables import print_json, print_table
from callwright.operations.organisation_file.layout import inline, laid_out

FIELD_DEPTH_MAX = 8


def show_all(
    reach: Reach, of: Collection, query: Mapping[str, Any], *, limit: int, as_json: bool
) -> None:
    with told(ApiRefused), reached_api(reach, read_only=True) as api:
        found = list(api.pages(f"/{of.path}", query, most=limit))
    if as_json:
        print_json(found)
    else:
        print_table(("key", *of.columns), (_row(each, of) for each in found))


def _row(entry: Mapping[str, Any], of: Collection) -> tuple[str, ...]:
    settings = entry["settings"]
    shown = (settings.get(name) if isinstance(settings, dict) else None for name in of.columns)
    return (entry["key"], *("-" if value in (None, []) else _text(value) for value in shown))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else inline(value)


def show(reach: Reach, of: Collection, key: str, *, as_json: bool) -> None:
    with told(ApiRefused), reached_api(reach, read_only=True) as api:
        settings = api.get(_path(of, key))
    if as_json:
        print_json(settings)
    else:
        print(laid_out(key, settings), end="")


def change(
    reach: Reach,
    of: Collection,
    key: str,
    fields: Sequence[str],
    *,
    dry_run: bool,
    why: str | None,
    as_json: bool,
) -> None:
    patch = _fields(fields)
    with told(ApiRefused), reached_api(reach) as api:
        _write(api, "PATCH", of, key, patch, dry_run=dry_run, why=why, as_json=as_json)


def add(
    reach: Reach,
    of: Collection,
    key: str,
    fields: Sequence[str],
    *,
    dry_run: bool,
    why: str | None,
    as_json: bool,
) -> None:
    """One that is there already is refused, not changed."""
    settings = _fields(fields)
    headers = {"If-None-Match": "*"}
    with told(ApiRefused), reached_api(reach) as api:
        _write(api, "PUT", of, key, settings, headers, dry_run=dry_run, why=why, as_json=as_json)


def remove(
    reach: Reach,
    of: Collection,
    key: str,
    *,
    yes: bool,
    dry_run: bool,
    why: str | None,
    as_json: bool,
) -> None:
    with told(ApiRefused), reached_api(reach) as api:
        if not dry_run:
            api.get(_path(of, key))
            agreed(f"Remove {of.one} {key}?", yes=yes)
        _write(api, "DELETE", of, key, None, dry_run=dry_run, why=why, as_json=as_json)


def _write(
    api: Api,
    method: str,
    of: Collection,
    key: str,
    body: object,
    headers: Mapping[str, str] | None = None,
    *,
    dry_run: bool,
    why: str | None,
    as_json: bool,
) -> None:
    answer = api.ask(method, _path(of, key), body=body, headers=headers, why=why, dry_run=dry_run)
    if dry_run:
        print_answer(answer, as_json=as_json, verb="would change")
    elif as_json:
        print_json(answer)
    else:
        done = {"PATCH": "changed", "PUT": "added", "DELETE": "removed"}[method]
        print(f"{of.one} {key} is {done}")
    for caution in api.cautions:
        typer.echo(f"caution: {caution}", err=as_json)


def _path(of: Collection, key: str) -> str:
    return f"/{of.path}/{quote(key, safe='')}"


def _fields(texts: Sequence[str]) -> dict[str, Any]:
    """``sip.password=x`` is text, ``alert_s:=20`` JSON. Raises typer.BadParameter."""
    found: dict[str, Any] = {}
    for text in texts:
        name, mark, value = text.partition("=")
        steps = name.removesuffix(":").split(".")
        if not mark or not all(steps) or len(steps) > FIELD_DEPTH_MAX:
            raise typer.BadParameter(f"{text!r} is neither FIELD=TEXT nor FIELD:=JSON")
        content: Any = value
        if name.endswith(":"):
            try:
                content = json.loads(value)
            except (ValueError, RecursionError):
                hint = f"{value!r} is no JSON; for text write {name.removesuffix(':')}={value}"
                raise typer.BadParameter(hint) from None
        here = found
        for step in steps[:-1]:
            here = here.setdefault(step, {})
            if not isinstance(here, dict):
                raise typer.BadParameter(f"{text!r}: {step} was given a value before")
        here[steps[-1]] = content
    return found
