"""What the inventory says of a number (SPEC 3.1)."""

from bisect import bisect_right
from collections.abc import Iterable

from callwright.domains.numbers.model import NumberKind, NumberRange
from callwright.kernel.e164 import E164


class Inventory:
    """Ranges by their beginning: a number is found among 50,000 without a walk. Of ranges that
    overlap, which the organisation file may not have, one answers. Immutable."""

    __slots__ = ("_firsts", "_sorted", "ranges")

    def __init__(self, ranges: Iterable[NumberRange] = ()) -> None:
        self.ranges = tuple(ranges)
        """As they were written."""
        # Both ends of a range have the same length, so integers order numbers as digits do.
        self._sorted = sorted(self.ranges, key=lambda r: int(r.first))
        self._firsts = [int(r.first) for r in self._sorted]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Inventory) and self.ranges == other.ranges

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Inventory({len(self.ranges)} ranges)"

    def find(self, number: E164) -> NumberRange | None:
        """Returns the range that holds the number; None: it is not one of ours."""
        position = bisect_right(self._firsts, int(number)) - 1
        if position < 0:
            return None
        found = self._sorted[position]
        return found if number in found else None

    def is_toll_free(self, number: E164) -> bool:
        """Whether the organisation pays for calls to this number."""
        found = self.find(number)
        return found is not None and found.kind is NumberKind.TOLL_FREE

    def main_number(self, owned: Iterable[E164 | None]) -> E164 | None:
        """Returns the organisation's face: the first owned number that is a service number."""
        for number in owned:
            found = None if number is None else self.find(number)
            if found is not None and found.kind is NumberKind.SERVICE:
                return number
        return None
