"""What is wrong with an organisation file, said so that a person can put it right."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mistake:
    file: str
    line: int
    """Counts from 1."""
    path: str
    """Keys from the top, ``users.alice.number``; empty when it is about the whole file."""
    text: str
    """What is wrong, a semicolon, what to write instead."""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}"
        return f"{where}: {self.path}: {self.text}" if self.path else f"{where}: {self.text}"


class OrganisationFileError(Exception):
    """The file is refused whole; its text is one line for each mistake, by file and line."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        found = list(mistakes)
        files = {file: at for at, file in enumerate(dict.fromkeys(each.file for each in found))}
        by_line = sorted(found, key=lambda mistake: (files[mistake.file], mistake.line))
        self.mistakes = tuple(dict.fromkeys(by_line))
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))
