"""What a user may do and why, and what of the licences is used: reports, nothing is changed."""

import asyncio
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel

from callwright.api.authorisation import Caller, allowed
from callwright.api.documents import problems
from callwright.api.problems import Problem, not_found
from callwright.domains.access.model import Permission
from callwright.kernel.ids import UserId
from callwright.kernel.limits.configuration import NAME_CHARS_MAX
from callwright.operations.licence_report import report_licences
from callwright.operations.organisation_file import Organisation, build_snapshot
from callwright.routing.request import LiveState
from callwright.routing.service import effective_service
from callwright.routing.snapshot import Snapshot

router = APIRouter()
UserKey = Annotated[str, Path(max_length=NAME_CHARS_MAX)]


class AnswerShape(BaseModel):
    given: bool
    because: str
    """The setting that decides."""
    reason: str | None
    """Of the refusal that a call would meet."""


class GivenPolicyShape(BaseModel):
    policy: str
    because: str
    """``group sales, rank 1``."""


class ServiceShape(BaseModel):
    user: str
    service: dict[str, AnswerShape]
    policies: dict[str, GivenPolicyShape]
    warnings: list[str]


class UsageShape(BaseModel):
    sku: str
    bought: int
    held: int
    unused: int
    standing: str
    expires: str | None


class WasteShape(BaseModel):
    holder: str
    sku: str
    text: str


class LicenceReportShape(BaseModel):
    usage: list[UsageShape]
    waste: list[WasteShape]


@router.get(
    "/users/{key}/service",
    operation_id="get_service",
    tags=["users"],
    responses=problems(401, 403, 404, 422),
)
async def get_service(
    asker: Annotated[Caller, Depends(allowed(Permission.USERS_READ))], key: UserKey
) -> ServiceShape:
    """What a user can and cannot do, and because of what: licence, voice, policy, money, route."""
    live = asker.tenant.live
    snapshot = None if live is None else live.snapshot
    state = LiveState() if live is None else live.live_state()
    return await asyncio.to_thread(_service, asker, UserId(key), snapshot, state)


def _service(
    asker: Caller, user: UserId, snapshot: Snapshot | None, live: LiveState
) -> ServiceShape:
    if snapshot is None:
        snapshot = build_snapshot(_organisation(asker), revision=0, base=None)
    if user not in snapshot.users:
        raise not_found("user", user)
    service = effective_service(snapshot, user, now=asker.tenant.utc(), live=live)
    return ServiceShape.model_validate(service.as_json())


@router.get(
    "/licence-report",
    operation_id="get_licence_report",
    tags=["licences"],
    responses=problems(401, 403, 404, 422),
)
async def get_licence_report(
    asker: Annotated[Caller, Depends(allowed(Permission.LICENCES_READ))],
) -> LicenceReportShape:
    """Seats bought, held and unused, and licences that are wasted, for which reason."""
    return await asyncio.to_thread(_report, asker)


def _report(asker: Caller) -> LicenceReportShape:
    organisation = _organisation(asker)
    zone = ZoneInfo(organisation.organisation.timezone)
    day = asker.tenant.utc().astimezone(zone).date()
    return LicenceReportShape.model_validate(report_licences(organisation, day).as_json())


def _organisation(asker: Caller) -> Organisation:
    organisation = asker.tenant.administration.current().organisation
    if organisation is None:
        raise Problem(404, "not-found", "there is no organisation yet", "apply a file")
    return organisation
