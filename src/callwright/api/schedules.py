"""What schedules and attendants do next, and setting them open or closed, over HTTP."""

import asyncio
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import Response
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from callwright.api.authorisation import Caller
from callwright.api.delegation import entry_access, refuse_unlisted
from callwright.api.documents import PLAN, REFS, json_body, problems
from callwright.api.edits import changes_as_json
from callwright.api.number_desk import Work, work_of
from callwright.api.problems import not_found
from callwright.api.typed_bodies import body_of, takes
from callwright.domains.access.model import Permission
from callwright.domains.schedules.model import Override, Situation, Standing
from callwright.kernel.instants import in_reach, iso_utc, iso_utc_or_none
from callwright.kernel.limits.api import API_SEARCH_CHARS_MAX
from callwright.kernel.limits.configuration import NAME_CHARS_MAX
from callwright.kernel.limits.schedules import CHANGES_SHOWN_DEFAULT, CHANGES_SHOWN_MAX
from callwright.operations.administration import Applied
from callwright.operations.numbers.desk import Act
from callwright.operations.schedules.kept import ATTENDANT, HOLIDAY_SET, SCHEDULE
from callwright.operations.schedules.overriding import (
    OverrideAct,
    SubjectUnknown,
    WantedOverride,
    lift_override,
    set_override,
)
from callwright.operations.schedules.previewing import Preview, preview, preview_holidays

COLLECTIONS = {SCHEDULE: "schedules", ATTENDANT: "auto-attendants"}
CHANGED: dict[int | str, dict[str, Any]] = {
    200: json_body({"$ref": REFS + PLAN}, "What was changed, or would be by a dry run.")
}
Key = Annotated[str, Path(max_length=API_SEARCH_CHARS_MAX, description="Names the entry.")]
At = Annotated[
    Annotated[AwareDatetime, AfterValidator(in_reach)] | None,
    Query(description="An instant; now where it is left out."),
]
Count = Annotated[int, Query(ge=0, le=CHANGES_SHOWN_MAX, description="Of changes.")]


class SituationShape(BaseModel):
    standing: Standing
    holiday: str | None = Field(description="The day that is kept, with standing holiday.")
    because: str


class ChangeShape(SituationShape):
    at: str
    local: str = Field(description="The same in the zone of the schedule.")


class OverrideShape(BaseModel):
    standing: Standing
    of: str = Field(description="What was set: schedule office.")
    holiday: str | None
    until: str | None = Field(description="Null: until it is lifted.")
    by: str


class PreviewShape(BaseModel):
    zone: str
    at: str
    now: SituationShape
    override: OverrideShape | None
    changes: list[ChangeShape]
    caveats: list[str] = Field(description="What is doubtful, such as a calendar that fails.")


class HolidayShape(BaseModel):
    name: str
    begin: str = Field(description="Wall time, without an offset.")
    end: str = Field(description="Excluded.")


class HolidaysShape(BaseModel):
    holidays: list[HolidayShape]
    fetched_at: str | None = Field(description="Since when its calendar holds the same.")
    caveat: str = Field(description="What is doubtful of it, such as a calendar that fails.")


class OverrideBody(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    standing: Standing
    until: AwareDatetime | None = None
    holiday: Annotated[str, Field(max_length=NAME_CHARS_MAX)] | None = None


def _add_preview(router: APIRouter, kind: str, collection: str) -> None:
    async def get_preview(
        caller: Annotated[Caller, Depends(entry_access(kind, Permission.SERVICES_READ))],
        key: Key,
        at: At = None,
        count: Count = CHANGES_SHOWN_DEFAULT,
    ) -> PreviewShape:
        return await asyncio.to_thread(_previewed, caller, kind, key, at, count)

    router.add_api_route(
        f"/{collection}/{{key}}/preview",
        get_preview,
        methods=["GET"],
        operation_id=f"preview_{kind.replace('-', '_')}",
        summary="Shows how it stands, why, and what changes next.",
        tags=[collection],
        responses=problems(401, 403, 404, 422),
    )


def _add_override(router: APIRouter, kind: str, collection: str) -> None:
    writes = work_of(Permission.SERVICES_WRITE)

    async def put_override(
        work: Annotated[Work, Depends(writes)],
        key: Key,
        body: Annotated[OverrideBody, Depends(body_of(OverrideBody))],
    ) -> Response:
        wanted = WantedOverride(body.standing, body.until, body.holiday)
        return await work.perform(
            lambda _, act: _set(work.caller, kind, key, wanted, act), changes_as_json
        )

    async def delete_override(work: Annotated[Work, Depends(writes)], key: Key) -> Response:
        return await work.perform(
            lambda _, act: _lifted(work.caller, kind, key, act), changes_as_json
        )

    place, name = f"/{collection}/{{key}}/override", kind.replace("-", "_")
    written = problems(400, 401, 403, 404, 409, 422) | CHANGED
    router.add_api_route(
        place,
        put_override,
        methods=["PUT"],
        operation_id=f"override_{name}",
        summary="Sets it open, closed or to a holiday, whatever its hours say.",
        tags=[collection],
        openapi_extra=takes(OverrideBody),
        responses=written,
    )
    router.add_api_route(
        place,
        delete_override,
        methods=["DELETE"],
        operation_id=f"lift_{name}",
        summary="Lets its hours and holidays count again.",
        tags=[collection],
        responses=written,
    )


def _previewed(
    caller: Caller, kind: str, key: str, at: datetime | None, count: int
) -> PreviewShape:
    refuse_unlisted(caller, (kind, key), Permission.SERVICES_READ)
    tenant = caller.tenant
    try:
        found = preview(tenant.administration.current(), kind, key, at or tenant.utc(), count=count)
    except SubjectUnknown:
        raise not_found(kind.replace("-", " "), key) from None
    return preview_shape(found)


def preview_shape(found: Preview) -> PreviewShape:
    return PreviewShape(
        zone=found.zone.key,
        at=iso_utc(found.at),
        now=SituationShape(**_situation(found.now)),
        override=None if found.override is None else _override(found.override),
        changes=[
            ChangeShape(
                **_situation(change.situation),
                at=iso_utc(change.at),
                local=change.at.astimezone(found.zone).isoformat(),
            )
            for change in found.changes
        ],
        caveats=list(found.caveats),
    )


def _situation(situation: Situation) -> dict[str, Any]:
    return {
        "standing": situation.standing,
        "holiday": situation.name,
        "because": situation.because,
    }


def _override(override: Override) -> OverrideShape:
    return OverrideShape(
        standing=override.standing,
        of=override.subject,
        holiday=override.holiday,
        until=iso_utc_or_none(override.until),
        by=override.by,
    )


def _set(caller: Caller, kind: str, key: str, wanted: WantedOverride, act: Act) -> Applied:
    administration, doing = caller.tenant.administration, _doing(caller, act)
    try:
        return set_override(administration, kind, key, wanted, doing)
    except SubjectUnknown:
        raise not_found(kind.replace("-", " "), key) from None


def _lifted(caller: Caller, kind: str, key: str, act: Act) -> Applied:
    try:
        doing = _doing(caller, act)
        return lift_override(caller.tenant.administration, kind, key, doing)
    except SubjectUnknown:
        raise not_found(kind.replace("-", " "), key) from None


def _doing(caller: Caller, act: Act) -> OverrideAct:
    beside = () if act.witness is None else (act.witness,)
    return OverrideAct(act.by, caller.tenant.utc(), act.why, act.dry_run, beside)


def _add_holidays(router: APIRouter) -> None:
    async def get_holidays(
        caller: Annotated[Caller, Depends(entry_access(HOLIDAY_SET, Permission.SERVICES_READ))],
        key: Key,
        at: At = None,
        count: Count = CHANGES_SHOWN_DEFAULT,
    ) -> HolidaysShape:
        return await asyncio.to_thread(_holidays, caller, key, at, count)

    router.add_api_route(
        "/holiday-sets/{key}/preview",
        get_holidays,
        methods=["GET"],
        operation_id="preview_holiday_set",
        summary="Shows its next holidays, and how fresh its calendar is.",
        tags=["holiday-sets"],
        responses=problems(401, 403, 404, 422),
    )


def _holidays(caller: Caller, key: str, at: datetime | None, count: int) -> HolidaysShape:
    refuse_unlisted(caller, (HOLIDAY_SET, key), Permission.SERVICES_READ)
    tenant = caller.tenant
    try:
        found = preview_holidays(
            tenant.administration.current(), key, at or tenant.utc(), count=count
        )
    except SubjectUnknown:
        raise not_found("holiday set", key) from None
    return HolidaysShape(
        holidays=[
            HolidayShape(name=each.name, begin=each.begin.isoformat(), end=each.end.isoformat())
            for each in found.holidays
        ],
        fetched_at=iso_utc_or_none(found.fetched_at),
        caveat=found.caveat,
    )


router = APIRouter()
for _kind, _collection in COLLECTIONS.items():
    _add_preview(router, _kind, _collection)
    _add_override(router, _kind, _collection)
_add_holidays(router)
