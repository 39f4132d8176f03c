"""The built-in supplier: numbers that an administrator has from a carrier and keeps for later.

The pool is records, so that what is ordered leaves it in the transaction that brings it into the
inventory, and what is released comes back the same way.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterable, Iterator, Sequence

from pydantic import JsonValue

from callwright.domains.numbers.countries import country_of
from callwright.domains.numbers.model import NumberKind, NumberSource
from callwright.domains.numbers.orders import BUILT_IN_SUPPLIER, NumberOrder
from callwright.domains.numbers.porting import PortRequest
from callwright.domains.numbers.search import Criteria, PoolEntry, find_numbers
from callwright.domains.numbers.spans import (
    Span,
    first_overlap,
    joined,
    place,
    read_span,
    without,
)
from callwright.domains.numbers.states import Standing
from callwright.kernel.e164 import E164
from callwright.operations.configuration import Edit
from callwright.operations.numbers.desk import Act, NumberDesk
from callwright.operations.numbers.supplier import SupplierRefused
from callwright.operations.numbers.view import Draft, View, refusal
from callwright.operations.organisation_file.entities import EntityKey
from callwright.operations.organisation_file.record_schema import NUMBER_POOL

_ACQUIRED = frozenset({NumberSource.CALLING_PLAN, NumberSource.OPERATOR_CONNECT})
"""Of these numbers can be given back; the others are the organisation's own."""
_Likeness = tuple[NumberKind, NumberSource, str | None, str | None]
"""Kind, source, country and city of numbers that come back as one range."""


class PoolSupplier:
    """Implements NumberSupplier."""

    @property
    def name(self) -> str:
        return BUILT_IN_SUPPLIER

    def search(
        self, view: View, wanted: Criteria, taken: Container[E164]
    ) -> Sequence[tuple[E164, PoolEntry]]:
        found = find_numbers(read_pool(view), taken, wanted)
        source = found[0][1].source if found else None
        return [one for one in found if one[1].source is source]

    def reserve(self, order: NumberOrder) -> None:
        """The order's own record keeps its numbers out of other searches."""

    def order(self, view: View, order: NumberOrder) -> Edit:
        wanted = sorted(set(order.numbers), key=place)
        places = [place(number) for number in wanted]
        missing = set(wanted)
        upserts: dict[EntityKey, JsonValue] = {}
        removals: list[EntityKey] = []
        for entry in read_pool(view):
            begin = bisect_left(places, place(entry.span.first))
            taken = wanted[begin : bisect_right(places, place(entry.span.last))]
            if taken:
                missing.difference_update(taken)
                upserts.update(_written(span, entry) for span in without(entry.span, taken))
                removals.append((NUMBER_POOL, entry.key))
        if missing:
            raise SupplierRefused(f"{min(missing)} is no longer in the pool; search again")
        return Edit(upserts, removals)

    def cancel(self, order: NumberOrder) -> None:
        """The order's record lets its numbers go."""

    def release(self, view: View, numbers: Sequence[Standing]) -> Edit:
        alike: dict[_Likeness, list[E164]] = {}
        for standing in numbers:
            alike.setdefault(_likeness(standing), []).append(standing.number)
        upserts: dict[EntityKey, JsonValue] = {}
        for (kind, source, country, city), theirs in alike.items():
            if source in _ACQUIRED and country is not None:
                for span in joined(theirs):
                    entry = PoolEntry(str(span), span, kind, source, country, city)
                    address, record = _written(span, entry)
                    upserts[address] = record
        return Edit(upserts)

    def port(self, identifier: str, request: PortRequest) -> None:
        """An administrator talks to the losing carrier and moves the order on."""

    def cancel_port(self, identifier: str) -> None:
        """As ``port``."""


def read_pool(view: View) -> Iterator[PoolEntry]:
    for key, record in view.records(NUMBER_POOL).items():
        city = record.get("city")
        yield PoolEntry(
            key,
            read_span(key),
            NumberKind(record["kind"]),
            NumberSource(record["source"]),
            str(record["country"]),
            None if city is None else str(city),
        )


def stock(
    desk: NumberDesk,
    spans: Iterable[Span],
    act: Act,
    *,
    kind: NumberKind,
    source: NumberSource,
    country: str,
    city: str | None = None,
) -> tuple[PoolEntry, ...]:
    """Puts numbers into the pool, from where they can be ordered, and returns what is in it then.

    Raises NumbersRefused where one is in the pool or the inventory already.
    """
    wanted = tuple(spans)

    def draft(view: View) -> Draft[tuple[PoolEntry, ...]]:
        pool = tuple(read_pool(view))
        known = [entry.span for entry in view.inventory.entries]
        known += [entry.span for entry in pool]
        found = first_overlap(wanted, known)
        if found is not None:
            span, other = found
            text = f"{span.overlap(other)} is there already, in {other}; leave it out"
            raise refusal(("numbers",), "number-exists", text)
        entries = [PoolEntry(str(s), s, kind, source, country, city) for s in wanted]
        return Draft((*pool, *entries), dict(_written(entry.span, entry) for entry in entries))

    return desk.write(draft, act)[0]


def _written(span: Span, entry: PoolEntry) -> tuple[EntityKey, JsonValue]:
    record: dict[str, JsonValue] = {
        "kind": entry.kind.value,
        "source": entry.source.value,
        "country": entry.country,
    }
    if entry.city is not None:
        record["city"] = entry.city
    return (NUMBER_POOL, str(span)), record


def _likeness(standing: Standing) -> _Likeness:
    entry = standing.entry
    return entry.kind, entry.source, entry.country or country_of(standing.number), entry.city
