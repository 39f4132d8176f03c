"""Phones of a profile as directories write them (SPEC 6.9)."""

import re
from typing import NamedTuple

from callwright.kernel.e164 import E164

_FORM = re.compile(r"(\+[1-9][0-9]{1,14})?(?:(?:;ext=|x)([0-9]{1,10}))?")


class ProfilePhone(NamedTuple):
    number: E164 | None
    extension: str | None

    @classmethod
    def parse_or_none(cls, text: str) -> "ProfilePhone | None":
        """Reads ``+14255550101``, ``+14255550100;ext=5678``, ``+14255550100x5678`` or ``x5678``."""
        found = _FORM.fullmatch(text)
        if not text or found is None:
            return None
        number, extension = found.groups()
        return cls(None if number is None else E164(number), extension)
