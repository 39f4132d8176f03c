"""Licences of many at once over HTTP: assigned, taken and swapped in one transaction."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from pydantic import BaseModel, JsonValue

from callwright.api.documents import problems
from callwright.api.edits import change_as_json
from callwright.api.number_desk import Work, require_user_administrator, work_of
from callwright.api.number_shapes import LicencesBody, LostShape, plain
from callwright.api.typed_bodies import body_of, takes
from callwright.domains.access.model import Permission
from callwright.operations.administration import Applied
from callwright.operations.licences.changing import HolderOfLicences, Swap, change_licences

router = APIRouter(tags=["licences"])


class LicencesChanged(BaseModel):
    revision: int
    changes: list[dict[str, Any]]
    lost: list[LostShape]
    """Numbers that went with a licence."""


@router.post(
    "/licence-changes",
    operation_id="change_licences",
    openapi_extra=takes(LicencesBody),
    response_model=LicencesChanged,
    responses=problems(400, 401, 403, 409, 422),
)
async def post_licences(
    work: Annotated[Work, Depends(work_of(Permission.LICENCES_WRITE))],
    body: Annotated[LicencesBody, Depends(body_of(LicencesBody))],
) -> Response:
    """Adds and removes licences of users, groups and resource accounts. Who loses what his number
    needs loses the number; swap in one request to keep it."""
    if body.resource_accounts:
        require_user_administrator(work.caller)
    holders: list[tuple[HolderOfLicences, str]] = [("user", key) for key in body.users]
    holders += [("group", key) for key in body.groups]
    holders += [("resource-account", key) for key in body.resource_accounts]
    swap = Swap(holders, body.add, body.remove)

    return await work.perform(lambda desk, act: change_licences(desk, swap, act), _changed)


def _changed(applied: Applied) -> JsonValue:
    return {
        "revision": applied.revision,
        "changes": [change_as_json(change) for change in applied.changes],
        "lost": [
            plain(LostShape(user=one.user, number=str(one.number), loss=one.loss))
            for one in applied.lost
        ],
    }
