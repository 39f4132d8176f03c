"""Finds entities among many without reading all of them: sorted, searched, filtered, in pages.

An index is made for a kind at the first question and follows the configuration: what is the same
object as before is not read again.
"""

import threading
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import TypeAlias, TypeVar

from pydantic import JsonValue

from callwright.operations.configuration import Configuration
from callwright.operations.organisation_file.schema import SECRET_FIELDS

T = TypeVar("T")
Rank: TypeAlias = tuple[int, float, str]
"""Numbers before texts before nothing; comparable whatever the settings hold."""
SortKey: TypeAlias = tuple[Rank, str]
Path: TypeAlias = tuple[str, ...]
KEY: Path = ("key",)
PATHS_KEPT_MAX = 8
"""Orders, and columns, of one kind that are kept ready."""


@dataclass(frozen=True, slots=True)
class Filter:
    """``path:value``; a trailing star finds every value that begins so."""

    path: Path
    value: str
    """Case-folded, without the star."""
    is_prefix: bool = False
    is_negated: bool = False

    def fits(self, texts: Iterable[str]) -> bool:
        """``texts``: what an entry has at the path, case-folded."""
        if self.is_prefix:
            return any(text.startswith(self.value) for text in texts) is not self.is_negated
        return (self.value in texts) is not self.is_negated


@dataclass(frozen=True, slots=True)
class Question:
    words: tuple[str, ...] = ()
    """Case-folded; each stands somewhere in the key or the settings."""
    filters: tuple[Filter, ...] = ()
    sort: Path = KEY
    is_descending: bool = False
    after: SortKey | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Found:
    items: list[tuple[str, JsonValue]]
    """One more than the limit where there are further ones."""
    total: int


@dataclass(slots=True)
class KindIndex:
    """All entities of a kind at one revision; nobody changes ``settings``. Threads that ask at the
    same time may make the same thing twice."""

    settings: Mapping[str, JsonValue]
    _haystacks: dict[str, str] = field(default_factory=dict)
    """What words are sought in; of every entry, or of none."""
    _columns: dict[Path, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    """What filters look at; the paths asked for last."""
    _orders: dict[Path, list[SortKey]] = field(default_factory=dict)
    """The sorts asked for last."""

    def followed_by(self, settings: Mapping[str, JsonValue]) -> "KindIndex":
        """The index of a later revision."""
        former = self.settings
        changed = [key for key, value in settings.items() if former.get(key) is not value]
        gone = [key for key in former if key not in settings]
        index = KindIndex(settings)
        if self._haystacks:
            index._haystacks = _patched(self._haystacks, gone, changed, index._haystack)
        for path, column in list(self._columns.items()):
            index._columns[path] = _patched(column, gone, changed, partial(index._cell, path))
        if KEY in self._orders and former.keys() == settings.keys():
            index._orders[KEY] = self._orders[KEY]
        return index

    def find(self, question: Question) -> Found:
        order = self._order(question.sort)
        page: Iterator[str] = self._from(order, question)
        total = len(order)
        if question.words or question.filters:
            fitting = self._fitting(question)
            page, total = (key for key in page if key in fitting), len(fitting)
        some = islice(page, question.limit + 1)
        return Found([(key, self.settings[key]) for key in some], total)

    def place(self, key: str, sort: Path) -> SortKey:
        """Where an entry stands in an order; the cursor of the page after it."""
        return (rank_of(key, self.settings[key], sort), key)

    def _fitting(self, question: Question) -> set[str]:
        found = set(self.settings)
        if question.words and not self._haystacks:
            self._haystacks = {key: self._haystack(key) for key in self.settings}
        for word in question.words:
            found &= {key for key, text in self._haystacks.items() if word in text}
        for wanted in question.filters:
            column = self._column(wanted.path)
            found &= {key for key, texts in column.items() if wanted.fits(texts)}
        return found

    def _haystack(self, key: str) -> str:
        return "\n".join((key, *_texts(self.settings[key]))).casefold()

    def _column(self, path: Path) -> dict[str, tuple[str, ...]]:
        column = self._columns.get(path)
        if column is None:
            column = {key: self._cell(path, key) for key in self.settings}
            _remember(self._columns, path, column)
        return column

    def _cell(self, path: Path, key: str) -> tuple[str, ...]:
        if path == KEY:
            return (key.casefold(),)
        return tuple(texts_at(self.settings[key], path))

    def _order(self, sort: Path) -> list[SortKey]:
        order = self._orders.get(sort)
        if order is None:
            order = sorted((rank_of(key, value, sort), key) for key, value in self.settings.items())
            _remember(self._orders, sort, order)
        return order

    @staticmethod
    def _from(order: list[SortKey], question: Question) -> Iterator[str]:
        after = question.after
        if question.is_descending:
            first = len(order) if after is None else bisect_left(order, after)
            return (order[at][1] for at in range(first - 1, -1, -1))
        first = 0 if after is None else bisect_right(order, after)
        return (order[at][1] for at in range(first, len(order)))


class EntityIndexes:
    """One organisation's; from any thread."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._revision = -1
        self._by_kind: dict[str, dict[str, JsonValue]] = {}
        self._indexes: dict[str, KindIndex] = {}

    def of(self, configuration: Configuration, kind: str) -> KindIndex:
        with self._turn:
            if configuration.revision != self._revision:
                self._by_kind = _by_kind(configuration)
                self._revision = configuration.revision
            settings = self._by_kind.get(kind, {})
            index = self._indexes.get(kind)
            if index is None:
                index = KindIndex(settings)
            elif index.settings is not settings:
                index = index.followed_by(settings)
            self._indexes[kind] = index
            return index


def _patched(
    former: Mapping[str, T], gone: Iterable[str], changed: Iterable[str], make: Callable[[str], T]
) -> dict[str, T]:
    found = dict(former)
    for key in gone:
        del found[key]
    for key in changed:
        found[key] = make(key)
    return found


def _remember(kept: dict[Path, T], path: Path, made: T) -> None:
    """The oldest goes: whoever thinks up paths must not fill the memory."""
    if len(kept) >= PATHS_KEPT_MAX:
        kept.pop(next(iter(kept)), None)
    kept[path] = made


def _by_kind(configuration: Configuration) -> dict[str, dict[str, JsonValue]]:
    found: dict[str, dict[str, JsonValue]] = {}
    for (kind, key), settings in configuration.entities.items():
        entries = found.get(kind)
        if entries is None:
            entries = found[kind] = {}
        entries[key] = settings
    return found


def rank_of(key: str, settings: JsonValue, sort: Path) -> Rank:
    if sort == KEY:
        return (1, 0.0, key)
    value = next(iter(_values_at(settings, sort)), None)
    match value:
        case bool():
            return (0, float(value), "")
        case int() | float():
            return (0, float(value), "")
        case str():
            return (1, 0.0, value.casefold())
        case _:
            return (2, 0.0, "")


def texts_at(settings: JsonValue, path: Path) -> Iterator[str]:
    """The values at a path, case-folded; those of every entry where a list is on the way."""
    for value in _values_at(settings, path):
        match value:
            case bool():
                yield "true" if value else "false"
            case dict():
                yield ""  # there, and nothing to compare
            case None:
                pass
            case _:
                yield str(value).casefold()


def _values_at(value: JsonValue, path: Path) -> Iterator[JsonValue]:
    if isinstance(value, list):
        for inner in value:
            yield from _values_at(inner, path)
    elif not path:
        yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from _values_at(value[path[0]], path[1:])


def _texts(value: JsonValue) -> Iterator[str]:
    """Every text and number, but no secret."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in SECRET_FIELDS:
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)
