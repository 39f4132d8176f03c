"""Acts on numbers over HTTP: assigning, taking back, blocks, tags, uploads, releases."""

import asyncio
from collections.abc import Sequence
from itertools import count
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from pydantic import JsonValue

from callwright.api.documents import PLAN, REFS, json_body, problems
from callwright.api.edits import changes_as_json
from callwright.api.number_desk import (
    Work,
    require_user_administrator,
    supplier_named,
    work_of,
)
from callwright.api.number_shapes import (
    AssignBody,
    AssignmentBody,
    BlockBody,
    ConvertBody,
    NumbersBody,
    ReleaseBody,
    RemoveBody,
    TagBody,
    UploadBody,
    UploadedShape,
    UploadRowBody,
)
from callwright.api.problems import Mistake, refused
from callwright.api.typed_bodies import body_of, takes
from callwright.domains.access.model import Permission
from callwright.domains.numbers.formats import BadNumber, read_line
from callwright.domains.numbers.states import HolderKind
from callwright.kernel.e164 import LineNumber
from callwright.operations.administration import Applied
from callwright.operations.numbers import assigning, marking
from callwright.operations.numbers.converting import convert
from callwright.operations.numbers.desk import Act, NumberDesk
from callwright.operations.numbers.drawing import Assignment, Quarantine
from callwright.operations.numbers.releasing import release
from callwright.operations.numbers.upload_rows import BadUpload, UploadRow, read_rows
from callwright.operations.numbers.uploading import Uploaded, upload

router = APIRouter()
"""Part of the one of ``numbers``."""
Working = Annotated[Work, Depends(work_of(Permission.NUMBERS_WRITE))]
WRITTEN = problems(400, 401, 403, 409, 422)
CHANGED: dict[int | str, dict[str, Any]] = {
    200: json_body({"$ref": REFS + PLAN}, "What was changed, or would be by a dry run.")
}


@router.post(
    "/assign",
    operation_id="assign_numbers",
    openapi_extra=takes(AssignBody),
    responses=WRITTEN | CHANGED,
)
async def post_assign(
    work: Working,
    body: Annotated[AssignBody, Depends(body_of(AssignBody))],
) -> Response:
    """Gives numbers to people and resource accounts: all of them or none. A primary number that
    somebody has is replaced."""
    wishes = [_wish(at, each) for at, each in enumerate(body.assignments)]
    if any(wish.kind is HolderKind.RESOURCE_ACCOUNT for wish in wishes):
        require_user_administrator(work.caller)
    return await work.perform(
        lambda desk, act: assigning.assign(desk, wishes, act), changes_as_json
    )


def _wish(at: int, body: AssignmentBody) -> Assignment:
    if (body.user is None) == (body.resource_account is None):
        text = "names a user and a resource account, or neither; name one"
        raise refused([Mistake.at(("assignments", at), "holder-missing", text)])
    if body.user is not None:
        return Assignment(body.number, HolderKind.USER, body.user, body.line, body.location)
    holder = str(body.resource_account)
    return Assignment(body.number, HolderKind.RESOURCE_ACCOUNT, holder, body.line, body.location)


@router.post(
    "/remove",
    operation_id="remove_numbers",
    openapi_extra=takes(RemoveBody),
    responses=WRITTEN | CHANGED,
)
async def post_remove(
    work: Working,
    body: Annotated[RemoveBody, Depends(body_of(RemoveBody))],
) -> Response:
    """Takes numbers from whoever has them, all or none; then they may be blocked for a while."""
    lines = _lines(body.numbers)
    block: Quarantine | None = None
    if body.block_forever or body.block_days is not None:
        block = Quarantine(None if body.block_forever else body.block_days)

    def act(desk: NumberDesk, act: Act) -> Applied:
        inventory = desk.view().inventory
        held = [inventory.holder_of(line) for line in lines]
        if any(h is not None and h.holder_kind is HolderKind.RESOURCE_ACCOUNT for h in held):
            require_user_administrator(work.caller)
        return assigning.remove(desk, lines, act, block=block)

    return await work.perform(act, changes_as_json)


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


@router.post(
    "/block",
    operation_id="block_numbers",
    openapi_extra=takes(BlockBody),
    responses=WRITTEN | CHANGED,
)
async def post_block(
    work: Working,
    body: Annotated[BlockBody, Depends(body_of(BlockBody))],
) -> Response:
    """Keeps free numbers from being assigned, for ``days`` or for ever."""
    how = Quarantine(body.days)
    return await work.perform(
        lambda desk, act: marking.block(desk, body.numbers, how, act), changes_as_json
    )


@router.post(
    "/unblock",
    operation_id="unblock_numbers",
    openapi_extra=takes(NumbersBody),
    responses=WRITTEN | CHANGED,
)
async def post_unblock(
    work: Working,
    body: Annotated[NumbersBody, Depends(body_of(NumbersBody))],
) -> Response:
    return await work.perform(
        lambda desk, act: marking.unblock(desk, body.numbers, act), changes_as_json
    )


@router.post(
    "/tag", operation_id="tag_numbers", openapi_extra=takes(TagBody), responses=WRITTEN | CHANGED
)
async def post_tag(
    work: Working,
    body: Annotated[TagBody, Depends(body_of(TagBody))],
) -> Response:
    """Adds and removes tags of single numbers; those of an entry are changed there."""
    return await work.perform(
        lambda desk, act: marking.tag(desk, body.numbers, act, add=body.add, remove=body.remove),
        changes_as_json,
    )


@router.post(
    "/convert",
    operation_id="convert_numbers",
    openapi_extra=takes(ConvertBody),
    responses=WRITTEN | CHANGED,
)
async def post_convert(
    work: Working,
    body: Annotated[ConvertBody, Depends(body_of(ConvertBody))],
) -> Response:
    """Makes free numbers of a calling plan numbers for services, or for people."""
    return await work.perform(
        lambda desk, act: convert(desk, body.numbers, body.kind, act), changes_as_json
    )


@router.post(
    "/upload",
    operation_id="upload_numbers",
    openapi_extra=takes(UploadBody),
    response_model=UploadedShape,
    responses=WRITTEN,
)
async def post_upload(
    work: Working,
    body: Annotated[UploadBody, Depends(body_of(UploadBody))],
) -> Response:
    """Adds at most 10,000 numbers: all, or with ``good_ones`` those whose rows are right."""
    rows = await asyncio.to_thread(_rows, body)
    default = {"kind": body.kind.value, "source": body.source.value}

    def act(desk: NumberDesk, act: Act) -> Uploaded:
        return upload(desk, rows, act, default=default, good_ones=body.good_ones)

    return await work.perform(act, _uploaded)


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


@router.post(
    "/release",
    operation_id="release_numbers",
    openapi_extra=takes(ReleaseBody),
    responses=WRITTEN | CHANGED,
)
async def post_release(
    work: Working,
    body: Annotated[ReleaseBody, Depends(body_of(ReleaseBody))],
) -> Response:
    """Takes at most 1,000 free numbers out of the inventory, all or none."""
    supplier = supplier_named(body.supplier)
    return await work.perform(
        lambda desk, act: release(desk, body.numbers, supplier, act), changes_as_json
    )
