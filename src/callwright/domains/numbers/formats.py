"""Numbers as people write them: with or without plus, and with an extension (SPEC 3.2)."""

import re
from dataclasses import dataclass
from typing import Self

from callwright.kernel.e164 import E164

_TEL = "tel:"
_EXTENSION_MARK = ";ext="
_EXTENSION = re.compile(r"[0-9]{1,10}")
_DIGITS = re.compile(r"\+?[0-9]+")


class BadNumber(ValueError):
    """The text is no number; says what to write instead."""


@dataclass(frozen=True, slots=True, order=True)
class TelephoneNumber:
    """What a person can hold: a number, or one of many extensions behind it."""

    base: E164
    extension: str | None = None
    """Of a direct-routing number that several people share: ``1001``."""

    def __str__(self) -> str:
        if self.extension is None:
            return self.base
        return f"{self.base}{_EXTENSION_MARK}{self.extension}"

    @classmethod
    def read(cls, text: str) -> Self:
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
        return cls(base, extension if mark else None)


def base_of(number: str) -> E164:
    """Returns the number without the extension of a text that ``TelephoneNumber`` wrote."""
    return E164(number.partition(_EXTENSION_MARK)[0])
