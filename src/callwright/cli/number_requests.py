"""Requests about numbers, and what is told of their answers."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from callwright.cli.changes import print_answer
from callwright.cli.client import Api, ApiRefused, reached_api
from callwright.cli.failures import told
from callwright.cli.places import Reach


def write(
    reach: Reach,
    path: str,
    body: Mapping[str, object],
    *,
    why: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Posts, and prints what changed, or would."""
    with told(ApiRefused), reached_api(reach) as api:
        post(api, path, given(body), why=why, dry_run=dry_run, as_json=as_json)


def assign(
    reach: Reach,
    wish: Mapping[str, object],
    holder: str,
    *,
    why: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """``holder`` is a resource account where there is one of that name, else a user."""
    with told(ApiRefused), reached_api(reach) as api:
        field = "resource_account" if _is_account(api, holder) else "user"
        body = {"assignments": [given({**wish, field: holder})]}
        post(api, "/numbers/assign", body, why=why, dry_run=dry_run, as_json=as_json)


def post(
    api: Api,
    path: str,
    body: Mapping[str, object],
    *,
    why: str | None,
    dry_run: bool,
    as_json: bool,
) -> Any:
    """Prints what changed, or would, and returns the answer. Raises ApiRefused."""
    answer = api.ask("POST", path, body=body, why=why, dry_run=dry_run)
    print_answer(answer, as_json=as_json, verb="would change" if dry_run else "changed")
    return answer


def _is_account(api: Api, key: str) -> bool:
    try:
        api.get(f"/resource-accounts/{quote(key, safe='')}")
    except ApiRefused as error:
        if error.status in (403, 404, 422):  # not there, or not for who asks
            return False
        raise
    return True


def given(body: Mapping[str, object]) -> dict[str, object]:
    """Without what was not said."""
    return {name: value for name, value in body.items() if value is not None}
