"""What agents did with the callers they were rung for (SPEC 10.1, agent timeline)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from callwright.calls.visits import OfferOutcome
from callwright.kernel.ids import CallQueueId, UserId
from callwright.operations.reports.figures import AgentFigures, AgentHour, Stay
from callwright.operations.reports.span import Span
from callwright.storage.database import Database
from callwright.storage.reports.grouping import MICROSECONDS, bins_of, names_within, within
from callwright.storage.schema import to_us
from callwright.storage.visit_tables import AGENT_OFFER, QUEUE_VISIT

_OFFER = AGENT_OFFER.c
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
                .where(_OFFER.agent.in_(names_within(connection, _OFFER.agent, agents)))
                .where(_OFFER.queue.in_(names_within(connection, QUEUE_VISIT.c.queue, queues)))
                .where(_OFFER.outcome.in_(_OUTCOMES), within(_OFFER.offered_at_us, span))
                .group_by(*group)
            )
            rows = connection.execute(statement).all()
        found = _gathered(((row.agent, row.queue), row) for row in rows)
        return [found[key] for key in sorted(found)]

    def hours(
        self, agent: UserId, bins: Sequence[Span], *, queues: Collection[CallQueueId] | None = None
    ) -> list[AgentHour]:
        """In order of time, without the bins in which nothing was."""
        table = bins_of(bins)
        group = (table.c.since_us, _OFFER.queue, _OFFER.outcome)
        with self._database.reading() as connection:
            names = names_within(connection, QUEUE_VISIT.c.queue, queues)
            statement = (
                select(*group, _OFFER.agent, *_SUMS)
                .where(_OFFER.agent == agent, _OFFER.queue.in_(names))
                .where(_OFFER.outcome.in_(_OUTCOMES))
                .where(_OFFER.offered_at_us >= table.c.since_us)
                .where(_OFFER.offered_at_us < table.c.until_us)
                .group_by(*group, _OFFER.agent)
            )
            rows = connection.execute(statement).all()
        found = _gathered(((row.since_us, row.queue), row) for row in rows)
        spans = {to_us(span.since): span for span in bins}
        return [AgentHour(spans[key[0]], found[key]) for key in sorted(found)]


def _gathered(
    rows: Iterable[tuple[tuple[Any, str], Row[Any]]],
) -> Mapping[tuple[Any, str], AgentFigures]:
    """The rows of one key, which differ in their outcomes, become one."""
    found: dict[tuple[Any, str], AgentFigures] = {}
    for key, row in rows:
        figures = found.get(key) or AgentFigures(UserId(row.agent), CallQueueId(row.queue))
        outcome: dict[str, Any] = {_FIELDS[OfferOutcome(row.outcome)]: row.offers}
        if row.talks:
            total_s, longest_s = int(row.talked_us) / MICROSECONDS, row.longest_us / MICROSECONDS
            outcome["talk"] = figures.talk + Stay(row.talks, total_s, longest_s)
        found[key] = replace(figures, **outcome)
    return found
