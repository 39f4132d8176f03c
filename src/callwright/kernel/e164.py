"""Telephone numbers as ITU-T E.164 writes them, and lines that share one."""

import re
from typing import Self

_FORM = re.compile(r"\+[1-9][0-9]{1,14}")
_LINE_FORM = re.compile(r"(\+[1-9][0-9]{1,14})(?:;ext=([0-9]{1,10}))?")


class E164(str):
    """A number with its ``+``, for example ``+14255550101`` (ITU-T E.164 §6)."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Returns the number; raises ValueError when ``text`` is not a plus and 2-15 digits."""
        if _FORM.fullmatch(text) is None:
            raise ValueError(f"{text!r} is not an E.164 number such as +14255550101")
        return cls(text)

    @classmethod
    def parse_or_none(cls, text: str) -> Self | None:
        """Returns the number, or None when ``text`` is something else (an extension, a name)."""
        return cls(text) if _FORM.fullmatch(text) else None


class LineNumber(str):
    """A number as it is assigned: E.164, or one of the lines that share a number,
    ``+14255388701;ext=1001`` (RFC 3966 §5.3, SPEC 3.2)."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Returns the line; raises ValueError when ``text`` is none."""
        if _LINE_FORM.fullmatch(text) is None:
            raise ValueError(f"{text!r} is neither an E.164 number nor one with ;ext= and digits")
        return cls(text)

    @classmethod
    def parse_or_none(cls, text: str) -> Self | None:
        return cls(text) if _LINE_FORM.fullmatch(text) else None

    @classmethod
    def of(cls, number: E164 | None, extension: str | None) -> Self | None:
        """The number alone, or its line with this extension; None without a number."""
        if number is None:
            return None
        return cls(number if extension is None else f"{number};ext={extension}")

    @property
    def base(self) -> E164:
        """The number that is dialled and shown in the public network."""
        return E164(self.partition(";")[0])

    @property
    def extension(self) -> str | None:
        """Which of the lines that share the number; None: it is the number's only line."""
        return self.partition(";ext=")[2] or None
