"""Public holidays by country and part of it, worked out for years ahead (SPEC 6.3, ADR 0034)."""

import warnings
from collections.abc import Collection
from functools import lru_cache

from callwright.domains.schedules.model import HolidaySpan
from callwright.kernel.limits.schedules import HOLIDAY_YEARS

_KEPT_MAX = 256
"""Countries and parts that are kept; working one out takes some milliseconds."""


@lru_cache(maxsize=1)
def _supported() -> dict[str, list[str]]:
    import holidays  # takes a while, and most organisations never ask

    return holidays.list_supported_countries(include_aliases=False)


def countries() -> Collection[str]:
    """ISO 3166 codes of the countries whose holidays are known."""
    return sorted(_supported())


def subdivisions(country: str) -> Collection[str]:
    """Codes of the parts of a country with holidays of their own; none: it has none."""
    return _supported().get(country, [])


@lru_cache(maxsize=_KEPT_MAX)
def public_holidays(
    country: str, subdivision: str | None, language: str
) -> tuple[HolidaySpan, ...]:
    """Returns the days off of HOLIDAY_YEARS, observed ones included, as whole days.

    Names are in ``language`` (``en-US``) where it is known, else in the country's own.
    """
    import holidays

    known = holidays.country_holidays(country, subdiv=subdivision)
    spoken = _language(language, known.supported_languages, known.default_language)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of years that the library does not know every day of
        found = holidays.country_holidays(
            country, subdiv=subdivision, years=HOLIDAY_YEARS, language=spoken
        )
    return tuple(HolidaySpan.of_day(name, day) for day, name in sorted(found.items()))


def _language(wanted: str, supported: Collection[str], fallback: str | None) -> str | None:
    by_tag = {tag.replace("_", "-").lower(): tag for tag in supported}
    exact, general = wanted.lower(), wanted.partition("-")[0].lower()
    near = [tag for name, tag in sorted(by_tag.items()) if name.partition("-")[0] == general]
    return by_tag.get(exact) or by_tag.get(general) or next(iter(near), fallback)
