"""Numbers outside as usage reports may show them (SPEC 10.4, row 268)."""

import re

MASKED_DIGITS = {
    **dict.fromkeys(("BE", "DE", "DK", "ES", "FI", "IT", "NL", "NO", "SE"), 3),
    **dict.fromkeys(("CH", "FR"), 4),
}
"""How many digits at the end become stars, by the organisation's country."""
_DIGIT = re.compile(r"\d(?=\D*\Z)")
_NUMBER = re.compile(r"\+?[\d ()./-]*\d")


def masked_number(number: str, country: str) -> str:
    """``+33140205050`` of a French organisation: ``+3314020****``; else as it is.

    What is no number, as a name at an SBC, is left alone.
    """
    count = MASKED_DIGITS.get(country, 0)
    if not _NUMBER.fullmatch(number):
        return number
    for _ in range(count):
        number = _DIGIT.sub("*", number, count=1)
    return number
