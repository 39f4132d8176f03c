"""Numbers against ranges: each lies in one of its kind and has one holder (SPEC 3.1, 3.5)."""

from bisect import bisect_right
from collections.abc import Iterator
from operator import attrgetter
from typing import NamedTuple

from callwright.domains.numbers.model import NumberSource
from callwright.domains.numbers.states import Capability
from callwright.kernel.e164 import LineNumber
from callwright.operations.organisation_file.checks import Finding, Names
from callwright.operations.organisation_file.document import Path
from callwright.operations.organisation_file.kept import kept_for_the_same
from callwright.operations.organisation_file.number_schema import NumberSettings
from callwright.operations.organisation_file.schema import Organisation, UserSettings

NEEDED_BY_USER = Capability.USER_ASSIGNMENT
NEEDED_BY_ACCOUNT = Capability.VOICE_APPLICATION_ASSIGNMENT
_DIRECT_ROUTING = NumberSource.DIRECT_ROUTING.value
_KINDS = {NEEDED_BY_USER: "user", NEEDED_BY_ACCOUNT: "service or toll-free"}
"""Which numbers have a capability when nothing is said of it."""


class _Range(NamedTuple):
    first: int
    last: int
    position: int
    """In the file."""
    entry: NumberSettings


class _Holding(NamedTuple):
    line: str
    """The number, with its extension where it has one."""
    path: Path
    kind: str
    key: str
    needs: Capability | None
    """Of the number; None: any will do."""

    @property
    def holder(self) -> str:
        return f"{self.kind} {self.key}"


class _Inventory:
    """Ranges by their beginning; where they overlap, which is a mistake of its own, one of them
    answers."""

    def __init__(self, ranges: list[_Range]) -> None:
        self.ranges = sorted(ranges, key=attrgetter("first", "last"))
        self.overlaps = tuple(_check_overlaps(self.ranges))
        self._firsts = [r.first for r in self.ranges]

    def find(self, number: str) -> _Range | None:
        sought = int(number)
        position = bisect_right(self._firsts, sought) - 1
        if position < 0:
            return None
        found = self.ranges[position]
        return found if sought <= found.last else None


def check_numbers(organisation: Organisation, names: Names) -> Iterator[Finding]:
    inventory = _inventory(organisation.numbers)
    yield from inventory.overlaps
    held: dict[str, _Holding] = {}
    for holding in _holdings(organisation):
        earlier = held.setdefault(holding.line, holding)
        if earlier is not holding:
            yield Finding(holding.path, _claimed_twice(earlier, holding))
        text = _misfit(inventory, holding)
        if text:
            yield Finding(holding.path, text)
    yield from _check_private_lines(organisation, inventory)


def _claimed_twice(earlier: _Holding, holding: _Holding) -> str:
    if earlier.holder == holding.holder:
        return f"{holding.line} is a number of {holding.holder} already; leave one out"
    return f"{holding.line} belongs to {earlier.holder}; give {holding.holder} another number"


def _check_private_lines(organisation: Organisation, inventory: _Inventory) -> Iterator[Finding]:
    """A private line comes from where the user's own number does (SPEC 3.7)."""
    for key, user in organisation.users.items():
        if user.private_line is None or user.number is None:
            continue
        found = inventory.find(LineNumber(user.number).base), inventory.find(user.private_line)
        own, private = (None if each is None else each.entry.source for each in found)
        if own is not None and private is not None and own != private:
            text = (
                f"{user.private_line} is a {private} number and {user.number} a "
                f"{own} one; choose a private line that is {own}, too"
            )
            yield Finding(("users", key, "private_line"), text)


@kept_for_the_same
def _inventory(numbers: list[NumberSettings]) -> _Inventory:
    ranges = []
    for index, entry in enumerate(numbers):
        first, last = entry.ends
        ranges.append(_Range(int(first), int(last), index, entry))
    return _Inventory(ranges)


def _check_overlaps(ranges: list[_Range]) -> Iterator[Finding]:
    widest: _Range | None = None
    for each in ranges:
        if widest is not None and each.first <= widest.last:
            earlier, later = sorted((widest, each), key=lambda r: r.position)
            begin, end = max(each.first, widest.first), min(each.last, widest.last)
            shared = f"+{begin}" if begin == end else f"+{begin}..+{end}"
            text = f"{shared} lies in numbers[{earlier.position}], too; take it out of one of them"
            field = "number" if later.entry.range is None else "range"
            yield Finding(("numbers", later.position, field), text)
        if widest is None or each.last > widest.last:
            widest = each


def lines_held(organisation: Organisation) -> frozenset[str]:
    """Every number that somebody or something has, with its extension where it has one."""
    return frozenset(holding.line for holding in _holdings(organisation))


def _holdings(organisation: Organisation) -> Iterator[_Holding]:
    for key, user in organisation.users.items():
        yield from _held_by_user(key, user)
    for key, account in organisation.resource_accounts.items():
        if account.number is not None:
            path: Path = ("resource_accounts", key, "number")
            yield _Holding(account.number, path, "resource account", key, NEEDED_BY_ACCOUNT)
    locations = {} if organisation.emergency is None else organisation.emergency.locations
    for key, location in locations.items():
        if location.elin is not None:
            path = ("emergency", "locations", key, "elin")
            yield _Holding(location.elin, path, "location", key, None)
    yield from _lent_by_policies(organisation)


def _lent_by_policies(organisation: Organisation) -> Iterator[_Holding]:
    """What shared calling lends is nobody's, and of one policy (SPEC 3.12)."""
    for key, policy in organisation.policies.shared_calling.items():
        for index, number in enumerate(policy.emergency_numbers):
            path: Path = ("policies", "shared_calling", key, "emergency_numbers", index)
            yield _Holding(number, path, "shared calling policy", key, None)


def _held_by_user(key: str, user: UserSettings) -> Iterator[_Holding]:
    if user.number is not None:
        yield _Holding(user.number, ("users", key, "number"), "user", key, NEEDED_BY_USER)
    if user.private_line is not None:
        path: Path = ("users", key, "private_line")
        yield _Holding(user.private_line, path, "user", key, NEEDED_BY_USER)
    for index, number in enumerate(user.alternate_numbers):
        path = ("users", key, "alternate_numbers", index)
        yield _Holding(number, path, "user", key, NEEDED_BY_USER)


def _misfit(inventory: _Inventory, holding: _Holding) -> str:
    line = LineNumber(holding.line)
    found = inventory.find(line.base)
    if found is None:
        return f"{line.base} lies in no range; add it under numbers, or use one that does"
    entry, needs = found.entry, holding.needs
    if needs is not None and needs not in entry.capability_set:
        return (
            f"{line.base} is a {entry.kind} number (numbers[{found.position}]); "
            f"use a number of kind {_KINDS[needs]}"
        )
    if entry.source != _DIRECT_ROUTING and line.extension is not None:
        return (
            f"{line.base} is a {entry.source} number (numbers[{found.position}]), and only "
            "direct-routing ones are shared by extension; leave ;ext= out"
        )
    return ""
