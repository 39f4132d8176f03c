"""All numbers of an organisation, found by number and walked in order, without listing ranges."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from callwright.domains.numbers.model import NumberKind, NumberSource
from callwright.domains.numbers.spans import Span, place
from callwright.domains.numbers.states import (
    Block,
    Capability,
    Entry,
    Holding,
    Standing,
    Status,
)
from callwright.domains.numbers.tags import has_tag
from callwright.kernel.e164 import E164, LineNumber


@dataclass(frozen=True, slots=True)
class Filter:
    """Every part that is given must hold (SPEC 3.5)."""

    status: Status | None = None
    capability: Capability | None = None
    kind: NumberKind | None = None
    source: NumberSource | None = None
    tag: str | None = None
    within: Span | None = None
    containing: str = ""
    """Digits anywhere in the number, or a part of the holder's key."""

    def passes(self, entry: Entry) -> bool:
        """Whether numbers of the entry can pass at all."""
        return (
            (self.capability is None or self.capability in entry.capabilities)
            and (self.kind is None or self.kind is entry.kind)
            and (self.source is None or self.source is entry.source)
        )

    def takes(self, standing: Standing) -> bool:
        """Whether a number of an entry that passes is wanted."""
        if self.status is not None and self.status is not standing.status:
            return False
        if self.tag is not None and not has_tag(standing.tags, self.tag):
            return False
        sought = self.containing.casefold()
        return sought in standing.number or any(
            sought in holding.holder.casefold() for holding in standing.holdings
        )


EVERYTHING = Filter()


class Inventory:
    """A view of one revision; what is asked of a moment takes that moment.

    Where entries overlap, which an organisation cannot have, the first by number answers.
    """

    def __init__(
        self,
        entries: Iterable[Entry],
        holdings: Iterable[Holding],
        *,
        blocks: Mapping[E164, Block],
        tags: Mapping[E164, tuple[str, ...]],
    ) -> None:
        self._entries = sorted(entries, key=lambda e: place(e.span.first))
        self._firsts = [place(entry.span.first) for entry in self._entries]
        self._held: dict[E164, tuple[Holding, ...]] = {}
        for holding in holdings:
            former = self._held.setdefault(holding.number.base, (holding,))
            if former[0] is not holding:
                self._held[holding.number.base] = (*former, holding)
        self._blocks = blocks
        self._tags = tags

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(self._entries)

    def entry_of(self, number: E164) -> Entry | None:
        position = bisect_right(self._firsts, place(number)) - 1
        if position < 0 or number not in self._entries[position].span:
            return None
        return self._entries[position]

    def standing(self, number: E164, now: datetime) -> Standing | None:
        """None: the number is not one of ours."""
        entry = self.entry_of(number)
        return None if entry is None else self._standing(entry, number, now)

    def holder_of(self, number: LineNumber) -> Holding | None:
        """Returns who has exactly this number; the base alone is nobody's who has an extension."""
        for holding in self._held.get(number.base, ()):
            if holding.number == number:
                return holding
        return None

    def holdings_of(self, base: E164) -> tuple[Holding, ...]:
        """Returns everybody who has the number, plain or with an extension."""
        return self._held.get(base, ())

    def walk(
        self, wanted: Filter, now: datetime, *, after: E164 | None = None
    ) -> Iterator[Standing]:
        """Yields what the filter takes, by number, beginning behind ``after``."""
        for entry in self._entries_from(after):
            span = self._part(entry, wanted, after)
            if span is not None:
                for number in self._candidates(span, wanted):
                    standing = self._standing(entry, number, now)
                    if wanted.takes(standing):
                        yield standing

    def count(self, kind: NumberKind, source: NumberSource) -> int:
        """How many numbers were acquired; ported ones do not count (SPEC 3.3)."""
        return sum(
            len(entry.span)
            for entry in self._entries
            if entry.kind is kind and entry.source is source and not entry.is_ported
        )

    def _entries_from(self, after: E164 | None) -> Iterator[Entry]:
        begin = 0 if after is None else max(0, bisect_left(self._firsts, place(after)) - 1)
        return iter(self._entries[begin:])

    def _part(self, entry: Entry, wanted: Filter, after: E164 | None) -> Span | None:
        """Which numbers of the entry are looked at."""
        if not wanted.passes(entry):
            return None
        span = entry.span if wanted.within is None else entry.span.overlap(wanted.within)
        if span is None or after is None or place(after) < place(span.first):
            return span
        if place(after) >= place(span.last):
            return None
        return Span(E164(f"+{int(after) + 1}"), span.last)

    def _candidates(self, span: Span, wanted: Filter) -> Iterable[E164]:
        """Passes over most of what the filter cannot take before anything is made of it."""
        held = self._held
        if wanted.status is Status.UNASSIGNED:
            return (n for n in span if n not in held and wanted.containing in n)
        if wanted.status is not None:
            if len(held) >= len(span):
                return (n for n in span if n in held)
            return sorted(number for number in held if number in span)
        return (n for n in span if wanted.containing in n or n in held)

    def _standing(self, entry: Entry, number: E164, now: datetime) -> Standing:
        block = self._blocks.get(number)
        return Standing(
            number,
            entry,
            self._held.get(number, ()),
            block if block is not None and block.holds_at(now) else None,
            self._tags.get(number, ()),
        )
