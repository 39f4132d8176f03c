"""Many entities in one change: all of it or nothing; a dry run is the plan."""

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from callwright.api.authorisation import Caller, allowed
from callwright.api.bodies import read_json
from callwright.api.documents import PLAN, REFS, json_body, problems
from callwright.api.edits import (
    Asked,
    Pointing,
    asked,
    attempted,
    carry_out,
    changed,
)
from callwright.api.entity_kinds import entity_kinds
from callwright.api.field_access import has_own_fields, may_write_some, refuse_beyond_fields
from callwright.api.idempotency import Keeper, once
from callwright.api.masking import unmasked
from callwright.api.problems import Mistake, refused
from callwright.api.typed_bodies import read_shape, takes
from callwright.kernel.limits.api import (
    API_BODY_BYTES_MAX,
    API_CHANGES_MAX,
    API_MISTAKES_MAX,
    API_WHY_CHARS_MAX,
)
from callwright.operations.configuration import Edit
from callwright.operations.configuration import Problem as Finding
from callwright.operations.organisation_file.document import Path
from callwright.operations.organisation_file.entities import ORDER, Entities
from callwright.operations.organisation_file.refusal import alternatives, quoted

router = APIRouter(tags=["changes"])


class Address(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    kind: str = Field(max_length=200)
    key: str = Field(max_length=500)


class Upsert(Address):
    settings: JsonValue


class ChangesBody(BaseModel):
    """Entities to write whole, and entities to take away."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    upserts: list[Upsert] = Field(default=[], max_length=API_CHANGES_MAX)
    removals: list[Address] = Field(default=[], max_length=API_CHANGES_MAX)
    why: str | None = Field(default=None, max_length=API_WHY_CHARS_MAX)
    expected_revision: int | None = Field(default=None, ge=0)


Part = Literal["upserts", "removals"]


@router.post(
    "/changes",
    operation_id="post_changes",
    summary="Changes many entities at once, all or nothing",
    openapi_extra=takes(ChangesBody),
    responses=problems(400, 401, 403, 409, 412, 413, 415, 422)
    | {200: json_body({"$ref": REFS + PLAN}, "What was changed, or would be by a dry run.")},
)
async def post_changes(
    request: Request,
    options: Annotated[Asked, Depends(asked)],
    caller: Annotated[Caller, Depends(allowed())],
) -> Response:
    """Needs the permission to write every kind, and every field that has one of its own."""
    body = await read_changes(request)
    await asyncio.to_thread(check_permissions, caller, body)

    async def act(keeper: Keeper) -> Response:
        return await asyncio.to_thread(_change, caller, body, options, keeper)

    return await once(request, caller, act)


async def read_changes(request: Request) -> ChangesBody:
    """Raises Problem."""
    content = await read_json(request, bytes_max=API_BODY_BYTES_MAX)
    return await asyncio.to_thread(read_shape, ChangesBody, content)


def check_permissions(caller: Caller, body: ChangesBody) -> None:
    """Raises Problem: 422 for a kind that is not there, 403 for one that is not his to write."""
    kinds = entity_kinds()
    mistakes: list[Mistake] = []
    parts: list[tuple[Part, list[Any]]] = [("upserts", body.upserts), ("removals", body.removals)]
    for part, addresses in parts:
        for at, address in enumerate(addresses):
            if len(mistakes) < API_MISTAKES_MAX and address.kind not in (*kinds, ORDER):
                text = f"no kind is called {quoted(address.kind)}; "
                text += alternatives(address.kind, kinds)
                mistakes.append(Mistake.at((part, at, "kind"), "unknown-kind", text))
    if mistakes:
        raise refused(mistakes)
    for name in {address.kind for _, addresses in parts for address in addresses}:
        kind = kinds["organisation" if name == ORDER else name]
        if not may_write_some(caller, kind):
            allowed(*kind.needed_to_write).check(caller)


def edit_of(body: ChangesBody, stored: Entities) -> Edit:
    """Secrets that were shown as such stay what they are."""
    return Edit(
        {
            (each.kind, each.key): unmasked(each.settings, stored.get((each.kind, each.key)))
            for each in body.upserts
        },
        [(each.kind, each.key) for each in body.removals],
    )


def refuse_what_is_not_his(caller: Caller, edit: Edit, stored: Entities) -> None:
    """Looks at entities field by field. Raises Problem (403)."""
    kinds = entity_kinds()
    for address in edit.keys:
        kind = kinds.get(address[0])
        if kind is not None and has_own_fields(kind):
            after = edit.upserts.get(address)
            refuse_beyond_fields(caller, kind, stored.get(address), after)


def _change(caller: Caller, body: ChangesBody, options: Asked, keeper: Keeper) -> Response:
    asked_for = Asked(options.why if body.why is None else body.why, options.is_dry_run)

    def attempt() -> Response:
        configuration = caller.tenant.administration.current()
        stored = configuration.entities
        edit = edit_of(body, stored)
        refuse_what_is_not_his(caller, edit, stored)
        applied = carry_out(
            caller,
            edit,
            asked_for,
            expected={address: configuration.etag(*address) for address in edit.keys},
            expected_revision=body.expected_revision,
            pointing=pointing_at(body),
            keeper=keeper,
            answer=changed,
        )
        return changed(applied)

    return attempted(attempt)


def pointing_at(body: ChangesBody) -> Pointing:
    """Finds the place in the list of what the file would call by its path."""
    kinds = entity_kinds()
    places: dict[Path, int] = {}
    for at, each in enumerate(body.upserts):
        kind = kinds.get(each.kind)
        if kind is not None:
            places[kind.path if kind.is_singleton else (*kind.path, each.key)] = at

    def say(finding: Finding) -> Mistake:
        for length in range(len(finding.path), 0, -1):
            at = places.get(finding.path[:length])
            if at is not None:
                path = ("upserts", at, "settings", *finding.path[length:])
                return Mistake.at(path, "invalid", finding.text)
        return Mistake.at((), "invalid", str(finding))

    return say
