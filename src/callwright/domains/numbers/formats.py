"""Numbers as people write them: with or without plus, and with an extension (SPEC 3.2)."""

import re

from callwright.kernel.e164 import E164, LineNumber

_TEL = "tel:"
_EXTENSION_MARK = ";ext="
_EXTENSION = re.compile(r"[0-9]{1,10}")
_DIGITS = re.compile(r"\+?[0-9]+")


class BadNumber(ValueError):
    """The text is no number; says what to write instead."""


def read_line(text: str) -> LineNumber:
    """Takes ``+12065551234``, ``12065551234`` and ``+14255388701;ext=1001``; raises BadNumber.

    ``tel:`` is refused (row 20): a number is held, not dialled.
    """
    number, mark, extension = text.strip().partition(_EXTENSION_MARK)
    if number.lower().startswith(_TEL):
        rest = number[len(_TEL) :]
        raise BadNumber(f"{text!r} begins with tel:; write {rest or '+12065551234'}")
    if _DIGITS.fullmatch(number) is None:
        raise BadNumber(f"{text!r} is not a number; write digits only, such as +12065551234")
    base = E164.parse_or_none(number if number.startswith("+") else f"+{number}")
    if base is None:
        raise BadNumber(
            f"{text!r} is not an E.164 number; write the country code and the number, "
            "2 to 15 digits, such as +12065551234"
        )
    if mark and _EXTENSION.fullmatch(extension) is None:
        raise BadNumber(f"{text!r} has no usable extension; write 1 to 10 digits after ;ext=")
    return LineNumber(f"{base}{mark}{extension}")


def read_number(text: str) -> E164:
    """As ``read_line`` where extensions have no place; raises BadNumber."""
    line = read_line(text)
    if line.extension is not None:
        raise BadNumber(f"{text!r} has an extension; write {line.base}")
    return line.base
