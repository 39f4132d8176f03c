"""Calls that are over and calls that run, and what would happen to one."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import Response
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from callwright.api.authorisation import Caller, allowed
from callwright.api.documents import problems
from callwright.api.paging import (
    LIMIT_DEFAULT,
    CursorText,
    Limit,
    Page,
    page_of,
    paged,
    read_cursor,
)
from callwright.api.problems import Problem, bad_parameter, not_found
from callwright.calls.record import CallRecord, CallResult, Direction
from callwright.calls.record_form import leg_form, record_form, summary_form
from callwright.domains.access.model import Permission
from callwright.kernel.ids import AutoAttendantId, CallId, CallQueueId, SbcId, UserId
from callwright.kernel.instants import in_reach, iso_utc
from callwright.kernel.limits.api import API_SEARCH_CHARS_MAX, EXPLAINED_WORDS_MAX
from callwright.kernel.limits.configuration import NAME_CHARS_MAX
from callwright.operations.organisation_file import build_snapshot
from callwright.operations.reports.discretion import about
from callwright.operations.schedules.kept import kept_schedules
from callwright.routing.explain import explain
from callwright.routing.request import LiveState
from callwright.routing.scripted_caller import read_acts
from callwright.routing.snapshot import Snapshot
from callwright.storage.call_records import CallRecords, CallStart

router = APIRouter(tags=["calls"])
Text = Annotated[str | None, Query(max_length=API_SEARCH_CHARS_MAX)]
Searcher = Annotated[Caller, Depends(allowed(Permission.CALLS_SEARCH))]
Reader = Annotated[Caller, Depends(allowed(Permission.CALLS_READ))]
Ender = Annotated[Caller, Depends(allowed(Permission.CALLS_WRITE))]
CallName = Annotated[str, Path(max_length=64)]


def _keys(text: str) -> str:
    read_acts(text)
    return text


class ExplainBody(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    caller: str = Field(min_length=1, max_length=API_SEARCH_CHARS_MAX)
    dialled: str = Field(min_length=1, max_length=API_SEARCH_CHARS_MAX)
    at: Annotated[datetime, AfterValidator(in_reach)] | None = Field(
        default=None, description="Now unless told; without a zone it is the organisation's."
    )
    keys: Annotated[str, AfterValidator(_keys)] | None = Field(
        default=None,
        max_length=API_SEARCH_CHARS_MAX,
        description='Pressed in menus, a group after each prompt: "1 2 102#".',
    )
    says: list[Annotated[str, Field(max_length=NAME_CHARS_MAX)]] = Field(
        default=[], max_length=EXPLAINED_WORDS_MAX, description="Said in menus, after the keys."
    )


class StepShape(BaseModel):
    what: str
    because: str


class ExplanationShape(BaseModel):
    steps: list[StepShape]
    outcome: str


@router.get(
    "/calls", operation_id="list_calls", response_model=Page, responses=problems(401, 403, 422)
)
async def list_calls(
    asker: Searcher,
    user: Text = None,
    caller: Text = None,
    callee: Text = None,
    gateway: Text = None,
    result: CallResult | None = None,
    direction: Direction | None = None,
    queue: Text = None,
    attendant: Text = None,
    agent: Text = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    cursor: CursorText = None,
    limit: Limit = LIMIT_DEFAULT,
) -> Response:
    """Newest first. Who may only search has to name the user, and sees nobody else of his calls.
    ``agent`` is whom a queue rang for the call. ``until`` is not included."""
    seen = _check_search(asker, user, (caller, callee, gateway, queue, attendant, agent))
    place = read_cursor(cursor, str)
    records = CallRecords(asker.tenant.database)
    wanted = partial(
        records.list,
        limit=limit + 1,
        before=None if place is None else CallId(place[0]),
        caller=caller,
        callee=callee,
        user=None if user is None else UserId(user),
        gateway=None if gateway is None else SbcId(gateway),
        result=result,
        direction=direction,
        queue=None if queue is None else CallQueueId(queue),
        attendant=None if attendant is None else AutoAttendantId(attendant),
        agent=None if agent is None else UserId(agent),
        since=since,
        until=until,
    )
    try:
        return await paged(
            lambda: page_of(
                wanted(),
                limit,
                shown=lambda record: dict(summary_form(seen(record))),
                place=lambda record: (record.id,),
            )
        )
    except LookupError:
        text = "leads to a call that is gone; begin again without it"
        raise bad_parameter("cursor", "bad-cursor", text) from None


@router.get("/calls/running", operation_id="list_running_calls", responses=problems(401, 403, 422))
async def list_running(asker: Reader, limit: Limit = LIMIT_DEFAULT) -> Page:
    """Newest first."""
    starts = await asyncio.to_thread(CallRecords(asker.tenant.database).open_calls)
    newest = starts[::-1][:limit]
    return Page(items=[start_form(start) for start in newest], next=None, total=len(starts))


@router.get("/calls/{call}", operation_id="get_call", responses=problems(401, 403, 404, 422))
async def get_call(asker: Searcher, call: CallName, user: Text = None) -> dict[str, Any]:
    """With each decision and its reason, and how each leg sounded."""
    seen = _check_search(asker, user)
    records = CallRecords(asker.tenant.database)
    record = await asyncio.to_thread(records.get, CallId(call))
    if record is not None and (user is None or user in (record.caller_user, record.callee_user)):
        return dict(record_form(seen(record)))
    running = await asyncio.to_thread(records.running, CallId(call))
    if running is None or not asker.principal.may(Permission.CALLS_READ):
        raise not_found("call", call)
    start, legs = running
    return {**start_form(start), "legs": [leg_form(leg) for leg in legs]}


@router.post(
    "/calls/{call}/end",
    operation_id="end_call",
    status_code=204,
    responses=problems(401, 403, 404, 422),
)
async def end_call(asker: Ender, call: CallName) -> None:
    """Hangs up; an emergency call cannot be ended so."""
    live = asker.tenant.live
    if live is None or not live.hang_up(CallId(call)):
        raise not_found("running call", call)


@router.post("/explain", operation_id="explain_call", responses=problems(401, 403, 404, 422))
async def post_explain(asker: Reader, body: ExplainBody) -> ExplanationShape:
    """What would happen to a call and why, by the very code that calls run."""
    live = asker.tenant.live
    snapshot = None if live is None else live.snapshot
    state = None if live is None else live.live_state()
    found = await asyncio.to_thread(_explained, asker, body, snapshot, state)
    return ExplanationShape.model_validate(found)


def _explained(
    asker: Caller, body: ExplainBody, snapshot: Snapshot | None, state: LiveState | None
) -> dict[str, object]:
    if snapshot is None:
        configuration = asker.tenant.administration.current()
        if configuration.organisation is None:
            raise Problem(404, "not-found", "there is no organisation yet", "apply a file")
        organisation = configuration.organisation
        kept = kept_schedules(organisation, configuration.entities)
        revision = configuration.revision
        snapshot = build_snapshot(organisation, revision=revision, base=None, kept=kept)
    at = body.at or asker.tenant.utc()
    acts = read_acts(body.keys, body.says)
    explained = explain(
        snapshot, caller=body.caller, dialled=body.dialled, at=at, live=state, acts=acts
    )
    return explained.as_json()


def start_form(start: CallStart) -> dict[str, Any]:
    return {
        "state": "running",
        "id": start.id,
        "started_at": iso_utc(start.started_at),
        "caller": start.caller,
        "callee": start.callee,
        "direction": start.direction.value,
    }


def _check_search(
    asker: Caller, user: str | None, others: Sequence[str | None] = ()
) -> Callable[[CallRecord], CallRecord]:
    """What is shown of each call: all of it, or what row 276 leaves support of the first tier,
    which sees the person it looks for, and nobody else. Raises Problem (403).

    ``others`` are filters that would tell of other people.
    """
    if asker.principal.may(Permission.CALLS_READ):
        return lambda record: record
    if user is None or any(other is not None for other in others):
        text = f"{asker.principal.name} may look for calls of one user only"
        raise Problem(403, "not-allowed", text, "send user=KEY, and no other party")
    return partial(about, person=UserId(user))
