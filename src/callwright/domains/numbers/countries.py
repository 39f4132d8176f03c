"""Which country a number belongs to, and what its regulator wants (SPEC 1.5, 3.6)."""

from functools import cache, lru_cache

import phonenumbers

from callwright.kernel.e164 import E164

NORTH_AMERICA = "+1"
_AREA_CODE_CHARS = len("+1425")
_ANY_SUBSCRIBER = "2345678"
ADDRESS_AT_ASSIGNMENT = frozenset({"US", "CA"})
"""SPEC 3.6: a person there needs an emergency address before the number."""
_EMEA = (
    "2", "3", "4",
    "7", "90",
    "960", "961", "962", "963", "964", "965", "966", "967", "968",
    "970", "971", "972", "973", "974", "98",
)  # fmt: skip
"""Calling codes of Europe, the Middle East and Africa (ITU-T E.164 zones 2, 3, 4, part of 9)."""


@cache
def calling_code(country: str) -> str:
    """Returns ``+44`` for ``GB``."""
    return f"+{phonenumbers.country_code_for_region(country)}"


def fits_country(number: E164, country: str) -> bool:
    """Whether the number may be one of the country; a number that no plan knows may be any's.

    Countries that share a calling code are told apart by what the number begins with.
    """
    code = calling_code(country)
    if not number.startswith(code):
        return False
    sharing = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[int(code)]
    return len(sharing) == 1 or _shared_fits(_telling_part(number), country)


def country_of(number: E164) -> str | None:
    """Returns the ISO 3166 code of the number's country; None where its plan does not say."""
    return _region(_telling_part(number))


def needs_address_at_acquisition(country: str) -> bool:
    """SPEC 3.6: in EMEA the address is given when the number is acquired or ported."""
    return calling_code(country).removeprefix("+").startswith(_EMEA)


def area_prefix(country: str, area_code: str) -> str:
    """Returns what numbers of an area begin with: ``+4420`` for ``020`` in GB."""
    trunk_prefix = phonenumbers.ndd_prefix_for_region(country, True)
    if trunk_prefix and calling_code(country) != NORTH_AMERICA:
        area_code = area_code.removeprefix(trunk_prefix)
    return f"{calling_code(country)}{area_code}"


def _telling_part(number: E164) -> E164:
    """What decides the country: in North America the area code, so that a range is looked up
    once."""
    if number.startswith(NORTH_AMERICA) and len(number) == _AREA_CODE_CHARS + len(_ANY_SUBSCRIBER):
        return E164(number[:_AREA_CODE_CHARS] + _ANY_SUBSCRIBER)
    return number


@lru_cache(maxsize=4_096)
def _region(number: E164) -> str | None:
    parsed = parsed_or_none(number)
    return None if parsed is None else phonenumbers.region_code_for_number(parsed)


@lru_cache(maxsize=4_096)
def _shared_fits(number: E164, country: str) -> bool:
    parsed = parsed_or_none(number)
    if parsed is None or not phonenumbers.is_valid_number(parsed):
        return True
    return phonenumbers.is_valid_number_for_region(parsed, country)


def parsed_or_none(number: E164) -> phonenumbers.PhoneNumber | None:
    """None: it begins as no country's numbers do, or is too short for one."""
    try:
        return phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None
