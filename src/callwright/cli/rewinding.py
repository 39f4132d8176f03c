"""Acts on the history of the configuration: what was changed, and taking it back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import typer

from callwright.cli.changes import change_of, print_answer, print_changes
from callwright.cli.client import Api, ApiRefused, reached_api
from callwright.cli.consent import agreed
from callwright.cli.failures import told
from callwright.cli.places import Reach
from callwright.cli.tables import print_json, print_table
from callwright.operations.plan import Change

COLUMNS = ("revision", "at", "by", "change", "why")


def show_history(
    reach: Reach,
    *,
    as_json: bool,
    limit: int,
    kind: str | None,
    key: str | None,
    actor: str | None,
    revision: int | None,
    since: datetime | None,
    until: datetime | None,
) -> None:
    query = {
        "kind": kind,
        "key": key,
        "actor": actor,
        "revision": revision,
        "since": _instant(since),
        "until": _instant(until),
    }
    with told(ApiRefused), reached_api(reach, read_only=True) as api:
        entries = list(api.pages("/history", query, most=limit))
    if as_json:
        print_json(entries)
    else:
        print_table(COLUMNS, map(_row, entries))


def show_difference(reach: Reach, earlier: int, later: int | None, *, as_json: bool) -> None:
    with told(ApiRefused), reached_api(reach, read_only=True) as api:
        until = _newest(api) if later is None else later
        found = api.get("/difference", {"earlier": earlier, "later": until})
    changes = [change_of(each) for each in found["changes"]]
    print_changes(changes, as_json=as_json, verb="changed")


def undo(
    reach: Reach, revision: int, *, yes: bool, dry_run: bool, why: str | None, as_json: bool
) -> None:
    path = f"/history/{revision}/undo"
    question = f"Undo revision {revision}?"
    _rewind(reach, path, {}, question, yes=yes, dry_run=dry_run, why=why, as_json=as_json)


def roll_back(
    reach: Reach, revision: int, *, yes: bool, dry_run: bool, why: str | None, as_json: bool
) -> None:
    query = {"to_revision": revision}
    question = f"Make everything what it was at revision {revision}?"
    _rewind(reach, "/rollback", query, question, yes=yes, dry_run=dry_run, why=why, as_json=as_json)


def _rewind(
    reach: Reach,
    path: str,
    query: Mapping[str, int],
    question: str,
    *,
    yes: bool,
    dry_run: bool,
    why: str | None,
    as_json: bool,
) -> None:
    """Who is asked sees first what would change."""
    with told(ApiRefused), reached_api(reach) as api:
        if dry_run or not yes:
            planned = api.ask("POST", path, query=query, why=why, dry_run=True)
            print_answer(planned, as_json=as_json, verb="would change")
            if dry_run or not planned["changes"]:
                return
            agreed(question, yes=yes)
        done = api.ask("POST", path, query=query, why=why)
        print_answer(done, as_json=as_json, verb="changed")


def newest_change_of(api: Api, change: Change) -> Mapping[str, Any] | None:
    """The history's last entry of what a change is about."""
    query = {"kind": change.kind, "key": change.key}
    return next(api.pages("/history", query, most=1), None)


def said_of(entry: Mapping[str, Any]) -> str:
    """``revision 7, 2026-12-25T17:00:00.000Z, by alice (account)``."""
    return f"revision {entry['revision']}, {entry['at']}, by {_actor(entry)}"


def _newest(api: Api) -> int:
    entry = next(api.pages("/history", {}, most=1), None)
    return 0 if entry is None else int(entry["revision"])


def _row(entry: Mapping[str, Any]) -> tuple[str, ...]:
    change = change_of(entry)
    about = change.subject if change.kind != "order" else f"order of {change.key}"
    signs = {"add": "+", "change": "~", "remove": "-"}
    fields = ", ".join(field.path for field in change.fields if field.path)
    shown = f"{signs[change.action]} {about}" + (f": {fields}" if fields else "")
    why = entry["why"] or "-"
    return str(entry["revision"]), str(entry["at"]), _actor(entry), shown, str(why)


def _actor(entry: Mapping[str, Any]) -> str:
    return f"{entry['by']['name']} ({entry['by']['kind']})"


def _instant(at: datetime | None) -> str | None:
    """A time without a zone is one of this machine."""
    if at is None:
        return None
    try:
        return at.astimezone().isoformat()
    except (OverflowError, OSError):
        raise typer.BadParameter(f"{at} is out of reach") from None
