"""What the commands on schedules do, over the API."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import typer

from callwright.cli.changes import print_answer
from callwright.cli.client import Api, ApiRefused, reached_api
from callwright.cli.failures import told
from callwright.cli.places import Reach
from callwright.cli.tables import print_json, print_table
from callwright.domains.schedules.rules import wall_text

COLUMNS = ("from", "then")


@dataclass(frozen=True, slots=True)
class Wanted:
    standing: str
    until: str | None
    holiday: str | None


def show(reach: Reach, path: str, key: str, *, at: str | None, count: int, as_json: bool) -> None:
    with told(ApiRefused), reached_api(reach, read_only=True) as api:
        query: dict[str, str | int | None] = {"count": count}
        if at is not None:
            query["at"] = _instant(api, path, key, at)
        found = api.get(_place(path, key, "preview"), query)
    if as_json:
        print_json(found)
        return
    zone = ZoneInfo(found["zone"])
    now = found["now"]
    print(f"{key} {_words(now)}: {now['because']}")
    if found["override"] is not None:
        print(f"{found['override']['of']} was set by {found['override']['by']}")
    for caveat in found["caveats"]:
        print(f"caution: {caveat}")
    if found["changes"]:
        print_table(COLUMNS, (_row(change, zone) for change in found["changes"]))
    else:
        print(f"it stays so for more than a year ({zone.key})")


def show_holidays(reach: Reach, key: str, *, at: str | None, count: int, as_json: bool) -> None:
    """``at`` takes its offset with it, or is UTC: a set has no zone of its own."""
    query: dict[str, str | int | None] = {"count": count}
    if at is not None:
        instant = _read_time(at)
        query["at"] = (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).isoformat()
    with told(ApiRefused), reached_api(reach, read_only=True) as api:
        found = api.get(_place("holiday-sets", key, "preview"), query)
    if as_json:
        print_json(found)
        return
    if found["caveat"]:
        print(f"caution: {found['caveat']}")
    elif found["fetched_at"]:
        print(f"its calendar is the same since {found['fetched_at']}")
    rows = ((each["name"], *map(_wall, (each["begin"], each["end"]))) for each in found["holidays"])
    print_table(("holiday", "from", "until"), rows)


def _wall(text: str) -> str:
    return f"{datetime.fromisoformat(text):%A %Y-%m-%d %H:%M}"


def override(
    reach: Reach,
    path: str,
    key: str,
    wanted: Wanted,
    *,
    dry_run: bool,
    why: str | None,
    as_json: bool,
) -> None:
    with told(ApiRefused), reached_api(reach) as api:
        body: dict[str, object] = {"standing": wanted.standing}
        if wanted.until is not None:
            body["until"] = _instant(api, path, key, wanted.until)
        if wanted.holiday is not None:
            body["holiday"] = wanted.holiday
        place = _place(path, key, "override")
        answer = api.ask("PUT", place, body=body, why=why, dry_run=dry_run)
    until = "until it is lifted" if wanted.until is None else f"until {wanted.until}"
    _print_done(answer, f"{key} is {wanted.standing} {until}", dry_run=dry_run, as_json=as_json)


def lift(
    reach: Reach, path: str, key: str, *, dry_run: bool, why: str | None, as_json: bool
) -> None:
    with told(ApiRefused), reached_api(reach) as api:
        answer = api.ask("DELETE", _place(path, key, "override"), why=why, dry_run=dry_run)
    text = f"{key} follows its hours and holidays"
    _print_done(answer, text, dry_run=dry_run, as_json=as_json)


def _print_done(answer: Any, text: str, *, dry_run: bool, as_json: bool) -> None:
    if dry_run or as_json:
        print_answer(answer, as_json=as_json, verb="would change" if dry_run else "changed")
    else:
        print(text)


def _place(path: str, key: str, act: str) -> str:
    return f"/{path}/{quote(key, safe='')}/{act}"


def _instant(api: Api, path: str, key: str, text: str) -> str:
    """A time without an offset is in the zone of the schedule. Raises typer.BadParameter."""
    at = _read_time(text)
    if at.tzinfo is None:
        found = api.get(_place(path, key, "preview"), {"count": 0})
        at = at.replace(tzinfo=ZoneInfo(found["zone"]))
    return at.isoformat()


def _read_time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no time such as 2026-12-24T18:00") from None


def _row(change: dict[str, Any], zone: ZoneInfo) -> tuple[str, ...]:
    at = datetime.fromisoformat(change["at"]).astimezone(zone)
    return wall_text(at), _words(change)


def _words(situation: dict[str, Any]) -> str:
    if situation["holiday"] is not None:
        return f"keeps the holiday {situation['holiday']}"
    return f"is {situation['standing']}"
