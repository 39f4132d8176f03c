"""Numbers against ranges: each lies in one of its kind and has one holder (SPEC 3.1, 3.5)."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from callwright.domains.numbers.model import NumberKind
from callwright.operations.organisation_file.checks import Finding, Names
from callwright.operations.organisation_file.document import Path
from callwright.operations.organisation_file.schema import Organisation

USER_KINDS = (NumberKind.USER.value,)
SERVICE_KINDS = (NumberKind.SERVICE.value, NumberKind.TOLL_FREE.value)


@dataclass(frozen=True, slots=True)
class _Range:
    first: int
    last: int
    kind: str
    path: Path


@dataclass(frozen=True, slots=True)
class _Holding:
    number: str
    path: Path
    holder: str
    kinds: tuple[str, ...]
    """Which the holder may have."""


class _Inventory:
    """Ranges by their beginning; where they overlap, which is a mistake of its own, one of them
    answers."""

    def __init__(self, ranges: list[_Range]) -> None:
        self.ranges = sorted(ranges, key=lambda r: (r.first, r.last))
        self._firsts = [r.first for r in self.ranges]

    def find(self, number: str) -> _Range | None:
        position = bisect_right(self._firsts, int(number)) - 1
        if position < 0:
            return None
        found = self.ranges[position]
        return found if int(number) <= found.last else None


def check_numbers(organisation: Organisation, names: Names) -> Iterator[Finding]:
    inventory = _Inventory(_ranges(organisation))
    yield from _check_overlaps(inventory)
    holders: dict[str, str] = {}
    for holding in _holdings(organisation):
        earlier = holders.setdefault(holding.number, holding.holder)
        if earlier != holding.holder:
            text = f"{holding.number} belongs to {earlier}; give {holding.holder} another number"
            yield Finding(holding.path, text)
        text = _misfit(inventory, holding)
        if text:
            yield Finding(holding.path, text)


def _ranges(organisation: Organisation) -> list[_Range]:
    ranges = []
    for index, entry in enumerate(organisation.numbers):
        first, last = map(int, entry.ends)
        field = "number" if entry.range is None else "range"
        ranges.append(_Range(first, last, entry.kind, ("numbers", index, field)))
    return ranges


def _check_overlaps(inventory: _Inventory) -> Iterator[Finding]:
    widest: _Range | None = None
    for entry in inventory.ranges:
        if widest is not None and entry.first <= widest.last:
            earlier, later = sorted((widest, entry), key=lambda r: r.path[1])
            begin, end = max(entry.first, widest.first), min(entry.last, widest.last)
            shared = f"+{begin}" if begin == end else f"+{begin}..+{end}"
            text = f"{shared} lies in numbers[{earlier.path[1]}], too; take it out of one of them"
            yield Finding(later.path, text)
        if widest is None or entry.last > widest.last:
            widest = entry


def _holdings(organisation: Organisation) -> Iterator[_Holding]:
    for key, user in organisation.users.items():
        if user.number is not None:
            path: Path = ("users", key, "number")
            yield _Holding(user.number, path, f"user {key}", USER_KINDS)
    for key, account in organisation.resource_accounts.items():
        if account.number is not None:
            path = ("resource_accounts", key, "number")
            yield _Holding(account.number, path, f"resource account {key}", SERVICE_KINDS)
    locations = {} if organisation.emergency is None else organisation.emergency.locations
    for key, location in locations.items():
        if location.elin is not None:
            path = ("emergency", "locations", key, "elin")
            yield _Holding(location.elin, path, f"location {key}", (*USER_KINDS, *SERVICE_KINDS))


def _misfit(inventory: _Inventory, holding: _Holding) -> str:
    found = inventory.find(holding.number)
    if found is None:
        return f"{holding.number} lies in no range; add it under numbers, or use one that does"
    if found.kind not in holding.kinds:
        wanted = " or ".join(holding.kinds)
        return (
            f"{holding.number} is a {found.kind} number (numbers[{found.path[1]}]); "
            f"use a number of kind {wanted}"
        )
    return ""
