"""Users in a table of comma-separated values (RFC 4180), as spreadsheets and directories write it.

Columns are found by what they are usually called; one that nobody knows is told, not guessed.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO

from pydantic import JsonValue

from callwright.kernel.limits.commands import (
    IMPORT_COLUMNS_MAX,
    IMPORT_FILE_BYTES_MAX,
    IMPORT_ROWS_MAX,
)
from callwright.operations.organisation_file.refusal import quoted

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "key": ("key", "user", "username", "userid", "login", "alias", "samaccountname",
            "userprincipalname", "upn", "mailnickname"),
    "name": ("name", "displayname", "fullname", "cn"),
    "first": ("firstname", "givenname", "forename"),
    "last": ("lastname", "surname", "familyname", "sn"),
    "number": ("number", "phonenumber", "phone", "telephone", "telephonenumber", "did", "ddi",
               "lineuri", "businessphone", "businessphones", "officephone"),
    "extension": ("extension", "ext", "shortnumber", "internalnumber"),
    "email": ("email", "mail", "emailaddress", "primarysmtpaddress"),
    "password": ("password", "sippassword", "secret", "sipsecret"),
    "pin": ("pin", "voicemailpin", "vmpin", "vmsecret"),
    "licences": ("licences", "licenses", "licence", "license", "skus"),
    "country": ("country", "usagelocation", "countrycode"),
    "location": ("location", "emergencylocation"),
    "enabled": ("enabled", "accountenabled", "active"),
    "title": ("title", "jobtitle"),
    "department": ("department",),
    "office": ("office", "officelocation", "physicaldeliveryofficename"),
    "company": ("company", "companyname"),
}  # fmt: skip
"""By what is meant: names of the column, in lower case and without anything but letters."""
_MEANINGS = {name: meaning for meaning, names in _COLUMNS.items() for name in names}
_TRUE, _FALSE = {"true", "yes", "y", "1"}, {"false", "no", "n", "0"}
_NUMBER_MARKS = re.compile(r"[\s().\-/\u00a0\u2011]")
_PROFILE = ("title", "department", "office", "company", "email")


class BadTable(Exception):
    """The file as a whole cannot be read; the text says where, and what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    """Of the file, counted from 1; the last one of a row that has several."""
    key: str
    settings: Mapping[str, JsonValue]
    """Of the user, as the organisation file words them."""


@dataclass(frozen=True, slots=True)
class RowMistake:
    line: int
    key: str
    """Empty where the row names nobody."""
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    columns: Mapping[str, str]
    """What was found: the column's own name, and what is meant by it."""
    unknown: tuple[str, ...]
    """Columns that are left out."""
    rows: tuple[Row, ...]
    mistakes: tuple[RowMistake, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class _Form:
    meanings: Mapping[int, str]
    """By position."""
    width: int
    licences: tuple[str, ...]


def read_table(content: bytes, *, licences: Sequence[str] = ()) -> Table:
    """``licences`` are for rows that name none. Raises BadTable."""
    text = _decoded(content)
    reader = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        header = next(reader, [])
        form = _Form(_meanings(header), len(header), tuple(licences))
        found = tuple(_each_once(_read(reader.line_num, form, cells) for cells in _filled(reader)))
    except csv.Error as error:
        raise BadTable(f"line {reader.line_num}: {error}; check the quotes") from None
    known = {header[at]: meaning for at, meaning in form.meanings.items()}
    return Table(
        known,
        tuple(name for name in header if name.strip() and name not in known),
        tuple(row for row in found if isinstance(row, Row)),
        tuple(row for row in found if isinstance(row, RowMistake)),
    )


def _filled(reader: Iterable[list[str]]) -> Iterator[list[str]]:
    """The lines that say something. Raises BadTable where they are too many."""
    lines = (cells for cells in reader if any(cell.strip() for cell in cells))
    for count, cells in enumerate(lines):
        if count == IMPORT_ROWS_MAX:
            raise BadTable(f"holds more than {IMPORT_ROWS_MAX} users; split it")
        yield cells


def _each_once(rows: Iterable[Row | RowMistake]) -> Iterator[Row | RowMistake]:
    seen: dict[str, int] = {}
    for row in rows:
        if isinstance(row, Row) and seen.setdefault(row.key, row.line) != row.line:
            first = f"line {seen[row.key]} has the same user; keep one of them"
            yield RowMistake(row.line, row.key, first)
        else:
            yield row


def with_passwords(rows: Sequence[Row], new_password: Callable[[], str]) -> tuple[Row, ...]:
    """Those without a password get one: without, no phone of theirs could register."""
    return tuple(
        row
        if "sip" in row.settings
        else Row(row.line, row.key, {**row.settings, "sip": {"password": new_password()}})
        for row in rows
    )


def _decoded(content: bytes) -> str:
    if len(content) > IMPORT_FILE_BYTES_MAX:
        raise BadTable(f"is larger than {IMPORT_FILE_BYTES_MAX} bytes; split it")
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        text = 'is not UTF-8; choose "CSV UTF-8" where you save it'
        raise BadTable(f"line {line}: {text}") from None


def _delimiter(text: str) -> str:
    """Spreadsheets of half the world write semicolons."""
    header = text.partition("\n")[0]
    return max(",;\t", key=header.count)


def _meanings(header: Sequence[str]) -> dict[int, str]:
    """By position. Raises BadTable."""
    if len(header) > IMPORT_COLUMNS_MAX:
        raise BadTable(f"line 1: has {len(header)} columns; keep at most {IMPORT_COLUMNS_MAX}")
    found: dict[int, str] = {}
    for at, name in enumerate(header):
        meaning = _MEANINGS.get(re.sub("[^a-z]", "", name.lower()))
        if meaning is None:
            continue
        if meaning in found.values():
            other = next(header[place] for place, known in found.items() if known == meaning)
            raise BadTable(
                f"line 1: {quoted(other)} and {quoted(name)} both mean {meaning}; keep one of them"
            )
        found[at] = meaning
    if not {"key", "email"} & set(found.values()):
        names = ", ".join(_COLUMNS["key"][:4])
        raise BadTable(f"line 1: no column names the user; call one of them {names} or email")
    if not {"name", "first", "last"} & set(found.values()):
        raise BadTable("line 1: no column has the names of people; call one of them name")
    return found


def _read(line: int, form: _Form, cells: Sequence[str]) -> Row | RowMistake:
    if any(cell.strip() for cell in cells[form.width :]):
        return RowMistake(line, "", "has more cells than the first line; check its quotes")
    said = {
        meaning: cells[at].strip()
        for at, meaning in form.meanings.items()
        if at < len(cells) and cells[at].strip()
    }
    key = (said.get("key") or said.get("email", "")).partition("@")[0].lower()
    if not key:
        return RowMistake(line, "", "names no user; write one into its first column")
    enabled = said.get("enabled", "yes").lower()
    if enabled not in _TRUE | _FALSE:
        return RowMistake(line, key, f"enabled: {quoted(enabled)} is neither yes nor no")
    return Row(line, key, dict(_settings(key, said, form.licences, is_enabled=enabled in _TRUE)))


def _settings(
    key: str, said: Mapping[str, str], licences: Sequence[str], *, is_enabled: bool
) -> Iterator[tuple[str, JsonValue]]:
    full = " ".join(said[part] for part in ("first", "last") if part in said)
    yield "name", said.get("name") or full or key
    if not is_enabled:
        yield "enabled", False
    if "country" in said:
        yield "country", said["country"].upper()
    named = [word for word in re.split(r"[;,|\s]+", said.get("licences", "")) if word]
    yield "licences", list(named or licences)
    profile: dict[str, JsonValue] = {word: said[word] for word in _PROFILE if word in said}
    if profile:
        yield "profile", profile
    if "number" in said:
        yield "number", plain_number(said["number"])
    if "extension" in said:
        yield "extension", said["extension"]
    if "password" in said:
        yield "sip", {"password": said["password"]}
    if "pin" in said:
        yield "voicemail", {"pin": said["pin"]}
    if "location" in said:
        yield "location", said["location"]


def plain_number(text: str) -> str:
    """``tel:+1 (425) 555-0101`` as ``+14255550101``; an extension behind it stays."""
    number, mark, rest = text.removeprefix("tel:").partition(";")
    return _NUMBER_MARKS.sub("", number) + mark + rest
