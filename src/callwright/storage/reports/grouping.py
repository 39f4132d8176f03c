"""What the queries of reports share: which names there are, spans of time, sums by name and result.

A query names all groups that may be there, as lists of values for the first columns of an index:
so the rows of each group lie beside each other, and nobody sorts a million of them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from sqlalchemy import (
    CTE,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Table,
    and_,
    case,
    column,
    func,
    select,
    values,
)

from callwright.operations.reports.figures import Destination, Stay
from callwright.operations.reports.span import Span
from callwright.storage.schema import to_us

Result = TypeVar("Result", bound=Enum)
MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Counted:
    """The callers with one result at one attendant or queue."""

    stay: Stay
    in_time: int
    """Of them, who stayed no longer than the threshold."""


def names_within(
    connection: Connection, of: Column[Any], wanted: Collection[str] | None
) -> tuple[str, ...]:
    """The values of a column that an index begins with, in order, each found by one step in it.

    ``wanted`` is all that may be among them; None: any.
    """
    least = select(func.min(of).label("name")).cte("known", recursive=True)
    following = select(func.min(of)).where(of > least.c.name).scalar_subquery()
    known = least.union_all(select(following).where(least.c.name.is_not(None)))
    found = connection.execute(select(known.c.name).where(known.c.name.is_not(None))).scalars()
    return tuple(name for name in found if wanted is None or name in wanted)


def within(at_us: Column[Any], span: Span) -> ColumnElement[bool]:
    return and_(at_us >= to_us(span.since), at_us < to_us(span.until))


def bins_of(spans: Sequence[Span]) -> CTE:
    """A table of hours or days: ``since_us``, ``until_us``."""
    edges = [(to_us(span.since), to_us(span.until)) for span in spans]
    shape = (column("since_us", BigInteger), column("until_us", BigInteger))
    return values(*shape, name="bin").data(edges).cte("bin")


def stays_within(
    connection: Connection,
    table: Table,
    of: Column[Any],
    names: Collection[str],
    results: type[Result],
    span: Span,
    threshold_s: int = 0,
) -> Mapping[str, Mapping[Result, Counted]]:
    """How many there were at each name with each result, and how long they stayed."""
    stayed = table.c.ended_at_us - table.c.started_at_us
    in_time = case((stayed <= threshold_s * MICROSECONDS, 1), else_=0)
    statement = (
        select(of, table.c.result, func.count(), func.sum(stayed), func.max(stayed))
        .add_columns(func.sum(in_time))
        .where(of.in_(names), table.c.result.in_(_values(results)))
        .where(within(table.c.started_at_us, span))
        .group_by(of, table.c.result)
    )
    found: dict[str, dict[Result, Counted]] = defaultdict(dict)
    for name, result, count, total, longest, quick in connection.execute(statement):
        stay = Stay(count, int(total) / MICROSECONDS, longest / MICROSECONDS)
        found[name][results(result)] = Counted(stay, int(quick))
    return found


def destinations_of(rows: Iterable[tuple[str, Destination]]) -> Mapping[str, list[Destination]]:
    """By the name in front, where most went first."""
    found: dict[str, list[Destination]] = defaultdict(list)
    for name, destination in rows:
        found[name].append(destination)
    for destinations in found.values():
        destinations.sort(key=lambda each: (-each.count, each.target or ""))
    return found


def _values(kinds: Iterable[Enum]) -> list[str]:
    return [kind.value for kind in kinds]
