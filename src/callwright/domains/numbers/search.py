"""Finds numbers to acquire in what a source has: by prefix, area code or city (SPEC 3.4)."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from enum import Enum

from callwright.domains.numbers.countries import area_prefix
from callwright.domains.numbers.model import NumberKind, NumberSource
from callwright.domains.numbers.spans import Span
from callwright.kernel.e164 import E164


class SearchMode(Enum):
    """What of the criteria narrows the search; exactly one does."""

    PREFIX = "prefix"
    AREA_CODE = "area-code"
    CITY = "city"
    ADDRESS = "address"
    """A postal address; its city narrows the search."""


@dataclass(frozen=True, slots=True)
class Criteria:
    country: str
    kind: NumberKind
    quantity: int
    mode: SearchMode
    text: str
    """``+1425``, ``425``, ``Redmond`` or ``1 Contoso Way, Redmond``, as the mode has it."""

    @property
    def prefix(self) -> str:
        """What the numbers begin with; those of a place may begin with anything."""
        match self.mode:
            case SearchMode.PREFIX:
                return self.text if self.text.startswith("+") else f"+{self.text}"
            case SearchMode.AREA_CODE:
                return area_prefix(self.country, self.text)
            case SearchMode.CITY | SearchMode.ADDRESS:
                return "+"


@dataclass(frozen=True, slots=True)
class PoolEntry:
    """Numbers that can be acquired."""

    key: str
    span: Span
    kind: NumberKind
    source: NumberSource
    country: str
    city: str | None = None


def find_numbers(
    pool: Iterable[PoolEntry], taken: Container[E164], wanted: Criteria
) -> list[tuple[E164, PoolEntry]]:
    """Returns at most ``quantity`` free numbers with where each lies, by number."""
    found: list[tuple[E164, PoolEntry]] = []
    for entry in sorted(pool, key=lambda e: e.span):
        part = _matching_part(entry, wanted)
        if part is not None:
            _take(part, entry, taken, wanted.quantity, found)
    return found


def _take(
    part: Span,
    entry: PoolEntry,
    taken: Container[E164],
    quantity: int,
    found: list[tuple[E164, PoolEntry]],
) -> None:
    for number in part:
        if len(found) == quantity:
            return
        if number not in taken:
            found.append((number, entry))


def _matching_part(entry: PoolEntry, wanted: Criteria) -> Span | None:
    if entry.kind is not wanted.kind or entry.country != wanted.country:
        return None
    if not _is_there(entry.city, wanted):
        return None
    return entry.span.with_prefix(wanted.prefix)


def _is_there(city: str | None, wanted: Criteria) -> bool:
    """An address names its city between commas."""
    match wanted.mode:
        case SearchMode.CITY:
            places = [wanted.text]
        case SearchMode.ADDRESS:
            places = wanted.text.split(",")
        case _:
            return True
    return city is not None and city.casefold() in [place.strip().casefold() for place in places]
