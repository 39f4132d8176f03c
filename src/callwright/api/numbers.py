"""The inventory over HTTP: lists, single numbers, their history, quotas, CSV."""

import asyncio
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import Response
from pydantic import BaseModel, JsonValue

from callwright.api import number_acts
from callwright.api.authorisation import Caller, allowed
from callwright.api.documents import problems
from callwright.api.number_desk import (
    look,
    view_of,
)
from callwright.api.number_shapes import (
    NumberShape,
    UploadedShape,
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
from callwright.domains.numbers.formats import BadNumber, read_number
from callwright.domains.numbers.inventory import Filter
from callwright.domains.numbers.model import NumberKind, NumberSource
from callwright.domains.numbers.spans import Span, read_span
from callwright.domains.numbers.states import Capability, Status
from callwright.kernel.e164 import E164
from callwright.kernel.instants import iso_utc
from callwright.kernel.limits.api import API_SEARCH_CHARS_MAX
from callwright.kernel.limits.numbers import NUMBERS_PER_PAGE_DEFAULT, NUMBERS_PER_PAGE_MAX
from callwright.operations.numbers import listing
from callwright.operations.numbers.story import NumberEvent, story
from callwright.operations.organisation_file.record_schema import NUMBER_UPLOAD
from callwright.storage.history import StoredHistory

NEXT = "Callwright-Next"
_TEXT = {"type": "string"}
router = APIRouter(prefix="/numbers", tags=["numbers"])
router.include_router(number_acts.router)
Reader = Annotated[Caller, Depends(allowed(Permission.NUMBERS_READ))]
Text = Annotated[str | None, Query(max_length=API_SEARCH_CHARS_MAX)]
NumberText = Annotated[str, Path(max_length=API_SEARCH_CHARS_MAX)]


class QuotaShape(BaseModel):
    kind: NumberKind
    most: int
    held: int


class Quotas(BaseModel):
    items: list[QuotaShape]


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
            span = read_span(within, most=None)
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
