"""What agents did with the callers they were rung for (SPEC 10.1, agent timeline)."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from math import gcd
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select, text

from callwright.calls.visits import OfferOutcome
from callwright.kernel.ids import CallQueueId, UserId
from callwright.kernel.limits.reports import REPORT_LINES_MAX
from callwright.operations.reports.figures import AgentFigures, AgentHour, Stay
from callwright.operations.reports.span import BadSpan, Span
from callwright.storage.database import Database
from callwright.storage.reports.grouping import MICROSECONDS, names_within, within
from callwright.storage.schema import to_us
from callwright.storage.visit_tables import AGENT_OFFER, QUEUE_VISIT

_OFFER = AGENT_OFFER.c
_HOUR_US = 3_600 * MICROSECONDS
_OUTCOMES = [outcome.value for outcome in OfferOutcome]
_FIELDS = {
    OfferOutcome.ANSWERED: "answered",
    OfferOutcome.MISSED: "unanswered",
    OfferOutcome.DECLINED: "declined",
    OfferOutcome.WITHDRAWN: "withdrawn",
}
_SUMS: tuple[ColumnElement[Any], ...] = (
    func.count().label("offers"),
    func.count(_OFFER.talk_us).label("talks"),
    func.sum(_OFFER.talk_us).label("talked_us"),
    func.max(_OFFER.talk_us).label("longest_us"),
)


class AgentReports:
    """May be used from any thread. ``agents`` and ``queues``: None for all."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def figures(
        self,
        span: Span,
        *,
        agents: Collection[UserId] | None = None,
        queues: Collection[CallQueueId] | None = None,
    ) -> list[AgentFigures]:
        """By agent and queue; a caller counts where the agent's phone began to ring."""
        group = (_OFFER.agent, _OFFER.queue, _OFFER.outcome)
        with self._database.reading() as connection:
            statement = (
                select(*group, *_SUMS)
                .where(*_among(connection, agents, queues, span))
                .group_by(*group)
            )
            rows = connection.execute(statement).all()
        found = _gathered(((row.agent, row.queue), row) for row in rows)
        return [found[key] for key in sorted(found)]

    def timeline(
        self,
        bins: Sequence[Span],
        *,
        agents: Collection[UserId] | None = None,
        queues: Collection[CallQueueId] | None = None,
    ) -> list[AgentHour]:
        """In order of time, without the bins in which nothing was; ``bins`` are hours or days in a
        row.

        Raises BadSpan for more than REPORT_LINES_MAX lines.
        """
        if not bins:
            return []
        slot_us = _slot_us(bins)
        # The slot in which the first bin begins; all other edges are whole slots after it.
        base_us = to_us(bins[0].until) - slot_us * -(-_length_us(bins[0]) // slot_us)
        slot = ((_OFFER.offered_at_us - base_us) // slot_us).label("slot")
        group = (_OFFER.agent, _OFFER.queue, _OFFER.outcome)
        span = Span(bins[0].since, bins[-1].until)
        with self._database.reading() as connection:
            statement = (
                select(slot, *group, *_SUMS)
                .where(*_among(connection, agents, queues, span))
                .group_by(*group, text("slot"))
                .limit(REPORT_LINES_MAX + 1)
            )
            rows = connection.execute(statement).all()
        if len(rows) > REPORT_LINES_MAX:
            raise BadSpan("has too many lines; name a queue or an agent, or ask for a part of it")
        edges_us = [to_us(each.since) for each in bins]

        def bin_of(row: Row[Any]) -> int:
            return max(0, bisect_right(edges_us, base_us + row.slot * slot_us) - 1)

        found = _gathered(((bin_of(row), row.agent, row.queue), row) for row in rows)
        return [AgentHour(bins[key[0]], found[key]) for key in sorted(found)]


def _among(
    connection: Connection,
    agents: Collection[UserId] | None,
    queues: Collection[CallQueueId] | None,
    span: Span,
) -> tuple[ColumnElement[bool], ...]:
    """Names all values of the first columns of the index, which finds the span then."""
    return (
        _OFFER.agent.in_(names_within(connection, _OFFER.agent, agents)),
        _OFFER.queue.in_(names_within(connection, QUEUE_VISIT.c.queue, queues)),
        _OFFER.outcome.in_(_OUTCOMES),
        within(_OFFER.offered_at_us, span),
    )


def _slot_us(bins: Sequence[Span]) -> int:
    """An hour, or what goes into each distance between edges where clocks move by less: half an
    hour in Lord Howe. The first edge and the last may be anywhere."""
    first_us = to_us(bins[0].until)
    return gcd(_HOUR_US, *(to_us(each.since) - first_us for each in bins[1:]))


def _length_us(span: Span) -> int:
    return to_us(span.until) - to_us(span.since)


def _gathered(
    rows: Iterable[tuple[tuple[Any, ...], Row[Any]]],
) -> Mapping[tuple[Any, ...], AgentFigures]:
    """The rows of one key become one."""
    found: dict[tuple[Any, ...], AgentFigures] = {}
    for key, row in rows:
        figures = found.get(key) or AgentFigures(UserId(row.agent), CallQueueId(row.queue))
        name = _FIELDS[OfferOutcome(row.outcome)]
        outcome: dict[str, Any] = {name: getattr(figures, name) + row.offers}
        if row.talks:
            total_s, longest_s = int(row.talked_us) / MICROSECONDS, row.longest_us / MICROSECONDS
            outcome["talk"] = figures.talk + Stay(row.talks, total_s, longest_s)
        found[key] = replace(figures, **outcome)
    return found
