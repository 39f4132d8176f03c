"""Who changed what, when and why; taking it back (the audit log; append-only)."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel

from callwright.api.authorisation import Caller, allowed
from callwright.api.documents import PLAN, REFS, json_body, problems
from callwright.api.edits import Asked, asked, change_as_json, changed, crossed
from callwright.api.entity_kinds import entity_kinds
from callwright.api.field_access import refuse_change
from callwright.api.idempotency import Keeper, once
from callwright.api.masking import masked
from callwright.api.paging import (
    LIMIT_DEFAULT,
    CursorText,
    Limit,
    Page,
    page_of,
    paged,
    read_cursor,
)
from callwright.api.problems import Mistake, not_found, refused
from callwright.domains.access.model import Permission
from callwright.kernel.instants import iso_utc
from callwright.kernel.limits.api import API_SEARCH_CHARS_MAX
from callwright.operations.administration import Applied, Companion, EditConflict
from callwright.operations.configuration import EditRefused
from callwright.operations.history import HistoryEntry, HistoryFilter, Rewinder
from callwright.operations.organisation_file.entities import ORDER
from callwright.operations.plan import Change
from callwright.operations.revision import RevisionConflict
from callwright.storage.history import StoredHistory

REVISION_MAX = 2**53
Revision = Annotated[int, Path(ge=1, le=REVISION_MAX)]
AtRevision = Annotated[int, Query(ge=0, le=REVISION_MAX)]
Text = Annotated[str | None, Query(max_length=API_SEARCH_CHARS_MAX)]
Reader = Annotated[Caller, Depends(allowed(Permission.AUDIT_READ))]
Rewriter = Annotated[Caller, Depends(allowed(Permission.AUDIT_WRITE))]
Options = Annotated[Asked, Depends(asked)]
PLANNED: dict[int | str, dict[str, Any]] = {
    200: json_body({"$ref": REFS + PLAN}, "What was changed, or would be by a dry run.")
}

router = APIRouter(tags=["history"])


class Difference(BaseModel):
    changes: list[dict[str, Any]]


@router.get(
    "/history",
    operation_id="list_history",
    response_model=Page,
    responses=problems(401, 403, 422),
)
async def list_history(
    caller: Reader,
    kind: Text = None,
    key: Text = None,
    actor: Text = None,
    revision: Annotated[int | None, Query(ge=0, le=REVISION_MAX)] = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    cursor: CursorText = None,
    limit: Limit = LIMIT_DEFAULT,
) -> Response:
    """Newest first; one entry for each entity of each change. ``until`` is not included."""
    wanted = HistoryFilter(kind, key, actor, revision, since, until)
    place = read_cursor(cursor, int)
    before = None if place is None else place[0]
    history = StoredHistory(caller.tenant.database)
    return await paged(
        lambda: page_of(
            history.page(wanted, before=before, limit=limit + 1),
            limit,
            shown=entry_as_json,
            place=lambda entry: (entry.number,),
        )
    )


@router.get(
    "/history/{revision}",
    operation_id="get_revision",
    response_model=Page,
    responses=problems(401, 403, 404, 422),
)
async def get_revision(caller: Reader, revision: Revision) -> Response:
    """Everything that one change did."""
    return await paged(lambda: _revision(caller, revision))


@router.get("/difference", operation_id="get_difference", responses=problems(401, 403, 422))
async def get_difference(caller: Reader, earlier: AtRevision, later: AtRevision) -> Difference:
    """What changed after one revision until another."""
    changes = await asyncio.to_thread(
        _refusing(lambda: _rewinder(caller).difference(earlier, later))
    )
    return Difference(changes=[dict(change_as_json(change)) for change in changes])


@router.post(
    "/history/{revision}/undo",
    operation_id="undo_revision",
    responses=problems(401, 403, 404, 409, 422) | PLANNED,
)
async def post_undo(
    request: Request, caller: Rewriter, revision: Revision, options: Options
) -> Response:
    """Gives every entity that a change touched its former settings back, unless it was changed
    again."""
    return await _rewind(
        request,
        caller,
        options,
        lambda seen, beside: _rewinder(caller).undo(
            revision,
            by=caller.actor,
            now=caller.tenant.utc(),
            why=options.why,
            dry_run=seen is None,
            beside=beside,
        ),
    )


@router.post(
    "/rollback", operation_id="roll_back", responses=problems(401, 403, 409, 422) | PLANNED
)
async def post_rollback(
    request: Request, caller: Rewriter, to_revision: AtRevision, options: Options
) -> Response:
    """Makes the configuration what it was at a revision; that is a change like any other."""
    return await _rewind(
        request,
        caller,
        options,
        lambda seen, beside: _rewinder(caller).rollback(
            to_revision,
            by=caller.actor,
            why=options.why,
            expected_revision=seen,
            dry_run=seen is None,
            beside=beside,
        ),
    )


def _revision(caller: Caller, revision: int) -> Page:
    entries = StoredHistory(caller.tenant.database).of_revision(revision)
    if not entries:
        raise not_found("revision", str(revision))
    return Page(items=[entry_as_json(entry) for entry in entries], next=None, total=len(entries))


def entry_as_json(entry: HistoryEntry) -> dict[str, Any]:
    """Passwords and PINs read ``(secret)``."""
    change = entry.change
    return {
        "number": entry.number,
        "revision": entry.revision,
        "at": iso_utc(entry.at),
        "by": {"kind": entry.by.kind, "name": entry.by.name},
        "why": entry.why,
        "undoes": entry.undoes,
        "kind": entry.kind,
        "key": entry.key,
        "action": _action(entry),
        "fields": [] if change is None else change_as_json(change)["fields"],
        "before": masked(entry.before),
        "after": masked(entry.after),
    }


def _action(entry: HistoryEntry) -> str:
    return "add" if entry.before is None else "remove" if entry.after is None else "change"


def _rewinder(caller: Caller) -> Rewinder:
    tenant = caller.tenant
    return Rewinder(tenant.administration, StoredHistory(tenant.database))


async def _rewind(
    request: Request,
    caller: Caller,
    options: Asked,
    act: Callable[[int | None, Sequence[Companion]], Applied],
) -> Response:
    """``act`` is told at which revision the permissions were looked at; None: it changes nothing.

    Who takes a change back needs the permission to make it, beside the one to take back at all.
    """

    def rewind(keeper: Keeper) -> Response:
        foreseen = act(None, ())
        for change in foreseen.changes:
            _check_write(caller, change)
        if options.is_dry_run:
            return changed(foreseen)
        return changed(act(foreseen.revision, keeper.companions(changed)))

    async def rewound(keeper: Keeper) -> Response:
        response: Response = await asyncio.to_thread(_refusing(lambda: rewind(keeper)))
        return response

    return await once(request, caller, rewound)


def _check_write(caller: Caller, change: Change) -> None:
    """Raises Problem (403)."""
    kind = entity_kinds().get("organisation" if change.kind == ORDER else change.kind)
    if kind is None:
        allowed(Permission.NUMBERS_WRITE).check(caller)
    else:
        refuse_change(caller, kind, change)


def _refusing(act: Callable[[], Any]) -> Callable[[], Any]:
    """Raises Problem: 409, 422."""

    def refusing() -> Any:
        try:
            return act()
        except EditRefused as error:
            raise refused(
                [Mistake.at((), "invalid", str(finding)) for finding in error.problems]
            ) from None
        except (EditConflict, RevisionConflict):
            raise crossed() from None

    return refusing
