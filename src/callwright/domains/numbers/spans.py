"""Consecutive numbers: split, joined and walked without a list of all of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

from callwright.domains.numbers.formats import BadNumber, read_number
from callwright.kernel.e164 import E164
from callwright.kernel.limits.numbers import NUMBERS_PER_RANGE_MAX

_JOINER = ".."


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Numbers of equal length from ``first`` to ``last``, both included."""

    first: E164
    last: E164

    @classmethod
    def single(cls, number: E164) -> Self:
        return cls(number, number)

    def __contains__(self, number: object) -> bool:
        return (
            isinstance(number, str)
            and len(number) == len(self.first)
            and self.first <= number <= self.last
        )

    def __len__(self) -> int:
        return int(self.last) - int(self.first) + 1

    def __iter__(self) -> Iterator[E164]:
        return (E164(f"+{value}") for value in range(int(self.first), int(self.last) + 1))

    def __str__(self) -> str:
        return self.first if self.first == self.last else f"{self.first}{_JOINER}{self.last}"

    def overlap(self, other: "Span") -> "Span | None":
        """Returns the numbers that both hold; None without any."""
        if len(self.first) != len(other.first):
            return None
        first, last = max(self.first, other.first), min(self.last, other.last)
        return Span(first, last) if first <= last else None

    def with_prefix(self, prefix: str) -> "Span | None":
        """Returns the part whose numbers begin with ``prefix`` (``+1425``); None without any."""
        missing = len(self.first) - len(prefix)
        if missing < 0 or not self.first.startswith("+"):
            return None
        return self.overlap(Span(E164(prefix + "0" * missing), E164(prefix + "9" * missing)))


def read_span(text: str, *, most: int | None = NUMBERS_PER_RANGE_MAX) -> Span:
    """Takes a number or ``+14255550100..+14255550119``; raises BadNumber.

    ``most``: how many numbers it may hold; None: any count, for who only compares.
    """
    begin, joiner, end = text.strip().partition(_JOINER)
    first = read_number(begin)
    last = read_number(end) if joiner else first
    if len(first) != len(last):
        raise BadNumber(f"{text!r} is not a range: its ends differ in length; write two ranges")
    if first > last:
        raise BadNumber(f"{text!r} is not a range; write the lower number first")
    if most is not None and int(last) - int(first) >= most:
        raise BadNumber(f"{text!r} holds more than {most} numbers; check both ends")
    return Span(first, last)


def place(number: str) -> tuple[int, str]:
    """A key to sort numbers by: shorter ones come first."""
    return len(number), number


def first_overlap(added: Iterable[Span], present: Iterable[Span]) -> tuple[Span, Span] | None:
    """Returns the first by number of ``added`` that shares numbers with another one of them or of
    ``present``, and that other one; None: all are apart."""
    spans = [(span, True) for span in added] + [(span, False) for span in present]
    spans.sort(key=lambda one: place(one[0].first))
    furthest: tuple[Span, bool] | None = None
    for span, is_added in spans:
        if furthest is not None and furthest[0].overlap(span) is not None:
            if is_added:
                return span, furthest[0]
            if furthest[1]:
                return furthest[0], span
        if furthest is None or place(span.last) > place(furthest[0].last):
            furthest = span, is_added
    return None


def joined(numbers: Iterable[E164]) -> list[Span]:
    """Returns the fewest spans that hold exactly these numbers, in order."""
    spans: list[Span] = []
    for number in sorted(set(numbers), key=place):
        if spans and len(spans[-1].last) == len(number) and int(spans[-1].last) + 1 == int(number):
            spans[-1] = Span(spans[-1].first, number)
        else:
            spans.append(Span.single(number))
    return spans


def without(span: Span, numbers: Iterable[E164]) -> list[Span]:
    """Returns what is left of a span when ``numbers`` are taken out, in order."""
    left = []
    begin = int(span.first)
    for taken in sorted({int(number) for number in numbers if number in span}):
        if taken > begin:
            left.append(_span(begin, taken - 1))
        begin = taken + 1
    if begin <= int(span.last):
        left.append(_span(begin, int(span.last)))
    return left


def _span(first: int, last: int) -> Span:
    return Span(E164(f"+{first}"), E164(f"+{last}"))
