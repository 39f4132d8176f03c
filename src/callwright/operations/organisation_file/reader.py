"""Reads an organisation file and finds every mistake in it at once.

What the schema refuses is left out and the rest is read again, so that references, numbers and
licences are checked in the same go; a check whose section was refused waits for the next one.
"""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from callwright.kernel.limits.configuration import NAME_CHARS_MAX, ORGANISATION_DEPTH_MAX
from callwright.operations.circles import no_circles_looked_for
from callwright.operations.organisation_file import checks, document
from callwright.operations.organisation_file.document import Document
from callwright.operations.organisation_file.forms import BASE
from callwright.operations.organisation_file.mistakes import OrganisationFileError
from callwright.operations.organisation_file.schema import Organisation
from callwright.operations.organisation_file.secret_references import SecretPlaces, resolve
from callwright.operations.organisation_file.several import read_several
from callwright.operations.organisation_file.soundness import MISNAMED, RULES
from callwright.operations.organisation_file.wording import location_of, path_of, text_of

_ROUNDS_MAX = ORGANISATION_DEPTH_MAX
"""Each round takes out a part that is larger than what the round before took out of it."""
_STAND_IN = {
    "name": "Contoso",
    "domain": "contoso.test",
    "country": "US",
    "timezone": "America/Los_Angeles",
    "language": "en-US",
}
"""Takes the place of a refused ``organisation`` section while the rest is checked."""
_PARENTS: frozenset[document.Path] = frozenset(
    {(), ("policies",), ("pstn",), ("pstn", "direct_routing"), ("emergency",)}
)
"""Of the sections that declare what others refer to."""


def read_organisation(path: Path) -> Organisation:
    """Reads and checks a file, those that it includes, or all of a folder; raises
    OrganisationFileError with all mistakes.

    Sound files are looked for beside the file and stand in the result with absolute paths.
    """
    with no_circles_looked_for():
        base = path if path.is_dir() else path.parent
        document = read_several(path)
        resolve(document, SecretPlaces(os.environ, base))
        return _checked(document, base)


def read_organisation_text(
    text: str, *, name: str, base: Path | None, secrets: SecretPlaces | None = None
) -> Organisation:
    """The same for text that is called ``name``; without a ``base`` no sound file is looked at,
    without ``secrets`` a reference to one is no secret."""
    with no_circles_looked_for():
        document = Document(name, text)
        if secrets is not None:
            resolve(document, secrets)
        return _checked(document, base)


def _checked(parsed: Document, base: Path | None) -> Organisation:
    if parsed.mistakes and not parsed.tree:
        raise OrganisationFileError(parsed.mistakes)
    unread = {re.split(r"[.\[]", mistake.path)[0] for mistake in parsed.mistakes}
    names = checks.Names.of(parsed.tree)
    organisation, refused = _validate(parsed, base=base)
    for rule in RULES:
        if not any(section in rule.needs for section in unread | refused):
            for finding in rule.check(organisation, names):
                parsed.note(finding.path, finding.text)
    if parsed.mistakes:
        raise OrganisationFileError(parsed.mistakes)
    parsed.take_apart()
    return organisation


def _validate(parsed: Document, *, base: Path | None) -> tuple[Organisation, set[str]]:
    """Returns what is left when all refused parts are out, and the sections they were in."""
    left_out: list[document.Path] = []
    refused: set[str] = set()
    for _ in range(_ROUNDS_MAX):
        try:
            context = {} if base is None else {BASE: str(base)}
            organisation = Organisation.model_validate(parsed.tree, context=context)
        except ValidationError as error:
            _note_errors(parsed, error, left_out)
            left_out += _leave_out(parsed, error)
            refused |= _sections(error)
        else:
            return organisation, refused
    raise AssertionError("each round leaves out more, and the file is not as deep")


def _note_errors(
    parsed: Document, error: ValidationError, left_out: Iterable[document.Path]
) -> None:
    """Notes what is wrong, except what is only a consequence of an earlier round's omissions."""
    for details in error.errors(include_url=False):
        location = location_of(details)
        if details["type"] == "missing" and parsed.was_written(location):
            continue  # without a usable value, which has been noted
        if not any(path[: len(location)] == location for path in left_out):
            parsed.note(path_of(details), text_of(details, parsed))


def _sections(error: ValidationError) -> set[str]:
    """Returns the sections that have refused parts."""
    sections = set()
    for details in error.errors(include_url=False, include_context=False):
        location = location_of(details)
        sections.add(str(location[0]) if location else "")
        if details["type"] == "extra_forbidden" and location[:-1] in _PARENTS:
            sections.add(MISNAMED)
    return sections


def _leave_out(parsed: Document, error: ValidationError) -> list[document.Path]:
    """Takes the refused parts out of the tree; where something is missing, what it misses in.

    A missing name, which nothing depends on, is filled in instead.
    """
    paths: set[document.Path] = set()
    for details in error.errors(include_url=False, include_context=False):
        location = location_of(details)
        is_missing = details["type"] == "missing"
        if is_missing and location[-1] == "name" and location[0] != "organisation":
            parsed.put(location, f"stand-in {location}"[:NAME_CHARS_MAX])
        else:
            paths.add(location[:-1] if is_missing else location)
    for path in sorted(paths, key=_from_the_end, reverse=True):
        if path[:1] in ((), ("organisation",)):
            parsed.tree["organisation"] = _STAND_IN
        elif not any(path[:length] in paths for length in range(1, len(path))):
            parsed.leave_out(path)
    return list(paths)


def _from_the_end(path: document.Path) -> tuple[tuple[int, str], ...]:
    """Sorts positions as numbers, so that those behind go first and the others keep theirs."""
    return tuple((step, "") if isinstance(step, int) else (-1, step) for step in path)
