"""Usage of the public network: call by call, as an archive, and by trunk (SPEC 10.4, 10.6)."""

import asyncio
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from callwright.api.at_once import AtOnce
from callwright.api.authorisation import Caller, allowed
from callwright.api.documents import problems
from callwright.api.paging import (
    LIMIT_DEFAULT,
    CursorText,
    Limit,
    Page,
    page_of,
    paged,
)
from callwright.api.problems import Problem, bad_parameter
from callwright.api.report_access import Asked, Since, Until, answered, asked, read_call_place
from callwright.api.report_shapes import TrunkFiguresShape, TrunkReportShape
from callwright.calls.record import CallRecord
from callwright.domains.access.model import Permission
from callwright.kernel.limits.reports import (
    REPORT_READ_AT_ONCE,
    USAGE_ARCHIVE_RETRY_S,
    USAGE_ARCHIVES_AT_ONCE,
)
from callwright.operations.reports.archive import UsageArchive
from callwright.operations.reports.span import BadSpan
from callwright.operations.reports.usage import UsageReport
from callwright.storage.reports.trunks import TrunkReports
from callwright.storage.reports.usage import GatewayCalls, place_of_call

router = APIRouter(prefix="/reports", tags=["reports"])
Reader = Annotated[Caller, Depends(allowed(Permission.REPORTS_READ, Permission.CALLS_READ))]
FiguresReader = Annotated[Caller, Depends(allowed(Permission.REPORTS_READ))]
ARCHIVES = AtOnce(USAGE_ARCHIVES_AT_ONCE, "archives are made", retry_after_s=USAGE_ARCHIVE_RETRY_S)
_ZIP = "application/zip"
_OCTETS = {"type": "string", "format": "binary"}


async def usage_asked(caller: Reader, since: Since = None, until: Until = None) -> Asked:
    """A dependency: each row names people, so that figures alone are not enough."""
    return await asked(caller, since, until)


Question = Annotated[Asked, Depends(usage_asked)]


@router.get(
    "/pstn",
    operation_id="list_pstn_usage",
    response_model=Page,
    responses=problems(401, 403, 404, 422),
)
async def list_usage(
    asked: Question, cursor: CursorText = None, limit: Limit = LIMIT_DEFAULT
) -> Response:
    """Calls through gateways, newest first, with the columns of direct routing's usage report."""
    report, calls = _report(asked), GatewayCalls(asked.caller.tenant.database)
    before = read_call_place(cursor)

    def row(record: CallRecord) -> dict[str, Any]:
        return {**report.direct_routing_row(record)}

    return await paged(
        lambda: page_of(
            calls.list(asked.span, limit=limit + 1, before=before),
            limit,
            shown=row,
            place=place_of_call,
        )
    )


@router.get(
    "/pstn/archive",
    operation_id="get_pstn_usage_archive",
    response_class=Response,
    responses=problems(401, 403, 404, 422, 503)
    | {
        200: {
            "description": "Two CSV files and the question.",
            "content": {_ZIP: {"schema": _OCTETS}},
        }
    },
)
async def get_archive(asked: Question) -> Response:
    """A ZIP: `PSTN.calls.*.csv`, `DirectRouting.calls.*.csv` (RFC 4180, times in UTC) and
    `parameters.json`."""
    content = await asyncio.to_thread(_archive, asked, _report(asked))
    headers = {"Content-Disposition": 'attachment; filename="usage.zip"'}
    return Response(content, media_type=_ZIP, headers=headers)


async def trunks_asked(caller: FiguresReader, since: Since = None, until: Until = None) -> Asked:
    """A dependency: trunks are entrusted to nobody."""
    return await asked(caller, since, until)


@router.get("/trunks", operation_id="report_trunks", responses=problems(401, 403, 422))
async def report_trunks(asked: Annotated[Asked, Depends(trunks_asked)]) -> TrunkReportShape:
    """How calls through each SBC ended, how long they took, and how many the network spoiled."""
    reports = TrunkReports(asked.caller.tenant.database)
    found = await answered(lambda: reports.figures(asked.span))
    return TrunkReportShape(**asked.head(), items=list(map(TrunkFiguresShape.of, found)))


def _report(asked: Asked) -> UsageReport:
    if asked.organisation is None:
        raise Problem(404, "not-found", "there is no organisation yet", "apply a file")
    return UsageReport(asked.organisation)


def _archive(asked: Asked, report: UsageReport) -> bytes:
    """Raises Problem (422, 503)."""
    archive = UsageArchive(report, asked.span, asked.caller.tenant.utc())
    try:
        with ARCHIVES.one():
            return archive.write(_calls(asked))
    except BadSpan as error:
        raise bad_parameter("since", "bad-span", str(error)) from None


def _calls(asked: Asked) -> Iterator[CallRecord]:
    calls, before = GatewayCalls(asked.caller.tenant.database), None
    while page := calls.list(asked.span, limit=REPORT_READ_AT_ONCE, before=before):
        yield from page
        before = place_of_call(page[-1])
