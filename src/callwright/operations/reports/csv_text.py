"""CSV as RFC 4180 has it: a header, CRLF, quotes where needed; safe to open in a spreadsheet."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

_NUMBER = re.compile(r"[+-]?[0-9.]+")
_COMMANDS = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins with one of them is calculated by spreadsheets: callers choose their names."""


class CsvSheet:
    """Grows row by row."""

    def __init__(self, header: Sequence[str]) -> None:
        self._file = io.StringIO()
        self._writer = csv.writer(self._file, lineterminator="\r\n")
        self._writer.writerow(header)
        self.rows = 0

    def add(self, cells: Iterable[object]) -> None:
        """None becomes an empty cell. What a spreadsheet would calculate gets an apostrophe before
        it."""
        self._writer.writerow(map(_cell, cells))
        self.rows += 1

    def text(self) -> str:
        return self._file.getvalue()


def csv_text(header: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """A whole sheet."""
    sheet = CsvSheet(header)
    for row in rows:
        sheet.add(row)
    return sheet.text()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    is_harmless = not text.startswith(_COMMANDS) or _NUMBER.fullmatch(text)
    return text if is_harmless else f"'{text}"
