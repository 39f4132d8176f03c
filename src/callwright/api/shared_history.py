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
from callwright.api.paging import LIMIT_DEFAULT, CursorText, Limit, Page
from callwright.api.problems import Problem, not_found
from callwright.api.report_access import Since, Until, callers_paged, read_span
from callwright.api.report_shapes import queue_entry
from callwright.calls.visits import HistoryKind
from callwright.domains.access.model import Permission
from callwright.kernel.ids import CallQueueId
from callwright.kernel.limits.configuration import NAME_CHARS_MAX
from callwright.operations.reports.shared_history import kind_of, kinds_open_to
from callwright.operations.reports.span import Span
from callwright.storage.reports.entries import HistoryEntries, Place, QueueEntry

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
    """Newest first: of the kinds that the queue shares with the caller, all unless told."""
    kinds, span = await asyncio.to_thread(_looked_up, asker, key, kind, since, until)
    entries = HistoryEntries(asker.tenant.database)

    def read(most: int, before: Place | None) -> Sequence[QueueEntry]:
        queues = [CallQueueId(key)]
        return entries.of_queues(span, limit=most, before=before, queues=queues, kinds=kinds)

    return await callers_paged(cursor, limit, read, _shown)


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
