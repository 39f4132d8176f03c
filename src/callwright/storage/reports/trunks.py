"""How calls through each trunk ended (SPEC 10.6)."""

from collections import defaultdict

from sqlalchemy import func, select

from callwright.calls.record import CallResult
from callwright.kernel.ids import SbcId
from callwright.operations.reports.figures import Stay
from callwright.operations.reports.span import Span
from callwright.operations.reports.trunks import TrunkFigures
from callwright.storage.database import Database
from callwright.storage.reports.grouping import MICROSECONDS, within
from callwright.storage.schema import CALL_RECORD

_RECORD = CALL_RECORD.c


class TrunkReports:
    """May be used from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def figures(self, span: Span) -> list[TrunkFigures]:
        """By name; a trunk without a call is left out."""
        talk = _RECORD.ended_at_us - _RECORD.answered_at_us
        statement = (
            select(_RECORD.gateway, _RECORD.result, func.count())
            .add_columns(func.count(talk), func.sum(talk), func.max(talk))
            .where(within(_RECORD.started_at_us, span), _RECORD.gateway.is_not(None))
            .group_by(_RECORD.gateway, _RECORD.result)
        )
        results: dict[str, dict[CallResult, int]] = defaultdict(dict)
        talks: dict[str, Stay] = defaultdict(Stay)
        with self._database.reading() as connection:
            for sbc, result, count, answered, total, longest in connection.execute(statement):
                results[sbc][CallResult(result)] = count
                if answered:
                    stay = Stay(answered, int(total) / MICROSECONDS, longest / MICROSECONDS)
                    talks[sbc] += stay
        return [TrunkFigures(SbcId(sbc), results[sbc], talks[sbc]) for sbc in sorted(results)]
