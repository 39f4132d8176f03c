"""What an apply would change: stored entities against wanted ones, field by field."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from callwright.operations.organisation_file.entities import ORDER, SECTIONS, SINGLETONS, Entities
from callwright.operations.organisation_file.schema import SECRET_FIELDS
from callwright.operations.organisation_file.values import HIDDEN

Action = Literal["add", "change", "remove"]

_SIGNS: dict[Action, str] = {"add": "+", "change": "~", "remove": "-"}
_KIND_ORDER = [*SINGLETONS, *(section.kind for section in SECTIONS), ORDER]


@dataclass(frozen=True, slots=True)
class FieldChange:
    path: str
    """Keys inside the entity, ``answering.unanswered.after_s``; empty for the whole of it."""
    old: JsonValue
    """None: not there. Passwords and PINs read ``(secret)`` on both sides."""
    new: JsonValue

    def __str__(self) -> str:
        label = f"{self.path}: " if self.path else ""
        if self.old == HIDDEN and self.new == HIDDEN:
            return f"{label}(secret) -> (another secret)"
        if self.old is None:
            return f"{label}{_text(self.new)}"
        return f"{label}{_text(self.old)} -> {_text(self.new)}"


@dataclass(frozen=True, slots=True)
class Change:
    """One entity that an apply adds, changes or removes."""

    kind: str
    key: str
    action: Action
    fields: tuple[FieldChange, ...]
    """Empty when it is removed."""

    @property
    def subject(self) -> str:
        """``user alice``; the name alone where there is only one of the kind."""
        return self.kind if self.kind == self.key else f"{self.kind} {self.key}"

    def __str__(self) -> str:
        return f"{_SIGNS[self.action]} {self.subject}"


def plan(stored: Entities, wanted: Entities) -> tuple[Change, ...]:
    """Returns the changes from ``stored`` to ``wanted``, by kind and key; empty without any.

    That an added entry has a place in its section's order is not a change of its own.
    """
    keys: dict[str, list[str]] = {}
    for kind, key in stored.keys() | wanted.keys():
        keys.setdefault(kind, []).append(key)
    return tuple(
        change
        for kind in sorted(keys, key=lambda kind: (_rank(kind), kind))
        for key in sorted(keys[kind])
        if (change := _change(kind, key, stored, wanted)) is not None
    )


def _change(kind: str, key: str, stored: Entities, wanted: Entities) -> Change | None:
    old, new = stored.get((kind, key)), wanted.get((kind, key))
    if old == new or (kind == ORDER and _same_order(old, new)):
        return None
    action: Action = "add" if old is None else "remove" if new is None else "change"
    fields = () if new is None else tuple(_differences("", old, new))
    return Change(kind, key, action, fields)


def _rank(kind: str) -> int:
    return _KIND_ORDER.index(kind) if kind in _KIND_ORDER else len(_KIND_ORDER)


def _same_order(old: JsonValue, new: JsonValue) -> bool:
    """Whether the keys that both have stand in the same order."""
    before = old if isinstance(old, list) else []
    after = new if isinstance(new, list) else []
    kept = set(map(str, before)) & set(map(str, after))
    return [key for key in before if key in kept] == [key for key in after if key in kept]


def _differences(path: str, old: JsonValue, new: JsonValue) -> Iterator[FieldChange]:
    if old == new:
        return
    if isinstance(new, dict) and new and (old is None or isinstance(old, dict)):
        before = old or {}
        for key in dict.fromkeys((*before, *new)):
            inner = f"{path}.{key}" if path else key
            yield from _differences(inner, before.get(key), new.get(key))
    elif path.rpartition(".")[2] in SECRET_FIELDS:
        yield FieldChange(path, old and HIDDEN, new and HIDDEN)
    else:
        yield FieldChange(path, _without_secrets(old), _without_secrets(new))


def _without_secrets(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {
            key: HIDDEN if key in SECRET_FIELDS else _without_secrets(inner)
            for key, inner in value.items()
        }
    return value


def _text(value: JsonValue) -> str:
    match value:
        case None:
            return "(none)"
        case dict():
            return "{" + ", ".join(f"{key}: {_text(inner)}" for key, inner in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_text, value)) + "]"
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)
