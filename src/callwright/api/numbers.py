"""The inventory over HTTP: who has which number, assigning, blocking, tags, uploads, releases."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, JsonValue

from callwright.api.authorisation import Caller, allowed
from callwright.api.documents import PLAN, REFS, json_body, problems
from callwright.api.edits import Asked, asked, change_as_json
from callwright.api.number_desk import (
    look,
    perform,
    require_user_administrator,
    supplier_named,
    view_of,
)
from callwright.api.number_shapes import (
    AssignBody,
    AssignmentBody,
    BlockBody,
    NumbersBody,
    NumberShape,
    ReleaseBody,
    RemoveBody,
    TagBody,
    UploadBody,
    UploadRowBody,
    number_shape,
)
from callwright.api.paging import (
    LIMIT_DEFAULT,
    CursorText,
    Limit,
    Page,
    page_of,
    read_cursor,
    write_cursor,
)
from callwright.api.problems import Mistake, bad_parameter, not_found, refused
from callwright.domains.access.model import Permission
from callwright.domains.numbers.formats import BadNumber, read_line, read_number
from callwright.domains.numbers.inventory import Filter
from callwright.domains.numbers.model import NumberKind, NumberSource
from callwright.domains.numbers.spans import Span
from callwright.domains.numbers.states import Capability, HolderKind, Status
from callwright.kernel.api_limits import API_SEARCH_CHARS_MAX
from callwright.kernel.e164 import E164, LineNumber
from callwright.kernel.instants import iso_utc
from callwright.kernel.limits import NUMBERS_PER_PAGE_DEFAULT, NUMBERS_PER_PAGE_MAX
from callwright.operations.administration import Applied
from callwright.operations.numbers import assigning, listing, marking
from callwright.operations.numbers.desk import Act, NumberDesk
from callwright.operations.numbers.drawing import Assignment, Quarantine
from callwright.operations.numbers.releasing import release
from callwright.operations.numbers.story import NumberEvent, story
from callwright.operations.numbers.upload_rows import BadUpload, UploadRow, read_rows
from callwright.operations.numbers.uploading import Uploaded, upload
from callwright.operations.organisation_file.record_schema import NUMBER_UPLOAD
from callwright.storage.history import StoredHistory

NEXT = "Callwright-Next"
_TEXT = {"type": "string"}
router = APIRouter(prefix="/numbers", tags=["numbers"])
Reader = Annotated[Caller, Depends(allowed(Permission.NUMBERS_READ))]
Writer = Annotated[Caller, Depends(allowed(Permission.NUMBERS_WRITE))]
Options = Annotated[Asked, Depends(asked)]
Text = Annotated[str | None, Query(max_length=API_SEARCH_CHARS_MAX)]
NumberText = Annotated[str, Path(max_length=API_SEARCH_CHARS_MAX)]
WRITTEN = problems(400, 401, 403, 409, 422)
CHANGED: dict[int | str, dict[str, Any]] = {
    200: json_body({"$ref": REFS + PLAN}, "What was changed, or would be by a dry run.")
}


class QuotaShape(BaseModel):
    kind: NumberKind
    most: int
    held: int


class Quotas(BaseModel):
    items: list[QuotaShape]


class UploadedShape(BaseModel):
    id: str
    rows: int
    added: int
    present: int
    mistakes: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class ListQuery:
    wanted: Filter
    after: E164 | None
    limit: int


def list_query(
    status: Status | None = None,
    capability: Capability | None = None,
    kind: NumberKind | None = None,
    source: NumberSource | None = None,
    tag: Text = None,
    within: Annotated[
        str | None,
        Query(max_length=API_SEARCH_CHARS_MAX, description="+14255550100..+14255550119"),
    ] = None,
    q: Annotated[
        str,
        Query(max_length=API_SEARCH_CHARS_MAX, description="Digits, or a part of the holder."),
    ] = "",
    cursor: CursorText = None,
    limit: Annotated[int, Query(ge=1, le=NUMBERS_PER_PAGE_MAX)] = NUMBERS_PER_PAGE_DEFAULT,
) -> ListQuery:
    span: Span | None = None
    if within is not None:
        try:
            span = listing.read_span(within)
        except BadNumber as error:
            raise bad_parameter("within", "number-malformed", str(error)) from None
    place = read_cursor(cursor, str)
    after = None if place is None else E164.parse_or_none(place[0])
    wanted = Filter(status, capability, kind, source, tag, span, q)
    return ListQuery(wanted, after, limit)


Listed = Annotated[ListQuery, Depends(list_query)]


@router.get("", operation_id="list_numbers", responses=problems(401, 403, 409, 422))
async def list_numbers(caller: Reader, query: Listed) -> Page:
    """By number, a page at a time; all filters must hold."""
    return await asyncio.to_thread(_page, caller, query)


def _page(caller: Caller, query: ListQuery) -> Page:
    view = view_of(caller.tenant)
    found = listing.page(view, query.wanted, after=query.after, limit=query.limit + 1)
    items = found[: query.limit]
    following = write_cursor(items[-1].number) if len(found) > query.limit else None
    return Page(items=[number_shape(standing) for standing in items], next=following)


@router.get(
    "/export",
    operation_id="export_numbers",
    response_class=Response,
    responses=problems(401, 403, 409, 422)
    | {200: {"description": "All that pass.", "content": {"text/csv": {"schema": _TEXT}}}},
)
async def export_numbers(caller: Reader, query: Listed) -> Response:
    """CSV that an upload reads again, at most ``limit`` lines a time: ``cursor`` goes on."""
    return await asyncio.to_thread(_csv, caller, query)


def _csv(caller: Caller, query: ListQuery) -> Response:
    view = view_of(caller.tenant)
    found = listing.page(view, query.wanted, after=query.after, limit=query.limit + 1)
    lines = "".join(listing.written_csv(found[: query.limit]))
    response = Response(lines, media_type="text/csv; charset=utf-8")
    if len(found) > query.limit:
        response.headers[NEXT] = write_cursor(found[query.limit - 1].number)
    return response


@router.get("/quotas", operation_id="get_number_quotas", responses=problems(401, 403, 409))
async def get_quotas(caller: Reader) -> Quotas:
    """How many numbers the licences allow to order from a calling plan, and how many are held."""
    view = await asyncio.to_thread(view_of, caller.tenant)
    lines = listing.quotas(view)
    return Quotas(items=[QuotaShape(kind=q.kind, most=q.most, held=q.held) for q in lines])


@router.get(
    "/uploads/{id}", operation_id="get_number_upload", responses=problems(401, 403, 404, 409, 422)
)
async def get_upload(caller: Reader, id: NumberText) -> UploadedShape:
    """What became of an upload."""
    view = await asyncio.to_thread(view_of, caller.tenant)
    record = view.settings(NUMBER_UPLOAD, id)
    if record is None:
        raise not_found("upload", id)
    record.pop("at", None)
    return UploadedShape.model_validate({"id": id, "mistakes": [], **record})


@router.get(
    "/{number}",
    operation_id="get_number",
    responses=problems(401, 403, 404, 409, 422),
    response_model=NumberShape,
)
async def get_number(caller: Reader, number: NumberText) -> Response:
    """One number, and who has it: of ``+14255388701;ext=1001`` who has that extension."""
    return await look(caller, lambda desk: number_shape(*listing.look_up(desk.view(), number)))


@router.get(
    "/{number}/history",
    operation_id="get_number_history",
    responses=problems(401, 403, 422),
)
async def get_history(
    caller: Reader, number: NumberText, cursor: CursorText = None, limit: Limit = LIMIT_DEFAULT
) -> Page:
    """Who had the number, who gave it to him, when and why; the newest first."""
    try:
        wanted = read_number(number)
    except BadNumber as error:
        raise refused([Mistake.at((), "number-malformed", str(error))]) from None
    place = read_cursor(cursor, int)
    events = await asyncio.to_thread(
        story,
        StoredHistory(caller.tenant.database),
        wanted,
        before=None if place is None else place[0],
        limit=limit + 1,
    )
    return page_of(events, limit, shown=_event, place=lambda event: (event.id,))


def _event(event: NumberEvent) -> JsonValue:
    return {
        "revision": event.revision,
        "at": iso_utc(event.at),
        "by": str(event.by),
        "why": event.why,
        "subject": event.subject,
        "changes": list(event.changes),
    }


@router.post("/assign", operation_id="assign_numbers", responses=WRITTEN | CHANGED)
async def post_assign(
    request: Request, body: AssignBody, caller: Writer, options: Options
) -> Response:
    """Gives numbers to people and resource accounts: all of them or none. A primary number that
    somebody has is replaced."""
    wishes = [_wish(at, each) for at, each in enumerate(body.assignments)]
    if any(wish.kind is HolderKind.RESOURCE_ACCOUNT for wish in wishes):
        require_user_administrator(caller)
    return await perform(
        request, caller, options, lambda desk, act: _planned(assigning.assign(desk, wishes, act))
    )


def _wish(at: int, body: AssignmentBody) -> Assignment:
    if (body.user is None) == (body.resource_account is None):
        text = "names a user and a resource account, or neither; name one"
        raise refused([Mistake.at(("assignments", at), "holder-missing", text)])
    if body.user is not None:
        return Assignment(body.number, HolderKind.USER, body.user, body.line, body.location)
    holder = str(body.resource_account)
    return Assignment(body.number, HolderKind.RESOURCE_ACCOUNT, holder, body.line, body.location)


@router.post("/remove", operation_id="remove_numbers", responses=WRITTEN | CHANGED)
async def post_remove(
    request: Request, body: RemoveBody, caller: Writer, options: Options
) -> Response:
    """Takes numbers from whoever has them, all or none; then they may be blocked for a while."""
    lines = _lines(body.numbers)
    block: Quarantine | None = None
    if body.block_forever or body.block_days is not None:
        block = Quarantine(None if body.block_forever else body.block_days)

    def act(desk: NumberDesk, act: Act) -> JsonValue:
        inventory = desk.view().inventory
        held = [inventory.holder_of(line) for line in lines]
        if any(h is not None and h.holder_kind is HolderKind.RESOURCE_ACCOUNT for h in held):
            require_user_administrator(caller)
        return _planned(assigning.remove(desk, lines, act, block=block))

    return await perform(request, caller, options, act)


def _lines(numbers: Sequence[str]) -> list[LineNumber]:
    lines, mistakes = [], []
    for at, text in enumerate(numbers):
        try:
            lines.append(read_line(text))
        except BadNumber as error:
            mistakes.append(Mistake.at(("numbers", at), "number-malformed", str(error)))
    if mistakes:
        raise refused(mistakes)
    return lines


@router.post("/block", operation_id="block_numbers", responses=WRITTEN | CHANGED)
async def post_block(
    request: Request, body: BlockBody, caller: Writer, options: Options
) -> Response:
    """Keeps free numbers from being assigned, for ``days`` or for ever."""
    how = Quarantine(body.days)
    return await perform(
        request,
        caller,
        options,
        lambda desk, act: _planned(marking.block(desk, body.numbers, how, act)),
    )


@router.post("/unblock", operation_id="unblock_numbers", responses=WRITTEN | CHANGED)
async def post_unblock(
    request: Request, body: NumbersBody, caller: Writer, options: Options
) -> Response:
    return await perform(
        request,
        caller,
        options,
        lambda desk, act: _planned(marking.unblock(desk, body.numbers, act)),
    )


@router.post("/tag", operation_id="tag_numbers", responses=WRITTEN | CHANGED)
async def post_tag(request: Request, body: TagBody, caller: Writer, options: Options) -> Response:
    """Adds and removes tags of single numbers; those of an entry are changed there."""
    return await perform(
        request,
        caller,
        options,
        lambda desk, act: _planned(
            marking.tag(desk, body.numbers, act, add=body.add, remove=body.remove)
        ),
    )


@router.post(
    "/upload", operation_id="upload_numbers", response_model=UploadedShape, responses=WRITTEN
)
async def post_upload(
    request: Request, body: UploadBody, caller: Writer, options: Options
) -> Response:
    """Adds at most 10,000 numbers: all, or with ``good_ones`` those whose rows are right."""
    rows = await asyncio.to_thread(_rows, body)
    default = {"kind": body.kind.value, "source": body.source.value}

    def act(desk: NumberDesk, act: Act) -> JsonValue:
        done = upload(desk, rows, act, default=default, good_ones=body.good_ones)
        return _uploaded(done)

    return await perform(request, caller, options, act)


def _rows(body: UploadBody) -> list[UploadRow]:
    if bool(body.rows) == bool(body.text):
        raise refused([Mistake.at((), "upload-empty", "has rows and text, or neither; send one")])
    try:
        return read_rows(body.text) if body.text else list(map(_row, body.rows, count(1)))
    except BadUpload as error:
        raise refused([Mistake.at(("text",), "upload-malformed", str(error))]) from None


def _row(row: UploadRowBody, place: int) -> UploadRow:
    about = row.model_dump(mode="json", exclude_none=True)
    return UploadRow(place, str(about.pop("number")), about)


def _uploaded(done: Uploaded) -> JsonValue:
    return {
        "id": done.id,
        "rows": done.rows,
        "added": done.added,
        "present": done.present,
        "mistakes": [
            {"row": m.row, "number": m.number, "code": m.code, "text": m.text}
            for m in done.mistakes
        ],
    }


@router.post("/release", operation_id="release_numbers", responses=WRITTEN | CHANGED)
async def post_release(
    request: Request, body: ReleaseBody, caller: Writer, options: Options
) -> Response:
    """Takes at most 1,000 free numbers out of the inventory, all or none."""
    supplier = supplier_named(body.supplier)
    return await perform(
        request,
        caller,
        options,
        lambda desk, act: _planned(release(desk, body.numbers, supplier, act)),
    )


def _planned(applied: Applied) -> JsonValue:
    return {
        "revision": applied.revision,
        "changes": [change_as_json(change) for change in applied.changes],
        "cautions": [{"path": list(each.path), "text": each.text} for each in applied.cautions],
    }
