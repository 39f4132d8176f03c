"""The organisation as one file: what it would change, make it so, give it back, its shape."""

import asyncio
import json
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from callwright.api.at_once import AtOnce
from callwright.api.authorisation import Caller, allowed
from callwright.api.bodies import JSON_TYPE, check_type, too_long
from callwright.api.documents import (
    PLAN,
    REFS,
    json_body,
    organisation_schema,
    problems,
)
from callwright.api.edits import Asked, asked, changed, crossed, outdated, whole_file
from callwright.api.entity_kinds import entity_kinds
from callwright.api.idempotency import Keeper, once
from callwright.api.problems import Mistake, Problem, refused
from callwright.domains.access.model import Permission
from callwright.kernel.limits.api import EXPORT_RETRY_S, EXPORTS_AT_ONCE
from callwright.kernel.limits.configuration import ORGANISATION_FILE_BYTES_MAX
from callwright.operations.configuration import EditRefused, is_record
from callwright.operations.export_organisation import export_organisation
from callwright.operations.organisation_file import (
    Organisation,
    OrganisationFileError,
    read_organisation_text,
)
from callwright.operations.revision import RevisionConflict

YAML_TYPE = "application/yaml"
FILE_TYPES = (YAML_TYPE, "application/x-yaml", "text/yaml", JSON_TYPE)
SCHEMA_TYPE = "application/schema+json"
NAME = "the request"
FILE_AREAS = frozenset(kind.area for kind in entity_kinds().values())
"""What a file may change."""
EXPORTS = AtOnce(EXPORTS_AT_ONCE, "exports are made", retry_after_s=EXPORT_RETRY_S)
router = APIRouter(prefix="/organisation", tags=["organisation"])

_FILE = {
    "requestBody": {
        "required": True,
        "content": {
            YAML_TYPE: {"schema": {"type": "string"}},
            JSON_TYPE: {"schema": {"type": "object"}},
        },
    }
}
_REFUSALS = problems(400, 401, 403, 409, 412, 413, 415, 422)
WholeFile = Annotated[Caller, Depends(allowed(Permission.ORGANISATION_WRITE))]


@router.post(
    "/plan",
    operation_id="plan_organisation",
    summary="Says what a file would change",
    openapi_extra=_FILE,
    responses=_REFUSALS | {200: json_body({"$ref": REFS + PLAN}, "What would change.")},
)
async def post_plan(request: Request, caller: WholeFile) -> Response:
    """Mistakes are told all at once, with the lines they are in."""
    organisation = await _read(request)
    _check_owner(caller)
    return await asyncio.to_thread(_plan, caller, organisation)


@router.post(
    "/apply",
    operation_id="apply_organisation",
    summary="Makes the organisation equal to a file",
    openapi_extra=_FILE,
    responses=_REFUSALS | {200: json_body({"$ref": REFS + PLAN}, "What was changed.")},
)
async def post_apply(
    request: Request,
    options: Annotated[Asked, Depends(asked)],
    caller: WholeFile,
    expected_revision: Annotated[
        int | None, Query(ge=0, description="The revision of the plan; another one is refused.")
    ] = None,
) -> Response:
    """What the file leaves out is removed; all of it or nothing."""
    organisation = await _read(request)
    _check_owner(caller)

    async def act(keeper: Keeper) -> Response:
        return await asyncio.to_thread(
            _apply, caller, organisation, options, expected_revision, keeper
        )

    return await once(request, caller, act)


@router.get(
    "/export",
    operation_id="export_organisation",
    summary="Gives the organisation as a file, passwords included",
    response_class=Response,
    responses=problems(401, 403, 404, 422, 503)
    | {200: {"description": "The file.", "content": {YAML_TYPE: {"schema": {}}}}},
)
async def get_export(caller: WholeFile) -> Response:
    """It holds the passwords of phones: it needs the permission to write, not only to read."""
    _check_owner(caller)
    text = await asyncio.to_thread(_export, caller)
    return Response(text, media_type=YAML_TYPE, headers={"Cache-Control": "no-store"})


@router.get(
    "/schema",
    operation_id="get_organisation_schema",
    summary="The file's JSON Schema, for editors",
    response_class=Response,
    responses=problems(401, 403, 422)
    | {200: {"description": "The schema.", "content": {SCHEMA_TYPE: {"schema": {}}}}},
)
async def get_schema(caller: Annotated[Caller, Depends(allowed())]) -> Response:
    return Response(json.dumps(organisation_schema()), media_type=SCHEMA_TYPE)


async def _read(request: Request) -> Organisation:
    """Raises Problem; a JSON tree is read as YAML, too, which tells the line of each mistake."""
    check_type(request, FILE_TYPES)
    content = await request.body()
    if len(content) > ORGANISATION_FILE_BYTES_MAX:
        raise too_long(ORGANISATION_FILE_BYTES_MAX)
    return await asyncio.to_thread(_parsed, content)


def _parsed(content: bytes) -> Organisation:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Problem(400, "not-utf-8", "the file is not UTF-8", "save it as UTF-8") from None
    try:
        return read_organisation_text(text, name=NAME, base=None)
    except OrganisationFileError as error:
        mistakes = [
            Mistake(f"line {each.line}", "invalid", *_words(each.path, each.text))
            for each in error.mistakes
        ]
        raise refused(mistakes) from None


def _words(path: str, text: str) -> tuple[str, str]:
    detail, _, remedy = text.partition("; ")
    return (f"{path}: {detail}" if path else detail), remedy


def _check_owner(caller: Caller) -> None:
    """A file changes, and shows, everything: who may write one part only may not. Raises
    Problem."""
    needed = [
        permission
        for permission in Permission
        if permission.endswith(":write") and permission.partition(":")[0] in FILE_AREAS
    ]
    for permission in needed:
        if not caller.principal.may(permission):
            text = f"{caller.principal.name} lacks the permission {permission}"
            remedy = "a file changes everything; write the parts you may by themselves"
            raise Problem(403, "not-allowed", text, remedy)


def _plan(caller: Caller, organisation: Organisation) -> Response:
    """Lets the organisation go person by person: all at once keeps calls waiting for a tenth of a
    second, and nobody else has it."""
    response = _apply(caller, organisation, Asked(None, True), None, None)
    while organisation.users:
        organisation.users.popitem()
    while organisation.numbers:
        organisation.numbers.pop()
    return response


def _apply(
    caller: Caller,
    organisation: Organisation,
    options: Asked,
    expected_revision: int | None,
    keeper: Keeper | None,
) -> Response:
    administration = caller.tenant.administration
    try:
        applied = administration.replace(
            organisation,
            by=caller.actor,
            why=options.why,
            expected_revision=expected_revision,
            dry_run=options.is_dry_run,
            beside=() if keeper is None or options.is_dry_run else keeper.companions(changed),
        )
    except EditRefused as error:
        raise refused([whole_file(finding) for finding in error.problems]) from None
    except RevisionConflict as error:
        raise crossed() if expected_revision is None else outdated(error) from None
    return changed(applied)


def _export(caller: Caller) -> str:
    entities = caller.tenant.administration.current().entities
    own = {address: value for address, value in entities.items() if not is_record(address)}
    if not own:
        raise Problem(404, "not-found", "there is no organisation yet", "apply a file")
    with EXPORTS.one():
        return export_organisation(own)
