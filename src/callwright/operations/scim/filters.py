"""Filters of lists and of paths (RFC 7644 §3.4.2.2): read once, then asked of many resources."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from pydantic import JsonValue

from callwright.kernel.limits.access import SCIM_FILTER_CHARS_MAX, SCIM_FILTER_DEPTH_MAX
from callwright.operations.scim.refusal import ScimError
from callwright.operations.scim.words import attribute, split_path

_TOKEN = re.compile(
    r"""\s*(?:(?P<sign>[()\[\]])|(?P<text>"(?:[^"\\]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*")"""
    r"""|(?P<word>[^\s()\[\]"]+))"""
)
_CASE_EXACT = frozenset({"id", "externalid", "$ref"})
"""RFC 7643 §3.1; all else compares without case."""


@dataclass(frozen=True, slots=True)
class Comparison:
    path: tuple[str, ...]
    operator: str
    value: JsonValue = None


@dataclass(frozen=True, slots=True)
class Junction:
    is_and: bool
    parts: "tuple[Filter, ...]"


@dataclass(frozen=True, slots=True)
class Negation:
    part: "Filter"


@dataclass(frozen=True, slots=True)
class ValuePath:
    """``emails[type eq "work"]``: one of the values fits the whole filter."""

    path: tuple[str, ...]
    part: "Filter"


Filter: TypeAlias = Comparison | Junction | Negation | ValuePath


def read_filter(text: str) -> Filter:
    """Raises ScimError (400, invalidFilter)."""
    if len(text) > SCIM_FILTER_CHARS_MAX:
        raise _wrong(f"it has more than {SCIM_FILTER_CHARS_MAX} characters")
    reader = _Reader(text)
    found = reader.disjunction(0)
    if reader.next() is not None:
        raise _wrong(f"{reader.next()!r} is too much")
    return found


def fits(filter: Filter, resource: JsonValue) -> bool:
    match filter:
        case Junction(is_and=True, parts=parts):
            return all(fits(part, resource) for part in parts)
        case Junction(parts=parts):
            return any(fits(part, resource) for part in parts)
        case Negation(part=part):
            return not fits(part, resource)
        case ValuePath(path=path, part=part):
            values = attribute(resource, *path)
            many = values if isinstance(values, list) else [values]
            return any(fits(part, value) for value in many if value is not None)
        case Comparison():
            return _compares(filter, resource)


def sought(filter: Filter, *path: str) -> str | None:
    """The value that a resource must have at the path, where the filter says so by itself.

    Lets ``userName eq "x"`` be looked up instead of asked of everybody.
    """
    if isinstance(filter, Comparison) and filter.operator == "eq":
        is_it = [step.lower() for step in filter.path] == [step.lower() for step in path]
        return filter.value if is_it and isinstance(filter.value, str) else None
    if isinstance(filter, Junction) and filter.is_and:
        found = (sought(part, *path) for part in filter.parts)
        return next((value for value in found if value is not None), None)
    return None


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0

    def next(self) -> str | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def take(self) -> str:
        token = self.next()
        if token is None:
            raise _wrong("it ends too early")
        self._at += 1
        return token

    def takes(self, word: str) -> bool:
        token = self.next()
        if token is None or token.lower() != word:
            return False
        self._at += 1
        return True

    def disjunction(self, depth: int) -> Filter:
        if depth > SCIM_FILTER_DEPTH_MAX:
            raise _wrong("it is nested too deeply")
        return self._chain("or", lambda: self._chain("and", lambda: self._factor(depth)))

    def _chain(self, word: str, part: Callable[[], Filter]) -> Filter:
        parts = [part()]
        while self.takes(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else Junction(word == "and", tuple(parts))

    def _factor(self, depth: int) -> Filter:
        if self.takes("not"):
            self._expect("(")
            return Negation(self._closed(depth, ")"))
        if self.takes("("):
            return self._closed(depth, ")")
        path = split_path(self._path())
        if self.takes("["):
            return ValuePath(path, self._closed(depth, "]"))
        operator = self.take().lower()
        if operator == "pr":
            return Comparison(path, operator)
        if operator not in _OPERATORS:
            raise _wrong(f"{operator[:20]!r} is no operator; use eq ne co sw ew pr gt ge lt le")
        return Comparison(path, operator, _value(self.take()))

    def _closed(self, depth: int, sign: str) -> Filter:
        inner = self.disjunction(depth + 1)
        self._expect(sign)
        return inner

    def _expect(self, sign: str) -> None:
        if not self.takes(sign):
            raise _wrong(f"{sign} is missing")

    def _path(self) -> str:
        token = self.take()
        if not re.fullmatch(r"[A-Za-z$][A-Za-z0-9$_:.-]*", token):
            raise _wrong(f"{token[:40]!r} is no attribute")
        return token


def _tokens(text: str) -> Iterator[str]:
    position, end = 0, len(text.rstrip())
    while position < end:
        found = _TOKEN.match(text, position)
        if found is None:
            raise _wrong("a text has no closing quote")
        yield found[0].strip()
        position = found.end()


def _value(token: str) -> JsonValue:
    import json

    words: dict[str, JsonValue] = {"true": True, "false": False, "null": None}
    if token.lower() in words:
        return words[token.lower()]
    try:
        value: JsonValue = json.loads(token)
    except ValueError:
        raise _wrong(f"{token[:40]!r} is no value; put texts in quotes") from None
    return value


def _compares(filter: Comparison, resource: JsonValue) -> bool:
    is_exact = filter.path[-1].lower() in _CASE_EXACT
    wanted = _plain(filter.value, is_exact)
    values = [_plain(value, is_exact) for value in _values(resource, filter.path)]
    if filter.operator == "pr":
        return bool(values)
    if filter.operator == "ne":
        return wanted not in values
    compare = _OPERATORS[filter.operator]
    return any(compare(value, wanted) for value in values)


def _values(resource: JsonValue, path: tuple[str, ...]) -> Iterator[JsonValue]:
    """What is at the path; of several values each, and of a complex one its ``value``."""
    if isinstance(resource, list):
        for each in resource:
            yield from _values(each, path)
    elif path:
        yield from _values(attribute(resource, path[0]), path[1:])
    elif isinstance(resource, dict):
        yield from _values(attribute(resource, "value"), ())
    elif resource is not None and resource != "":
        yield resource


def _plain(value: JsonValue, is_exact: bool) -> JsonValue:
    return value.casefold() if isinstance(value, str) and not is_exact else value


def _text_test(test: Callable[[str, str], bool]) -> Callable[[JsonValue, JsonValue], bool]:
    return lambda value, wanted: (
        isinstance(value, str) and isinstance(wanted, str) and test(value, wanted)
    )


def _ordered(
    test: Callable[[float | str, float | str], bool],
) -> "Callable[[JsonValue, JsonValue], bool]":
    def compare(value: JsonValue, wanted: JsonValue) -> bool:
        if isinstance(value, str) and isinstance(wanted, str):
            return test(value, wanted)
        if isinstance(value, int | float) and isinstance(wanted, int | float):
            return test(value, wanted)
        return False

    return compare


def _same(value: JsonValue, wanted: JsonValue) -> bool:
    if isinstance(value, bool) and isinstance(wanted, str):
        return str(value).lower() == wanted  # Entra writes active eq "True"
    return type(value) is type(wanted) and value == wanted


_OPERATORS: dict[str, Callable[[JsonValue, JsonValue], bool]] = {
    "eq": _same,
    "ne": _same,
    "co": _text_test(lambda value, wanted: wanted in value),
    "sw": _text_test(lambda value, wanted: value.startswith(wanted)),
    "ew": _text_test(lambda value, wanted: value.endswith(wanted)),
    "gt": _ordered(lambda value, wanted: value > wanted),  # type: ignore[operator]
    "ge": _ordered(lambda value, wanted: value >= wanted),  # type: ignore[operator]
    "lt": _ordered(lambda value, wanted: value < wanted),  # type: ignore[operator]
    "le": _ordered(lambda value, wanted: value <= wanted),  # type: ignore[operator]
}


def _wrong(why: str) -> ScimError:
    return ScimError(400, f"the filter cannot be read: {why}", "invalidFilter")
