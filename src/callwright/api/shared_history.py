"""Calls of one queue, for the people whom it shares them with (SPEC 10.2)."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Path
from fastapi.responses import Response

from callwright.api.authorisation import Caller
from callwright.api.delegation import AllowedOrEntrusted
from callwright.api.documents import problems
from callwright.api.paging import LIMIT_DEFAULT, CursorText, Limit, Page, page_of, paged
from callwright.api.problems import Problem, not_found
from callwright.api.report_access import (
    Since,
    Until,
    callers_paged,
    read_call_place,
    read_span,
)
from callwright.api.report_shapes import queue_entry
from callwright.calls.record import CallRecord, on_behalf_of
from callwright.calls.visits import HistoryKind
from callwright.domains.access.model import Permission
from callwright.kernel.ids import CallQueueId
from callwright.kernel.instants import iso_utc
from callwright.kernel.limits.configuration import NAME_CHARS_MAX
from callwright.operations.reports.shared_history import kind_of, kinds_open_to
from callwright.operations.reports.span import Span
from callwright.storage.reports.entries import HistoryEntries, Place, QueueEntry
from callwright.storage.reports.usage import GatewayCalls, place_of_call

router = APIRouter(tags=["call-queues"])
Reader = Annotated[Caller, Depends(AllowedOrEntrusted(Permission.CALLS_READ))]
QueueKey = Annotated[str, Path(max_length=NAME_CHARS_MAX)]


@router.get(
    "/call-queues/{key}/calls",
    operation_id="list_queue_calls",
    response_model=Page,
    responses=problems(401, 403, 404, 422),
)
async def list_queue_calls(
    asker: Reader,
    key: QueueKey,
    kind: HistoryKind | None = None,
    since: Since = None,
    until: Until = None,
    cursor: CursorText = None,
    limit: Limit = LIMIT_DEFAULT,
) -> Response:
    """Newest first: of the kinds that the queue shares with the caller, all unless told; but calls
    that its agents made (`outbound`) are listed by themselves."""
    kinds, span = await asyncio.to_thread(_looked_up, asker, key, kind, since, until)
    if kind is HistoryKind.OUTBOUND:
        return await _outbound(asker, CallQueueId(key), span, cursor, limit)
    entries = HistoryEntries(asker.tenant.database)

    def read(most: int, before: Place | None) -> Sequence[QueueEntry]:
        queues = [CallQueueId(key)]
        return entries.of_queues(span, limit=most, before=before, queues=queues, kinds=kinds)

    return await callers_paged(cursor, limit, read, _shown)


async def _outbound(
    asker: Caller, queue: CallQueueId, span: Span, cursor: str | None, limit: int
) -> Response:
    calls, via = GatewayCalls(asker.tenant.database), on_behalf_of(queue)
    before = read_call_place(cursor)
    return await paged(
        lambda: page_of(
            calls.list(span, limit=limit + 1, before=before, via=via),
            limit,
            shown=_made,
            place=place_of_call,
        )
    )


def _looked_up(
    asker: Caller,
    queue: str,
    wanted: HistoryKind | None,
    since: datetime | None,
    until: datetime | None,
) -> tuple[Collection[HistoryKind], Span]:
    """Raises Problem (403, 404, 422)."""
    organisation = asker.tenant.administration.current().organisation
    if organisation is None or queue not in organisation.call_queues:
        raise not_found("call queue", queue)
    seen = kinds_open_to(asker.principal, organisation, queue)
    kinds = seen if wanted is None else seen & {wanted}
    if not kinds:
        what = "" if wanted is None else f"{wanted.value} "
        text = f"call queue {queue} shares no {what}calls with {asker.principal.name}"
        raise Problem(403, "not-shared", text, "ask an administrator for shared_history there")
    zone = ZoneInfo(organisation.organisation.timezone)
    return kinds, read_span(since, until, zone=zone, now=asker.tenant.utc())


def _shown(entry: QueueEntry) -> dict[str, Any]:
    return {"kind": kind_of(entry.visit).value, **queue_entry(entry, is_identified=True)}


def _made(record: CallRecord) -> dict[str, Any]:
    """What a call on behalf of the queue has in common with those of callers has the same name."""
    return {
        "kind": HistoryKind.OUTBOUND.value,
        "call": record.id,
        "started_at": iso_utc(record.started_at),
        "ended_at": iso_utc(record.ended_at),
        "agent": record.caller_user,
        "called": record.callee,
        "result": record.result.value,
        "duration_s": round(record.duration_s, 3),
    }
