"""Which files an organisation's settings may name (ADR 0026).

Whoever applies a file on the machine itself names what he likes. Who administers an organisation
over the network does not: messages are files, too, his neighbours' and other organisations'.
"""

import os.path
from collections.abc import Collection, Iterator
from pathlib import Path

from pydantic import JsonValue

from callwright.operations.configuration import Problem
from callwright.operations.organisation_file.entities import Entities, EntityKey

_NAMING = frozenset({"file", "from_file"})
"""Fields whose text is a path, wherever they stand."""
_NAMING_OF_KIND = {"stir": frozenset({"key", "certificates"})}


def foreign_files(
    entities: Entities, touched: Collection[EntityKey], folder: Path
) -> Iterator[Problem]:
    """Yields what names a file outside of ``folder`` among the entities that an edit touches."""
    for path, text in _files_of(entities, touched):
        if not _is_within(text, folder):
            remedy = f"is no file of this organisation; write one in {folder}"
            yield Problem(path, f"{text!r} {remedy}")


def private_files(
    entities: Entities, touched: Collection[EntityKey], data: Path, folder: Path
) -> Iterator[Problem]:
    """Yields what names a file of the system's own, in ``data`` but not in ``folder``; links are
    followed, since ``/proc/self/cwd`` leads everywhere."""
    for path, text in _files_of(entities, touched):
        place = Path(os.path.realpath(text))
        is_private = place.is_relative_to(os.path.realpath(data))
        if is_private and not place.is_relative_to(os.path.realpath(folder)):
            remedy = f"is a file of the system itself; write one in {folder}, or outside of {data}"
            yield Problem(path, f"{text!r} {remedy}")


def files_named(entities: Entities) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yields where a file is named, kind and key first, and how."""
    return _files_of(entities, list(entities))


def _files_of(
    entities: Entities, touched: Collection[EntityKey]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for address in touched:
        if address in entities:
            naming = _NAMING | _NAMING_OF_KIND.get(address[0], frozenset())
            yield from _named(entities[address], naming, address)


def _named(
    value: JsonValue, naming: frozenset[str], path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in naming and isinstance(inner, str):
                yield (*path, key), inner
            else:
                yield from _named(inner, naming, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _named(inner, naming, (*path, index))


def _is_within(text: str, folder: Path) -> bool:
    return os.path.isabs(text) and Path(os.path.normpath(text)).is_relative_to(folder)
