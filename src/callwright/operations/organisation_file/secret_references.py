"""Secrets that a file only refers to: ``password: {from_env: NAME}`` or ``{from_file: PATH}``.

They are looked up where the file is read, by who reads it. The organisation has the secret itself;
the reference stays in the file, also when that is brought up to what is stored.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from callwright.kernel.limits.commands import SECRET_FILE_BYTES_MAX
from callwright.operations.organisation_file.document import Document, Items, Table
from callwright.operations.organisation_file.places import Path as Steps
from callwright.operations.organisation_file.places import Trail, steps_of
from callwright.operations.organisation_file.refusal import quoted
from callwright.operations.organisation_file.schema import SECRET_FIELDS

FROM_ENV, FROM_FILE = "from_env", "from_file"
_PARTS = frozenset({Table, Items})


@dataclass(frozen=True, slots=True)
class SecretPlaces:
    """Where secrets are looked up."""

    environment: Mapping[str, str]
    folder: Path
    """Of the file, for paths in it."""


def resolve(document: Document, places: SecretPlaces) -> None:
    """Puts secrets in the place of references; those that lead nowhere are mistakes."""
    for holder, key, path in _references(document.tree):
        reference = holder[key]
        secret = _looked_up(reference, places, partial(document.note, path))
        if secret is None:
            del holder[key]  # noted, and still known as written
        else:
            holder[key] = secret


def _references(tree: Table) -> list[tuple[Table, str, Steps]]:
    found: list[tuple[Table, str, Steps]] = []

    def look(part: Table | Items, trail: Trail) -> None:
        within = part.items() if isinstance(part, Table) else enumerate(part)
        for step, value in within:
            if type(value) not in _PARTS:
                continue
            if step in SECRET_FIELDS and isinstance(part, Table) and isinstance(value, Table):
                found.append((part, str(step), steps_of((trail, step))))
            else:
                look(value, (trail, step))

    look(tree, None)
    return found


def _looked_up(reference: Table, places: SecretPlaces, note: Callable[[str], None]) -> str | None:
    """None: it leads nowhere, which was noted. What is found stands in no mistake."""
    kind, name = next(iter(reference.items()), ("", None))
    if len(reference) != 1 or kind not in (FROM_ENV, FROM_FILE) or not isinstance(name, str):
        note(f"is no reference; write {{{FROM_ENV}: NAME}} or {{{FROM_FILE}: PATH}}")
        return None
    if kind == FROM_ENV:
        secret = places.environment.get(name, "")
        if not secret:
            note(f"the environment has no {quoted(name)}; set it where the file is read")
        return secret or None
    path = places.folder / name
    try:
        with path.open("rb") as file:
            content = file.read(SECRET_FILE_BYTES_MAX + 1)
        secret = content.decode().strip()
    except (OSError, UnicodeDecodeError, ValueError) as error:
        because = getattr(error, "strerror", None) or "it holds no text"
        note(f"{path} cannot be read: {because}; correct the path, or write the file")
        return None
    if not secret or len(content) > SECRET_FILE_BYTES_MAX:
        note(f"{path} holds no secret of 1 to {SECRET_FILE_BYTES_MAX} bytes; write one line")
        return None
    return secret
