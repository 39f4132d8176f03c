"""How the legs of calls sounded: rows of their own beside call records.

A running call's legs are written from time to time, and once more with its record.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from callwright.calls.record import LegRecord
from callwright.kernel.ids import CallId
from callwright.media.events import LegQuality, LegStatistics
from callwright.storage.many_rows import write_rows
from callwright.storage.schema import CALL_LEG, OPEN_CALL, insert_latest, storable

_OPEN = select(OPEN_CALL.c.id).where(OPEN_CALL.c.id.between(bindparam("first"), bindparam("last")))
LegsByCall = Mapping[CallId, Sequence[LegRecord]]
_QUALITY = ("packets", "lost", "jitter_ms", "late", "mos")
_COUNTED = (
    "packets_received", "packets_sent", "bytes_received", "bytes_sent", "packets_lost",
    "packets_rejected", "jitter_ms", "round_trip_ms",
)  # fmt: skip


def add_legs_within(connection: Connection, legs: LegsByCall) -> None:
    """Writes them, over what was written of them before."""
    rows = [_row(call, leg) for call, of_call in legs.items() for leg in of_call]
    write_rows(connection, insert_latest(connection, CALL_LEG), rows)


def note_legs_within(connection: Connection, legs: LegsByCall) -> None:
    """The same for calls that run; of a call that has its record already, that one stands."""
    if not legs:
        return
    # A range, since a list would be compiled anew each time. Others in it do no harm, and ids are
    # digits and capitals, which every database sorts alike.
    open_calls = set(connection.execute(_OPEN, {"first": min(legs), "last": max(legs)}).scalars())
    add_legs_within(connection, {call: legs[call] for call in legs if call in open_calls})


def legs_within(connection: Connection, call: CallId) -> tuple[LegRecord, ...]:
    """In the order in which they were opened."""
    statement = select(CALL_LEG).where(CALL_LEG.c.call_id == call).order_by(CALL_LEG.c.number)
    return tuple(map(_leg, connection.execute(statement)))


def _row(call: CallId, leg: LegRecord) -> dict[str, object]:
    statistics = leg.statistics
    row: dict[str, object] = {
        "call_id": call,
        "number": leg.number,
        "party": storable(leg.party),
        "user": leg.user,
        "gateway": leg.gateway,
        "codec": leg.codec,
    }
    for name in _COUNTED:
        row[name] = getattr(statistics, name)
    for direction, quality in (("received", statistics.received), ("sent", statistics.sent)):
        for name in _QUALITY:
            row[f"{direction}_{name}"] = None if quality is None else getattr(quality, name)
    return row


def _leg(row: Row[Any]) -> LegRecord:
    fields = row._mapping
    return LegRecord(
        number=row.number,
        party=row.party,
        user=row.user,
        gateway=row.gateway,
        codec=row.codec,
        statistics=LegStatistics(
            **{name: fields[name] for name in _COUNTED},
            received=_quality(fields, "received"),
            sent=_quality(fields, "sent"),
        ),
    )


def _quality(fields: Mapping[Any, Any], direction: str) -> LegQuality | None:
    values = {name: fields[f"{direction}_{name}"] for name in _QUALITY}
    is_known = any(value is not None for value in values.values())
    return LegQuality(**values) if is_known else None
