"""Entries of the inventory as they are written: made of spans, and split where numbers leave."""

from collections.abc import Iterable, Mapping

from pydantic import JsonValue

from callwright.domains.numbers.spans import Span, without
from callwright.kernel.e164 import E164
from callwright.operations.numbers.view import View
from callwright.operations.organisation_file.entities import EntityKey

NUMBER_RANGE = "number-range"
_IDENTITY = ("number", "range")


def written(span: Span, about: Mapping[str, JsonValue]) -> tuple[EntityKey, JsonValue]:
    """The entity of an entry; ``about`` is what the file says beside the number or range."""
    field = "number" if span.first == span.last else "range"
    rest = {name: value for name, value in about.items() if name not in _IDENTITY}
    return (NUMBER_RANGE, str(span)), {field: str(span), **rest}


def taken_out(
    view: View, numbers: Iterable[E164]
) -> tuple[dict[EntityKey, JsonValue], list[EntityKey]]:
    """What to write and to remove so that the inventory no longer holds ``numbers``.

    What is left of a range keeps all that was said of it.
    """
    by_entry: dict[str, tuple[Span, list[E164]]] = {}
    for number in numbers:
        entry = view.inventory.entry_of(number)
        if entry is not None:
            by_entry.setdefault(entry.key, (entry.span, []))[1].append(number)
    upserts: dict[EntityKey, JsonValue] = {}
    removals: list[EntityKey] = []
    for key, (span, leaving) in by_entry.items():
        about = view.settings(NUMBER_RANGE, key) or {}
        removals.append((NUMBER_RANGE, key))
        upserts |= dict(written(part, about) for part in without(span, leaving))
    return upserts, removals
