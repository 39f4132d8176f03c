"""Rows of a bulk upload as people have them: a list, ranges, or CSV with more about each."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from callwright.domains.numbers.spans import Span, read_span
from callwright.kernel.limits.numbers import UPLOAD_BYTES_MAX

NUMBER_COLUMNS = ("number", "phonenumber", "range")
LIST_COLUMNS = ("tags", "capabilities")
COLUMNS = ("kind", "source", "country", "city", "location", *LIST_COLUMNS)
SHOWN_COLUMNS = ("status", "holders", "block")
"""Columns that a download has besides; an upload passes them over."""
_LIST_SEPARATOR = ";"


class BadUpload(ValueError):
    """The text as a whole cannot be read; says what to write instead."""


@dataclass(frozen=True, slots=True)
class UploadRow:
    place: int
    """Line of the file, or position in the list; counts from 1."""
    text: str
    """A number, or ``+14255550100..+14255550119``."""
    about: Mapping[str, JsonValue] = field(default_factory=dict)
    """What it says beside that, worded as in the organisation file."""

    def span(self) -> Span:
        """Raises BadNumber."""
        return read_span(self.text)


def read_rows(text: str) -> list[UploadRow]:
    """Reads CSV with a header of NUMBER_COLUMNS and COLUMNS, or one number in each line.

    Raises BadUpload.
    """
    if len(text) > UPLOAD_BYTES_MAX:
        raise BadUpload(f"has more than {UPLOAD_BYTES_MAX} characters; upload it in parts")
    lines = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    try:
        header = [name.strip().casefold() for name in next(lines, [])]
        if not set(header) & set(NUMBER_COLUMNS):
            return list(_plain_rows(text))
        return list(_rows(header, lines))
    except csv.Error as error:
        raise BadUpload(f"line {lines.line_num} is not CSV: {error}; check its quotes") from None


def _plain_rows(text: str) -> Iterator[UploadRow]:
    for place, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        if line.strip():
            yield UploadRow(place, line.strip())


def _rows(header: Sequence[str], lines: Iterator[list[str]]) -> Iterator[UploadRow]:
    unknown = [name for name in header if name not in (*NUMBER_COLUMNS, *COLUMNS, *SHOWN_COLUMNS)]
    if unknown:
        known = ", ".join(("number", *COLUMNS))
        raise BadUpload(f"no column is called {unknown[0]!r}; write some of {known}")
    for place, cells in enumerate(lines, start=2):
        values = {name: cell.strip() for name, cell in zip(header, cells, strict=False)}
        number = next((values[name] for name in NUMBER_COLUMNS if values.get(name)), "")
        if any(values.values()):
            yield UploadRow(place, number, dict(_about(values)))


def _about(values: Mapping[str, str]) -> Iterator[tuple[str, JsonValue]]:
    for name in COLUMNS:
        value = values.get(name)
        if value and name in LIST_COLUMNS:
            yield name, [part.strip() for part in value.split(_LIST_SEPARATOR) if part.strip()]
        elif value:
            yield name, value
