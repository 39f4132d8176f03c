"""An organisation in several files: a folder, or a file that includes others.

Sections may be spread over files; an entry stands in one of them. Every mistake names its own file.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from callwright.kernel.limits.commands import INCLUDE_PATTERNS_MAX, INCLUDED_FILES_MAX
from callwright.kernel.limits.configuration import ORGANISATION_FILE_BYTES_MAX
from callwright.operations.organisation_file.document import Document, Items, Table
from callwright.operations.organisation_file.entities import SECTIONS
from callwright.operations.organisation_file.mistakes import Mistake, OrganisationFileError
from callwright.operations.organisation_file.refusal import quoted

INCLUDE = "include"
SUFFIXES = (".yaml", ".yml")
_SPREAD = frozenset(
    section.path[:length] for section in SECTIONS for length in range(1, len(section.path) + 1)
)
"""Paths of what may stand in several files in parts: sections, and what they are in."""


def read_several(path: Path) -> Document:
    """The document of a folder's files, or of a file and those that it includes, as one.

    Raises OrganisationFileError where a file cannot be read at all.
    """
    if path.is_dir():
        files = sorted(each for each in path.iterdir() if each.suffix in SUFFIXES)
        if not files:
            raise _refused(path, f"holds no {' or '.join(SUFFIXES)} file; write one, or correct it")
        first, *others = files
        text = read_text(first)
        whole = Document(str(first), text)
    else:
        text = read_text(path)
        whole = Document(str(path), text)
        if INCLUDE not in whole.tree:
            return whole
        others = list(_included(whole, path))
    _leave_out(whole)
    _join_all(whole, others, ORGANISATION_FILE_BYTES_MAX - len(text.encode()))
    return whole


def read_text(path: Path) -> str:
    """The file as it stands, its ends of lines too. Raises OrganisationFileError."""
    try:
        with path.open("rb") as file:
            content = file.read(ORGANISATION_FILE_BYTES_MAX + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise _refused(path, f"cannot be read: {reason}; check the path") from None
    if len(content) > ORGANISATION_FILE_BYTES_MAX:
        text = (
            f"is larger than {ORGANISATION_FILE_BYTES_MAX} bytes; check that it is the right file"
        )
        raise _refused(path, text)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _refused(path, "is not UTF-8; save the file as UTF-8", line) from None


def _refused(path: Path, text: str, line: int = 1) -> OrganisationFileError:
    return OrganisationFileError([Mistake(str(path), line, "", text)])


def _included(whole: Document, path: Path) -> Iterator[Path]:
    """The files that ``include`` names, each once, in its order."""
    patterns = whole.tree[INCLUDE]
    if not isinstance(patterns, list) or not all(isinstance(each, str) for each in patterns):
        whole.note([INCLUDE], "must be a list; write include: [users.yaml, queues/*.yaml]")
        return
    if len(patterns) > INCLUDE_PATTERNS_MAX:
        whole.note([INCLUDE], f"has {len(patterns)} entries; write at most {INCLUDE_PATTERNS_MAX}")
        return
    seen = {path.resolve()}
    for at, pattern in enumerate(patterns):
        found = _matching(path.parent, pattern)
        if not found:
            text = f"{quoted(pattern)} is no file beside this one; correct it, or leave it out"
            whole.note([INCLUDE, at], text)
        for each in found:
            if each.resolve() not in seen:
                seen.add(each.resolve())
                yield each


def _matching(folder: Path, pattern: str) -> list[Path]:
    """``pattern`` is relative, and leads nowhere else by ``..``."""
    if not pattern or Path(pattern).is_absolute() or ".." in Path(pattern).parts:
        return []
    return sorted(each for each in folder.glob(pattern) if each.is_file())


def _join_all(whole: Document, others: Sequence[Path], bytes_left: int) -> None:
    if len(others) > INCLUDED_FILES_MAX:
        whole.note([], f"consists of {len(others)} files; join some, {INCLUDED_FILES_MAX} are read")
        return
    nodes_left = whole.nodes_left
    for path in others:
        text = read_text(path)
        bytes_left -= len(text.encode())
        if bytes_left < 0:
            raise _refused(path, f"is one too many: all have {ORGANISATION_FILE_BYTES_MAX} bytes")
        part = Document(str(path), text, nodes_max=nodes_left)
        nodes_left = part.nodes_left
        whole.mistakes += part.mistakes
        if INCLUDE in part.tree:
            part.note([INCLUDE], "only the first file includes others; name the files there")
            whole.mistakes.append(part.mistakes[-1])
            _leave_out(part)
        _join(whole, whole.tree, part.tree, ())


def _leave_out(part: Document) -> None:
    part.tree.pop(INCLUDE, None)
    part.tree.lines.pop(INCLUDE, None)


def _join(whole: Document, into: Table, part: Table, path: tuple[str, ...]) -> None:
    for key in part.lines:
        where, place = (*path, key), part.place(key)
        if key not in into.lines:
            into.lines[key] = place
            if key in part:
                into[key] = part[key]
            continue
        there, new = into.get(key), part.get(key)
        if where in _SPREAD and isinstance(there, Table) and isinstance(new, Table):
            _join(whole, there, new, where)
        elif where in _SPREAD and isinstance(there, Items) and isinstance(new, Items):
            there.extend(new)
            there.places.extend(new.places)
        else:
            first = into.place(key)
            text = f"is written twice, first in {first.file}:{first.line}; keep one of them"
            words = ".".join(where)
            whole.mistakes.append(Mistake(place.file, place.line, words, text))
