"""History of attendants, queues and agents: sums, hours, and callers one by one (SPEC 10.1)."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from callwright.api.documents import problems
from callwright.api.paging import LIMIT_DEFAULT, CursorText, Limit, Page
from callwright.api.problems import bad_parameter
from callwright.api.report_access import Asked, Question, answered, callers_paged
from callwright.api.report_shapes import (
    AgentFiguresShape,
    AgentHourShape,
    AgentReportShape,
    AttendantFiguresShape,
    AttendantReportShape,
    QueueFiguresShape,
    QueueReportShape,
    TimelineShape,
    VolumeReportShape,
    VolumeShape,
    attendant_entry,
    queue_entry,
)
from callwright.calls.visits import AttendantResult, QueueResult
from callwright.kernel.ids import UserId
from callwright.kernel.limits.api import API_SEARCH_CHARS_MAX
from callwright.kernel.limits.queues import QUEUE_SERVICE_LEVEL_S_RANGE
from callwright.kernel.limits.reports import REPORT_TEAM_BINS_MAX, SERVICE_LEVEL_S_DEFAULT
from callwright.operations.reports.discretion import without_agents
from callwright.operations.reports.span import BadSpan, BinWidth, Span
from callwright.storage.reports.agents import AgentReports
from callwright.storage.reports.attendants import AttendantReports
from callwright.storage.reports.entries import (
    AttendantEntry,
    HistoryEntries,
    Place,
    QueueEntry,
)
from callwright.storage.reports.queues import QueueReports

router = APIRouter(prefix="/reports", tags=["reports"])
Name = Annotated[str | None, Query(max_length=API_SEARCH_CHARS_MAX)]
Key = Annotated[str, Path(max_length=API_SEARCH_CHARS_MAX)]
_LOW, _HIGH = QUEUE_SERVICE_LEVEL_S_RANGE
Threshold = Annotated[
    int,
    Query(ge=_LOW, le=_HIGH, description="For queues without `service_level_s` of their own."),
]
REFUSALS = problems(401, 403, 422)


@router.get("/attendants", operation_id="report_attendants", responses=REFUSALS)
async def report_attendants(asked: Question, attendant: Name = None) -> AttendantReportShape:
    """How callers left each attendant, how long they stayed, and where they were sent."""
    reports, scope = AttendantReports(asked.caller.tenant.database), asked.scope
    wanted = scope.of_attendants(attendant)
    found = await answered(lambda: reports.figures(asked.span, attendants=wanted))
    items = [AttendantFiguresShape.of(each, is_identified=scope.identifies) for each in found]
    return AttendantReportShape(**asked.head(), items=items)


@router.get("/queues", operation_id="report_queues", responses=REFUSALS)
async def report_queues(
    asked: Question, queue: Name = None, threshold_s: Threshold = SERVICE_LEVEL_S_DEFAULT
) -> QueueReportShape:
    """Volume, results, waits before an answer and before giving up, service level, destinations."""
    reports, scope = QueueReports(asked.caller.tenant.database), asked.scope
    found = await answered(
        lambda: reports.figures(
            asked.span,
            queues=scope.of_queues(queue),
            thresholds_s=asked.thresholds_s(),
            threshold_s=threshold_s,
        )
    )
    items = [QueueFiguresShape.of(each, is_identified=scope.identifies) for each in found]
    return QueueReportShape(**asked.head(), items=items)


@router.get("/queues/volume", operation_id="report_queue_volume", responses=REFUSALS)
async def report_volume(
    asked: Question, queue: Name = None, by: BinWidth = BinWidth.HOUR
) -> VolumeReportShape:
    """Callers of the queues together by hour or day, and how many agents there were on average."""
    reports, bins = QueueReports(asked.caller.tenant.database), asked.bins(by)
    wanted = asked.scope.of_queues(queue)
    found = await answered(lambda: reports.volume(bins, queues=wanted))
    return VolumeReportShape(**asked.head(), items=list(map(VolumeShape.of, found)))


@router.get("/agents", operation_id="report_agents", responses=REFUSALS)
async def report_agents(
    asked: Question, agent: Name = None, queue: Name = None
) -> AgentReportShape:
    """What each agent was presented, answered and missed, and how long he talked."""
    if agent is not None:
        asked.people()
    reports, wanted = AgentReports(asked.caller.tenant.database), asked.scope.of_queues(queue)
    agents = None if agent is None else [UserId(agent)]
    found = await answered(lambda: reports.figures(asked.span, agents=agents, queues=wanted))
    shown = found if asked.scope.identifies else without_agents(found)
    return AgentReportShape(**asked.head(), items=list(map(AgentFiguresShape.of, shown)))


@router.get("/agents/timeline", operation_id="report_agents_timeline", responses=REFUSALS)
async def report_team(
    asked: Question, queue: Name = None, by: BinWidth = BinWidth.HOUR
) -> TimelineShape:
    """The same by hour or day for all agents, without those in which nothing was."""
    asked.people()
    return await _timeline(asked, asked.bins(by, most=REPORT_TEAM_BINS_MAX), None, queue)


@router.get("/agents/{agent}/timeline", operation_id="report_agent_timeline", responses=REFUSALS)
async def report_timeline(
    asked: Question, agent: Key, queue: Name = None, by: BinWidth = BinWidth.HOUR
) -> TimelineShape:
    """The same for one agent, over a longer time."""
    asked.people()
    return await _timeline(asked, asked.bins(by), [UserId(agent)], queue)


@router.get(
    "/queues/callers",
    operation_id="list_queue_callers",
    response_model=Page,
    responses=REFUSALS,
)
async def list_queue_callers(
    asked: Question,
    queue: Name = None,
    agent: Name = None,
    result: QueueResult | None = None,
    cursor: CursorText = None,
    limit: Limit = LIMIT_DEFAULT,
) -> Response:
    """One by one, the newest first. ``agent`` is who answered."""
    if agent is not None:
        asked.people()
    entries, is_identified = HistoryEntries(asked.caller.tenant.database), asked.scope.identifies

    def read(most: int, before: Place | None) -> Sequence[QueueEntry]:
        return entries.of_queues(
            asked.span,
            limit=most,
            before=before,
            queues=asked.scope.of_queues(queue),
            agent=None if agent is None else UserId(agent),
            result=result,
        )

    return await callers_paged(
        cursor, limit, read, lambda entry: queue_entry(entry, is_identified=is_identified)
    )


@router.get(
    "/attendants/callers",
    operation_id="list_attendant_callers",
    response_model=Page,
    responses=REFUSALS,
)
async def list_attendant_callers(
    asked: Question,
    attendant: Name = None,
    result: AttendantResult | None = None,
    cursor: CursorText = None,
    limit: Limit = LIMIT_DEFAULT,
) -> Response:
    """One by one, the newest first, with the fields of the historical report."""
    entries, is_identified = HistoryEntries(asked.caller.tenant.database), asked.scope.identifies

    def read(most: int, before: Place | None) -> Sequence[AttendantEntry]:
        return entries.of_attendants(
            asked.span,
            limit=most,
            before=before,
            attendants=asked.scope.of_attendants(attendant),
            result=result,
        )

    return await callers_paged(
        cursor, limit, read, lambda entry: attendant_entry(entry, is_identified=is_identified)
    )


async def _timeline(
    asked: Asked, bins: Sequence[Span], agents: Sequence[UserId] | None, queue: str | None
) -> TimelineShape:
    """Raises Problem (422)."""
    reports, wanted = AgentReports(asked.caller.tenant.database), asked.scope.of_queues(queue)
    try:
        found = await answered(lambda: reports.timeline(bins, agents=agents, queues=wanted))
    except BadSpan as error:
        raise bad_parameter("since", "bad-span", str(error)) from None
    items = [AgentHourShape.at(each.span, each.figures) for each in found]
    return TimelineShape(**asked.head(), items=items)
