"""History of auto attendants: sums, and where they sent callers (SPEC 10.1)."""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, func, select

from callwright.calls.visits import AttendantResult, TransferAction
from callwright.kernel.ids import AutoAttendantId
from callwright.operations.reports.figures import AttendantFigures, Destination
from callwright.operations.reports.span import Span
from callwright.storage.database import Database
from callwright.storage.reports.grouping import (
    destinations_of,
    names_within,
    stays_within,
    within,
)
from callwright.storage.visit_tables import ATTENDANT_VISIT

_VISIT = ATTENDANT_VISIT.c


class AttendantReports:
    """May be used from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def figures(
        self, span: Span, *, attendants: Collection[AutoAttendantId] | None = None
    ) -> list[AttendantFigures]:
        """By name; an attendant without a caller is left out. ``attendants``: None for all."""
        with self._database.reading() as connection:
            names = names_within(connection, _VISIT.attendant, attendants)
            counted = stays_within(
                connection, ATTENDANT_VISIT, _VISIT.attendant, names, AttendantResult, span
            )
            destinations = _destinations(connection, span, names)
        return [
            AttendantFigures(
                AutoAttendantId(name),
                {result: each.stay for result, each in counted[name].items()},
                tuple(destinations.get(name, ())),
            )
            for name in sorted(counted)
        ]


def _destinations(
    connection: Connection, span: Span, attendants: Collection[str]
) -> Mapping[str, list[Destination]]:
    columns = (_VISIT.attendant, _VISIT.transfer, _VISIT.target)
    statement = (
        select(*columns, func.count())
        .where(_VISIT.attendant.in_(attendants), _VISIT.transfer.is_not(None))
        .where(within(_VISIT.started_at_us, span))
        .group_by(*columns)
    )
    return destinations_of(
        (attendant, Destination(TransferAction(transfer), None, None, target, count))
        for attendant, transfer, target, count in connection.execute(statement)
    )
