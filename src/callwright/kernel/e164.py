"""Telephone numbers as ITU-T E.164 writes them: a plus and at most fifteen digits."""

import re
from typing import Self

_FORM = re.compile(r"\+[1-9][0-9]{1,14}")


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
