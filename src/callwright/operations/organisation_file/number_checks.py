"""What the number inventory says of other parts of the file (pure)."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from callwright.domains.numbers.countries import ADDRESS_AT_ASSIGNMENT, fits_country
from callwright.domains.numbers.model import NumberSource
from callwright.kernel.e164 import E164, LineNumber
from callwright.operations.organisation_file.checks import Finding, Names
from callwright.operations.organisation_file.document import Path
from callwright.operations.organisation_file.kept import kept_for_the_same
from callwright.operations.organisation_file.number_schema import NumberSettings
from callwright.operations.organisation_file.schema import Organisation, UserSettings


def check_countries(organisation: Organisation, names: Names) -> Iterator[Finding]:
    """A person's numbers are of the person's country (SPEC 1.5; row 6)."""
    stated, own = _stated_countries(organisation.numbers), organisation.organisation.country
    for key, user in organisation.users.items():
        country = user.country or own
        for path, number in _numbers_of(user):
            if not _is_of(country, number, stated):
                text = (
                    f"{number} is no number of {country}, where {key} is; use another number, "
                    "or correct the country"
                )
                yield Finding(("users", key, *path), text)


def caution_addresses(organisation: Organisation, names: Names) -> Iterator[Finding]:
    """A person with a calling plan's number has an address, where the law wants one (SPEC 3.6)."""
    plans = _plan_numbers(organisation.numbers)
    if not plans.entries:
        return
    for key, user in organisation.users.items():
        country = user.country or organisation.organisation.country
        if user.number is None or user.location is not None:
            continue
        if country in ADDRESS_AT_ASSIGNMENT and plans.holds(LineNumber(user.number).base):
            text = f"has no emergency address, which {country} requires; add location: KEY"
            yield Finding(("users", key, "location"), text)


def _numbers_of(user: UserSettings) -> Iterator[tuple[Path, E164]]:
    if user.number is not None:
        yield ("number",), LineNumber(user.number).base
    if user.private_line is not None:
        yield ("private_line",), E164(user.private_line)
    for index, number in enumerate(user.alternate_numbers):
        yield ("alternate_numbers", index), E164(number)


@dataclass(frozen=True, slots=True)
class _Told:
    """A word about some entries, found by number; that none overlap is checked elsewhere."""

    firsts: list[int]
    entries: list[tuple[int, int, str]]

    def word_for(self, number: E164) -> str | None:
        position = bisect_right(self.firsts, int(number)) - 1
        if position < 0 or int(number) > self.entries[position][1]:
            return None
        return self.entries[position][2]

    def holds(self, number: E164) -> bool:
        return self.word_for(number) is not None


@kept_for_the_same
def _plan_numbers(numbers: list[NumberSettings]) -> _Told:
    """Entries of a calling plan that came without an address."""
    plan = NumberSource.CALLING_PLAN.value
    entries = sorted(
        (int(entry.ends[0]), int(entry.ends[1]), plan)
        for entry in numbers
        if entry.source == plan and entry.location is None
    )
    return _Told([first for first, _, _ in entries], entries)


@kept_for_the_same
def _stated_countries(numbers: list[NumberSettings]) -> _Told:
    entries = sorted(
        (int(entry.ends[0]), int(entry.ends[1]), entry.country)
        for entry in numbers
        if entry.country is not None
    )
    return _Told([first for first, _, _ in entries], entries)


def _is_of(country: str, number: E164, stated: _Told) -> bool:
    own = stated.word_for(number) if stated.entries else None
    return fits_country(number, country) if own is None else own == country
