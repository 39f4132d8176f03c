"""Long work: an import that takes what fits and tells the rest, with progress, to be cancelled."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, JsonValue

from callwright.api.authorisation import Caller, allowed
from callwright.api.changes import (
    ChangesBody,
    check_permissions,
    edit_of,
    read_changes,
    refuse_what_is_not_his,
)
from callwright.api.documents import REFS, json_body, problems
from callwright.api.idempotency import IdempotencyKey, Keeper, once
from callwright.api.masking import unmasked
from callwright.api.paging import LIMIT_DEFAULT, CursorText, Limit, Page, page_of, read_cursor
from callwright.api.problems import Mistake, Problem, not_found, refused
from callwright.api.typed_bodies import takes
from callwright.domains.access.model import Permission
from callwright.kernel.instants import iso_utc, iso_utc_or_none
from callwright.kernel.limits.api import JOBS_RUNNING_MAX
from callwright.storage.jobs import Job, Jobs, NewJob

IMPORT = "import"
router = APIRouter(prefix="/jobs", tags=["jobs"])
JobId = Annotated[str, Path(max_length=64)]
Reader = Annotated[Caller, Depends(allowed(Permission.ORGANISATION_READ))]
_READ = problems(401, 403, 404, 422)


class JobShape(BaseModel):
    id: str
    kind: str
    state: str
    """``running``, ``done`` or ``cancelled``."""
    done: int
    total: int
    failed: int
    """Of those done."""
    created_at: str
    created_by: str
    ended_at: str | None
    results: list[Any]
    """What was left out, by position, with the reason; with ``is_taken``: a number that went with
    the licence that somebody lost by it."""


@router.post(
    "",
    operation_id="begin_import",
    status_code=202,
    openapi_extra=takes(ChangesBody),
    responses=problems(400, 401, 403, 409, 413, 415, 422)
    | {202: json_body({"$ref": REFS + "JobShape"}, "It runs; look at it by its id.")},
)
async def post_job(
    request: Request,
    asker: Annotated[Caller, Depends(allowed())],
    key: IdempotencyKey = None,
) -> Response:
    """Takes as much of many entities as fits; what is wrong is left out and told.

    Needs the permission to write every kind that is in it.
    """
    body = await read_changes(request)
    await asyncio.to_thread(check_permissions, asker, body)
    if body.expected_revision is not None:
        text = "an import takes what fits, whatever the revision is; leave it out"
        raise refused([Mistake.at(("expected_revision",), "no-revision", text)])
    if asker.tenant.live is None:
        raise Problem(503, "no-server", "no server runs that could do the work", "start it")

    async def act(keeper: Keeper) -> Response:
        return await asyncio.to_thread(_begin, asker, body, keeper)

    return await once(request, asker, act)


@router.get("", operation_id="list_jobs", responses=_READ)
async def list_jobs(asker: Reader, cursor: CursorText = None, limit: Limit = LIMIT_DEFAULT) -> Page:
    """Newest first."""
    place = read_cursor(cursor, str)
    found = await asyncio.to_thread(
        Jobs(asker.tenant.database).newest,
        limit=limit + 1,
        before=None if place is None else place[0],
    )
    return page_of(found, limit, shown=job_form, place=lambda job: (job.id,))


@router.get("/{job}", operation_id="get_job", responses=_READ)
async def get_job(asker: Reader, job: JobId) -> JobShape:
    return JobShape.model_validate(job_form(await _found(asker, job)))


@router.post("/{job}/cancel", operation_id="cancel_job", status_code=202, responses=_READ)
async def cancel_job(
    asker: Annotated[Caller, Depends(allowed(Permission.ORGANISATION_WRITE))], job: JobId
) -> JobShape:
    """It ends after its present step; what was taken in stays. One that is over stays as it is."""
    await _found(asker, job)
    await asyncio.to_thread(Jobs(asker.tenant.database).cancel, job)
    return JobShape.model_validate(job_form(await _found(asker, job)))


def _begin(asker: Caller, body: ChangesBody, keeper: Keeper) -> Response:
    tenant = asker.tenant
    stored = tenant.administration.current().entities
    refuse_what_is_not_his(asker, edit_of(body, stored), stored)
    entities: list[JsonValue] = [
        {
            "kind": each.kind,
            "key": each.key,
            "settings": unmasked(each.settings, stored.get((each.kind, each.key))),
        }
        for each in body.upserts
    ]
    entities += [{"kind": each.kind, "key": each.key, "settings": None} for each in body.removals]
    actor = asker.actor
    job = NewJob(
        id=tenant.new_id(),
        kind=IMPORT,
        total=len(entities),
        work={
            "entities": entities,
            "by": {"kind": actor.kind, "name": actor.name},
            "why": body.why,
        },
        created_at=tenant.utc(),
        created_by=actor.name,
    )

    def respond(made: Job) -> Response:
        place = {"Location": f"/api/v1/jobs/{made.id}"}
        return JSONResponse(job_form(made), status_code=202, headers=place)

    made = Jobs(tenant.database).add(
        job,
        running_max=JOBS_RUNNING_MAX,
        beside=lambda connection, made: keeper.keep_within(connection, respond(made)),
    )
    if made is None:
        text = f"{JOBS_RUNNING_MAX} jobs run already"
        raise Problem(409, "too-many-jobs", text, "wait for one to end, or cancel it")
    return respond(made)


def job_form(job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "kind": job.kind,
        "state": job.state.value,
        "done": job.done,
        "total": job.total,
        "failed": job.failed,
        "created_at": iso_utc(job.created_at),
        "created_by": job.created_by,
        "ended_at": iso_utc_or_none(job.ended_at),
        "results": job.results,
    }


async def _found(asker: Caller, job: str) -> Job:
    found = await asyncio.to_thread(Jobs(asker.tenant.database).get, job)
    if found is None:
        raise not_found("job", job)
    return found
