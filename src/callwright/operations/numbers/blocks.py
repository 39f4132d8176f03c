"""No edit gives a blocked number to anybody, whichever way it comes: a file, a program, an undo."""

from collections.abc import Iterator
from datetime import datetime

from pydantic import JsonValue

from callwright.domains.numbers.states import Block
from callwright.kernel.e164 import LineNumber
from callwright.operations.configuration import Configuration, Edit, Problem
from callwright.operations.organisation_file.document import Path
from callwright.operations.organisation_file.entities import EntityKey
from callwright.operations.organisation_file.record_schema import NUMBER_BLOCK

_HOLDERS: dict[str, tuple[Path, tuple[str, ...]]] = {
    "user": (("users",), ("number", "private_line", "alternate_numbers")),
    "resource-account": (("resource_accounts",), ("number",)),
    "location": (("emergency", "locations"), ("elin",)),
    "shared-calling-policy": (("policies", "shared_calling"), ("emergency_numbers",)),
}
"""Kinds of entities that have numbers: where they are in the file, and in which fields."""


def blocked_numbers(
    before: Configuration, after: Configuration, news: Edit, now: datetime
) -> Iterator[Problem]:
    """Yields what an edit gives to somebody who did not have it and that is blocked (SPEC 3.5)."""
    for address in news.upserts:
        if address[0] not in _HOLDERS:
            continue
        had = {text for _, text in _numbers(before, address)}
        for path, text in _numbers(after, address):
            if text not in had and (block := _block_of(after, text, now)) is not None:
                words = f"{text} is blocked {block}; unblock it, or choose another"
                yield Problem(path, words)


def _numbers(configuration: Configuration, address: EntityKey) -> Iterator[tuple[Path, str]]:
    kind, key = address
    section, fields = _HOLDERS[kind]
    settings = configuration.entities.get(address)
    if isinstance(settings, dict):
        for field in fields:
            yield from _texts((*section, key, field), settings.get(field))


def _texts(path: Path, value: JsonValue) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield (*path, index), str(each)


def _block_of(configuration: Configuration, text: str, now: datetime) -> Block | None:
    record = configuration.entities.get((NUMBER_BLOCK, str(LineNumber(text).base)))
    if not isinstance(record, dict):
        return None
    until = record.get("until")
    block = Block(None if until is None else datetime.fromisoformat(str(until)))
    return block if block.holds_at(now) else None
