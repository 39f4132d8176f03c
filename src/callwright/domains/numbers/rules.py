"""What the inventory says of a number (SPEC 3.1)."""

from collections.abc import Iterable

from callwright.domains.numbers.model import NumberKind, NumberRange
from callwright.kernel.e164 import E164


def find_range(ranges: Iterable[NumberRange], number: E164) -> NumberRange | None:
    """Returns the first range that holds the number; None: it is not one of ours."""
    for number_range in ranges:
        if number in number_range:
            return number_range
    return None


def is_toll_free(ranges: Iterable[NumberRange], number: E164) -> bool:
    """Whether the organisation pays for calls to this number."""
    found = find_range(ranges, number)
    return found is not None and found.kind is NumberKind.TOLL_FREE


def main_number(owned: Iterable[E164 | None], ranges: Iterable[NumberRange]) -> E164 | None:
    """Returns the organisation's face: the first owned number that is a service number."""
    inventory = tuple(ranges)
    for number in owned:
        found = None if number is None else find_range(inventory, number)
        if found is not None and found.kind is NumberKind.SERVICE:
            return number
    return None
