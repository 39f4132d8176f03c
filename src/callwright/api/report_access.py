"""What every route of a report asks first: who it is, what he may see, and of which time."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

from fastapi import Depends, Query
from fastapi.responses import Response

from callwright.api.authorisation import Caller
from callwright.api.delegation import AllowedOrEntrusted
from callwright.api.paging import page_of, paged, read_cursor
from callwright.api.problems import Problem, bad_parameter
from callwright.domains.access.model import Permission
from callwright.kernel.ids import CallQueueId
from callwright.kernel.instants import iso_utc
from callwright.kernel.limits.reports import REPORT_BINS_MAX
from callwright.operations.organisation_file import Organisation
from callwright.operations.reports.scope import Scope, scope_of
from callwright.operations.reports.span import BadSpan, BinWidth, Span
from callwright.operations.reports.thresholds import thresholds_s
from callwright.storage.reports.entries import AttendantEntry, Place, QueueEntry, place_of
from callwright.storage.reports.usage import CallPlace

T = TypeVar("T")
Entry = TypeVar("Entry", QueueEntry, AttendantEntry)
UTC_NAME = "UTC"
Reader = Annotated[Caller, Depends(AllowedOrEntrusted(Permission.REPORTS_READ))]
"""Who has the permission, or a user, whose policy is looked at then."""
Since = Annotated[
    datetime | None,
    Query(description="Included. Without a zone it is the organisation's. 7 days ago unless told."),
]
Until = Annotated[datetime | None, Query(description="Not included. Now unless told.")]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about the past that may be answered."""

    caller: Caller
    scope: Scope
    span: Span
    zone: ZoneInfo
    organisation: Organisation | None

    def head(self) -> dict[str, Any]:
        """What each report begins with (``ReportShape``)."""
        return {
            "since": iso_utc(self.span.since),
            "until": iso_utc(self.span.until),
            "timezone": self.zone.key,
            "identified": self.scope.identifies,
        }

    def bins(self, width: BinWidth, *, most: int = REPORT_BINS_MAX) -> tuple[Span, ...]:
        """Raises Problem (422)."""
        try:
            return self.span.bins(width, self.zone, most=most)
        except BadSpan as error:
            raise bad_parameter("since", "bad-span", str(error)) from None

    def thresholds_s(self) -> Mapping[CallQueueId, int]:
        """Of the queues that have one."""
        return {} if self.organisation is None else thresholds_s(self.organisation)

    def people(self) -> None:
        """Raises Problem (403) for who may not know whom it is about."""
        if not self.scope.identifies:
            text = f"{self.caller.principal.name} may see figures, and nobody by name"
            raise Problem(403, "not-allowed", text, "ask an owner for a role that reads calls")


async def asked(caller: Reader, since: Since = None, until: Until = None) -> Asked:
    """A dependency. Raises Problem (403, 422)."""
    return await asyncio.to_thread(_asked, caller, since, until)


Question = Annotated[Asked, Depends(asked)]


def _asked(caller: Caller, since: datetime | None, until: datetime | None) -> Asked:
    organisation = caller.tenant.administration.current().organisation
    scope = scope_of(caller.principal, organisation)
    if scope is None:
        text = f"{caller.principal.name} lacks the permission {Permission.REPORTS_READ}"
        remedy = "ask for a role that has it, or a policy with historical_metrics"
        raise Problem(403, "not-allowed", text, remedy)
    zone = ZoneInfo(UTC_NAME if organisation is None else organisation.organisation.timezone)
    span = read_span(since, until, zone=zone, now=caller.tenant.utc())
    return Asked(caller, scope, span, zone, organisation)


def read_span(
    since: datetime | None, until: datetime | None, *, zone: ZoneInfo, now: datetime
) -> Span:
    """Raises Problem (422)."""
    try:
        return Span.read(since, until, zone=zone, now=now)
    except BadSpan as error:
        raise bad_parameter("since", "bad-span", str(error)) from None


def _read_place(cursor: str | None) -> Place | None:
    """Where a list of callers goes on. Raises Problem (422)."""
    place = read_cursor(cursor, int, str, int)
    return None if place is None else Place(*place)


async def answered(make: Callable[[], T]) -> T:
    """In a thread: calls do not wait for sums."""
    return await asyncio.to_thread(make)


def read_call_place(cursor: str | None) -> CallPlace | None:
    """Where a list of calls goes on. Raises Problem (422)."""
    place = read_cursor(cursor, int, str)
    return None if place is None else CallPlace(*place)


async def callers_paged(
    cursor: str | None,
    limit: int,
    read: Callable[[int, Place | None], Sequence[Entry]],
    shown: Callable[[Entry], dict[str, Any]],
) -> Response:
    """A page of callers one by one. ``read(limit, before)``. Raises Problem (422)."""
    before = _read_place(cursor)
    return await paged(lambda: page_of(read(limit + 1, before), limit, shown=shown, place=place_of))
