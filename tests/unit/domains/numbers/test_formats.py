"""Numbers are read as people write them and shown one way (SPEC 3.2)."""

import pytest

from callwright.domains.numbers.countries import (
    area_prefix,
    country_of,
    fits_country,
    needs_address_at_acquisition,
)
from callwright.domains.numbers.formats import BadNumber, read_line, read_number
from callwright.kernel.e164 import E164


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("+12065551234", "+12065551234"),
        ("12065551234", "+12065551234"),
        (" +12065551234 ", "+12065551234"),
        ("+14255388701;ext=1001", "+14255388701;ext=1001"),
        ("14255388701;ext=1001", "+14255388701;ext=1001"),
        ("+1001", "+1001"),
    ],
)
def test_numbers_are_shown_with_a_plus(written: str, shown: str) -> None:
    assert read_line(written) == shown


@pytest.mark.parametrize(
    ("written", "remedy"),
    [
        ("tel:+12065551234", "write +12065551234"),
        ("TEL:+12065551234", "write +12065551234"),
        ("+1 206 555 1234", "write digits only"),
        ("0205551234", "write the country code"),
        ("+1234567890123456", "2 to 15 digits"),
        ("+14255388701;ext=", "write 1 to 10 digits after ;ext="),
        ("+14255388701;ext=a", "write 1 to 10 digits after ;ext="),
        ("", "write digits only"),
    ],
)
def test_what_is_no_number_is_refused_with_a_remedy(written: str, remedy: str) -> None:
    with pytest.raises(BadNumber) as refused:
        read_line(written)
    assert remedy in str(refused.value)


def test_where_extensions_have_no_place_they_are_refused() -> None:
    assert read_number("14255388701") == "+14255388701"
    with pytest.raises(BadNumber, match="write \\+14255388701"):
        read_number("+14255388701;ext=1001")


@pytest.mark.parametrize(
    ("number", "country", "fits"),
    [
        ("+14255550101", "US", True),
        ("+14255550101", "CA", False),
        ("+16135550123", "CA", True),
        ("+16135550123", "US", False),
        ("+18005550100", "CA", True),
        ("+33142278186", "FR", True),
        ("+33142278186", "DE", False),
        ("+442079460000", "GB", True),
        ("+19995550000", "US", True),
        ("+1001", "US", True),
        ("+1001", "FR", False),
    ],
)
def test_a_number_fits_the_country_of_its_plan(number: str, country: str, fits: bool) -> None:
    assert fits_country(E164(number), country) is fits


def test_the_country_of_a_number_is_unknown_where_its_plan_does_not_say() -> None:
    assert country_of(E164("+33142278186")) == "FR"
    assert country_of(E164("+16135550123")) == "CA"
    assert country_of(E164("+1001")) is None
    assert country_of(E164("+12")) is None
    assert country_of(E164("+99912345678")) is None


def test_an_area_code_is_taken_with_and_without_its_trunk_prefix() -> None:
    assert area_prefix("GB", "020") == area_prefix("GB", "20") == "+4420"
    assert area_prefix("US", "425") == "+1425"
    assert area_prefix("IT", "06") == "+3906"


def test_emea_wants_the_address_with_the_number() -> None:
    assert all(map(needs_address_at_acquisition, ("DE", "GB", "ZA", "AE", "IL", "TR", "RU")))
    assert not any(map(needs_address_at_acquisition, ("US", "CA", "AU", "JP", "BR", "IN")))
