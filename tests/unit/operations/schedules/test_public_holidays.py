"""Public holidays by country and part of it, in years ahead, by their names."""

import pytest

from callwright.operations.schedules.public_holidays import (
    countries,
    public_holidays,
    subdivisions,
)


def names(country: str, part: str | None, language: str, year: int) -> dict[str, str]:
    found = public_holidays(country, part, language)
    return {f"{s.begin:%m-%d}": s.name for s in found if s.begin.year == year}


def test_a_country_has_its_days_in_its_years() -> None:
    assert names("US", None, "en-US", 2026)["11-26"] == "Thanksgiving Day"
    assert names("US", None, "en-US", 2050)["07-04"] == "Independence Day"


def test_parts_of_a_country_have_days_of_their_own() -> None:
    """Callers of a German office hear that it is closed on days that other offices work on."""
    assert "BW" in subdivisions("DE")
    assert "01-06" in names("DE", "BW", "de-DE", 2027)
    assert "01-06" not in names("DE", "BE", "de-DE", 2027)


@pytest.mark.parametrize(
    ("language", "name"),
    [("de-DE", "Neujahr"), ("en-US", "New Year's Day"), ("en-GB", "New Year's Day"),
     ("it-IT", "Neujahr")],
)  # fmt: skip
def test_names_are_in_the_organisations_language_or_the_countrys(language: str, name: str) -> None:
    assert names("DE", None, language, 2026)["01-01"] == name


def test_more_than_american_holidays_are_known() -> None:
    """fusionpbx#1109: only those of the United States were preset."""
    assert {"US", "DE", "JP", "ZA", "BR", "IN", "FR"} <= set(countries())
    assert len(countries()) > 200


def test_a_country_whose_far_years_are_not_known_whole_has_the_near_ones() -> None:
    assert "Republic Day" in names("IN", None, "en-US", 2030).values()
