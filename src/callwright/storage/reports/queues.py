"""History of call queues: sums, and volume by hour or day (SPEC 10.1)."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from callwright.calls.visits import QueueResult
from callwright.kernel.ids import CallQueueId
from callwright.operations.reports.figures import (
    ANSWERED,
    CALLED_BACK,
    PROMISED,
    Destination,
    QueueFigures,
    ServiceLevel,
    Volume,
)
from callwright.operations.reports.span import Span
from callwright.storage.database import Database
from callwright.storage.reports.grouping import (
    Counted,
    bins_of,
    destinations_of,
    names_within,
    stays_within,
    within,
)
from callwright.storage.schema import to_us
from callwright.storage.visit_tables import QUEUE_VISIT

_VISIT = QUEUE_VISIT.c
_ANSWERED = sorted(result.value for result in ANSWERED)
_OTHERS = [result.value for result in QueueResult if result not in ANSWERED]
_OFFERED = [result.value for result in QueueResult if result not in CALLED_BACK]


class QueueReports:
    """May be used from any thread. ``queues`` is whom to report on; None: every queue that had a
    caller."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def figures(
        self,
        span: Span,
        *,
        queues: Collection[CallQueueId] | None = None,
        thresholds_s: Mapping[CallQueueId, int],
        threshold_s: int,
    ) -> list[QueueFigures]:
        """By name; a queue without a caller is left out. ``threshold_s`` is that of a queue that
        has none of its own."""
        with self._database.reading() as connection:
            names = names_within(connection, _VISIT.queue, queues)
            by_threshold: dict[int, list[str]] = defaultdict(list)
            for name in names:
                by_threshold[thresholds_s.get(CallQueueId(name), threshold_s)].append(name)
            destinations = _destinations(connection, span, names)
            found = [
                _figures(name, counted, within_s, destinations.get(name, []))
                for within_s, same in by_threshold.items()
                for name, counted in stays_within(
                    connection, QUEUE_VISIT, _VISIT.queue, same, QueueResult, span, within_s
                ).items()
            ]
        return sorted(found, key=lambda figures: figures.queue)

    def volume(
        self, bins: Sequence[Span], *, queues: Collection[CallQueueId] | None = None
    ) -> list[Volume]:
        """All these queues together, for each of the bins."""
        with self._database.reading() as connection:
            names = names_within(connection, _VISIT.queue, queues)
            table = bins_of(bins)

            def measured(what: ColumnElement[Any], results: Sequence[str]) -> ColumnElement[Any]:
                return (
                    select(what)
                    .where(_VISIT.queue.in_(names), _VISIT.result.in_(results))
                    .where(_VISIT.started_at_us >= table.c.since_us)
                    .where(_VISIT.started_at_us < table.c.until_us)
                    .correlate(table)
                    .scalar_subquery()
                )

            columns = (
                table.c.since_us,
                measured(func.count(), _OFFERED),
                measured(func.count(), _ANSWERED),
                measured(func.count(), [QueueResult.ABANDONED.value]),
                measured(func.sum(_VISIT.opted_in_count), _OFFERED),
            )
            rows = connection.execute(select(*columns).select_from(table)).all()
        spans = {to_us(span.since): span for span in bins}
        return [
            _volume(spans[since_us], *counts)
            for since_us, *counts in sorted(rows, key=lambda row: row.since_us)
        ]


def _volume(
    span: Span, offered: int, answered: int, abandoned: int, opted_in: int | None
) -> Volume:
    mean = int(opted_in) / offered if opted_in is not None and offered else None
    return Volume(span, offered, answered, abandoned, mean)


def _figures(
    queue: str,
    counted: Mapping[QueueResult, Counted],
    threshold_s: int,
    destinations: list[Destination],
) -> QueueFigures:
    served = [each for result, each in counted.items() if result in ANSWERED]
    others = [each for result, each in counted.items() if result not in ANSWERED | PROMISED]
    late_others = sum(each.stay.count - each.in_time for each in others)
    level = ServiceLevel(
        threshold_s,
        in_time=sum(each.in_time for each in served),
        counted=sum(each.stay.count for each in served) + late_others,
    )
    stays = {result: each.stay for result, each in counted.items()}
    return QueueFigures(CallQueueId(queue), stays, level, tuple(destinations))


def _destinations(
    connection: Connection, span: Span, queues: Collection[str]
) -> Mapping[str, list[Destination]]:
    columns = (_VISIT.queue, _VISIT.result, _VISIT.final_action, _VISIT.target_type, _VISIT.target)
    statement = (
        select(*columns, func.count())
        .where(_VISIT.queue.in_(queues), _VISIT.result.in_(_OTHERS))
        .where(_VISIT.final_action.is_not(None), within(_VISIT.started_at_us, span))
        .group_by(*columns)
    )
    return destinations_of(
        (queue, Destination(QueueResult(result), action, kind, target, count))
        for queue, result, action, kind, target, count in connection.execute(statement)
    )
