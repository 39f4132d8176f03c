"""Finds entities among many without reading all of them: sorted, searched, filtered, in pages.

An index is made for a kind at the first question and follows the configuration: what is the same
object as before is not read again.
"""

import threading
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeAlias

from pydantic import JsonValue

from callwright.operations.configuration import Configuration
from callwright.operations.organisation_file.schema import SECRET_FIELDS

Rank: TypeAlias = tuple[int, float, str]
"""Numbers before texts before nothing; comparable whatever the settings hold."""
SortKey: TypeAlias = tuple[Rank, str]
Path: TypeAlias = tuple[str, ...]
KEY: Path = ("key",)


@dataclass(frozen=True, slots=True)
class Filter:
    """``path:value``; a trailing star finds every value that begins so."""

    path: Path
    value: str
    """Case-folded, without the star."""
    is_prefix: bool = False
    is_negated: bool = False

    def fits(self, key: str, settings: JsonValue) -> bool:
        texts = (key.casefold(),) if self.path == KEY else texts_at(settings, self.path)
        found = any(
            text.startswith(self.value) if self.is_prefix else text == self.value for text in texts
        )
        return found is not self.is_negated


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
    """All entities of a kind at one revision; nobody changes ``settings``."""

    settings: Mapping[str, JsonValue]
    _haystacks: dict[str, str] = field(default_factory=dict)
    _orders: dict[Path, list[SortKey]] = field(default_factory=dict)

    def followed_by(self, settings: Mapping[str, JsonValue]) -> "KindIndex":
        """The index of a later revision."""
        same = {
            key: text
            for key, text in self._haystacks.items()
            if settings.get(key) is self.settings[key]
        }
        orders = {}
        if KEY in self._orders and settings.keys() == self.settings.keys():
            orders[KEY] = self._orders[KEY]
        return KindIndex(settings, same, orders)

    def find(self, question: Question) -> Found:
        order = self._order(question.sort)
        if not question.words and not question.filters:
            page = islice(self._from(order, question), question.limit + 1)
            return Found([(key, self.settings[key]) for key in page], len(order))
        fitting = {key for key in self.settings if self._fits(key, question)}
        page = islice(
            (key for key in self._from(order, question) if key in fitting), question.limit + 1
        )
        return Found([(key, self.settings[key]) for key in page], len(fitting))

    def place(self, key: str, sort: Path) -> SortKey:
        """Where an entry stands in an order; the cursor of the page after it."""
        return (rank_of(key, self.settings[key], sort), key)

    def _fits(self, key: str, question: Question) -> bool:
        if question.words:
            text = self._haystack(key)
            if not all(word in text for word in question.words):
                return False
        settings = self.settings[key]
        return all(wanted.fits(key, settings) for wanted in question.filters)

    def _haystack(self, key: str) -> str:
        text = self._haystacks.get(key)
        if text is None:
            text = "\n".join((key, *_texts(self.settings[key]))).casefold()
            self._haystacks[key] = text
        return text

    def _order(self, sort: Path) -> list[SortKey]:
        order = self._orders.get(sort)
        if order is None:
            order = sorted((rank_of(key, value, sort), key) for key, value in self.settings.items())
            self._orders[sort] = order
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
