"""The grammar pieces many headers share: tokens, quoted strings, parameters, comma lists."""

import re
from collections.abc import Iterable
from functools import lru_cache

from callwright.kernel.limits.signalling import SIP_PARAMETERS_MAX

Parameters = tuple[tuple[str, str | None], ...]
"""Names as written, values without quotes; None: a parameter without "="."""

_TOKEN_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~"
_NOTHING_OF_A_TOKEN = str.maketrans("", "", _TOKEN_CHARACTERS)
_PLAIN_IN_PARAMETERS = str.maketrans("", "", _TOKEN_CHARACTERS + "[]:/@$&")


def is_token(text: str) -> bool:
    """RFC 3261 §25.1 ``token``; the empty text is none."""
    return bool(text) and not text.translate(_NOTHING_OF_A_TOKEN)


def read_number(text: str, *, most: int) -> int | None:
    """A decimal number from 0 to ``most``; None: not one. Leading zeros are fine."""
    if not text.isascii() or not text.isdigit():
        return None
    if len(text) > 20:
        text = text.lstrip("0") or "0"
        if len(text) > 20:
            return None
    number = int(text)
    return number if number <= most else None


def read_quoted(text: str) -> tuple[str, str] | None:
    """``"a \\"b\\"" rest`` -> the unescaped content and the rest; None: the quote never closes."""
    end = text.find('"', 1)
    if end < 0:
        return None
    if "\\" not in text[:end]:
        return text[1:end], text[end + 1 :]
    content: list[str] = []
    position = 1
    while position < len(text):
        character = text[position]
        if character == '"':
            return "".join(content), text[position + 1 :]
        if character == "\\":
            position += 1
            if position == len(text):
                return None
            character = text[position]
        content.append(character)
        position += 1
    return None


def quote(text: str) -> str:
    """A quoted string (RFC 3261 §25.1); line ends, which it cannot hold, become spaces."""
    if "\\" in text or '"' in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    if "\r" in text or "\n" in text:
        text = text.replace("\r", " ").replace("\n", " ")
    return f'"{text}"'


def split_outside_quotes(text: str, separator: str) -> list[str]:
    """Splits at a character where it stands neither in a quoted string nor between < and >.

    Never fails: what is not closed reaches to the end.
    """
    if separator not in text:
        return [text]
    if '"' not in text and "<" not in text:
        return text.split(separator)
    parts = []
    for found in _pieces(separator).finditer(text):
        parts.append(found[1])
        if not found[2]:
            break
    return parts


@lru_cache(8)
def _pieces(separator: str) -> re.Pattern[str]:
    """One piece, and the separator behind it or nothing at the end. Nothing is tried twice."""
    apart = re.escape(separator)
    plain = rf'[^"<{apart}]++'
    quoted = r'"(?:[^"\\]++|\\.)*+(?:"|\\?+)'
    bracketed = r"<[^>]*+>?"
    return re.compile(rf"((?:{plain}|{quoted}|{bracketed})*+)({apart}|\Z)", re.DOTALL)


def split_list(value: str) -> list[str]:
    """The elements of a comma list, without the white space around them; empty ones stay."""
    if "," not in value:
        return [value]
    return [part.strip(" \t") for part in split_outside_quotes(value, ",")]


def parse_parameters(text: str) -> Parameters:
    """``;a=1;b;c="x"`` -> (("a", "1"), ("b", None), ("c", "x")).

    Raises ValueError for an empty parameter, an empty value, a name that is no token, quotes that
    do not close, and more than SIP_PARAMETERS_MAX semicolons.
    """
    text = text.strip(" \t")
    if not text:
        return ()
    if text[0] != ";":
        raise ValueError("a parameter begins with a semicolon")
    if len(text) > SIP_PARAMETERS_MAX and text.count(";") > SIP_PARAMETERS_MAX:
        raise ValueError("too many parameters")
    pieces = text[1:].split(";") if '"' not in text else split_outside_quotes(text[1:], ";")
    return tuple(map(_parse_parameter, pieces))


def _parse_parameter(piece: str) -> tuple[str, str | None]:
    name, equals, value = piece.partition("=")
    name = name.strip(" \t")
    if not name.isalnum() and not is_token(name):
        raise ValueError("a parameter without a name")
    if not equals:
        return name, None
    value = value.strip(" \t")
    if value.startswith('"'):
        quoted = read_quoted(value)
        if quoted is None or quoted[1]:
            raise ValueError(f"the quotes of parameter {name} do not close")
        return name, quoted[0]
    if not value or '"' in value or "<" in value or ">" in value or "," in value:
        raise ValueError(f"the value of parameter {name} is missing or not allowed")
    return name, value


def format_parameters(parameters: Parameters) -> str:
    """The opposite of parse_parameters; puts quotes only where the value needs them."""
    if not parameters:
        return ""
    return "".join(
        [
            f";{name}"
            if value is None
            else f";{name}={value}"
            if value and not value.translate(_PLAIN_IN_PARAMETERS)
            else f";{name}={quote(value)}"
            for name, value in parameters
        ]
    )


def find_parameter(parameters: Iterable[tuple[str, str | None]], name: str) -> str | None:
    """The value by its lower-case name; "" for one without a value, None where it is absent."""
    for found, value in parameters:
        if found == name or found.lower() == name:
            return value or ""
    return None
