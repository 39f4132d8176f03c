"""The demo organisation's file, whole or with small edits."""

from pathlib import Path
from typing import NamedTuple

import callwright
from callwright.operations.organisation_file import (
    Mistake,
    Organisation,
    OrganisationFileError,
    read_organisation,
)

FILE = Path(callwright.__file__).parent / "examples/contoso.yaml"


def contoso_text(*edits: tuple[str, str]) -> str:
    """Returns the file's text after replacing, once each, the first text of a pair."""
    text = FILE.read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text, f"{old!r} is not in the file any longer"
        text = text.replace(old, new, 1)
    return text


def read_text(folder: Path, text: str) -> Organisation:
    file = folder / "org.yaml"
    file.write_text(text, encoding="utf-8")
    return read_organisation(file)


def mistakes_in(folder: Path, text: str) -> tuple[Mistake, ...]:
    """Returns what is wrong with the text; empty when it is accepted."""
    try:
        read_text(folder, text)
    except OrganisationFileError as error:
        return error.mistakes
    return ()


class Wrong(NamedTuple):
    """An edit that makes the file wrong, and what the reader must say of it."""

    old: str
    new: str
    where: str
    """A text of the edited file; its line is the one to name."""
    path: str
    words: tuple[str, ...]
    """Parts of the text: what is wrong, and the remedy."""


def assert_one_mistake(wrong: Wrong, folder: Path) -> None:
    """Asserts that the edit is called wrong in one line, with its place, keys and remedy."""
    text = contoso_text((wrong.old, wrong.new))
    (mistake,) = mistakes_in(folder, text)
    assert mistake.path == wrong.path
    for words in wrong.words:
        assert words in mistake.text
    assert mistake.line == line_of(text, wrong.where)
    assert str(mistake) == f"{folder / 'org.yaml'}:{mistake.line}: {wrong.path}: {mistake.text}"


def line_of(text: str, where: str) -> int:
    assert where in text, f"{where!r} is not in the edited file"
    return text.count("\n", 0, text.index(where)) + 1
