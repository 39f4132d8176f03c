"""May this number become that holder's? Every rule of SPEC 1.5 and 3.1-3.8 that speaks of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from callwright.domains.numbers.countries import ADDRESS_AT_ASSIGNMENT, fits_country
from callwright.domains.numbers.model import NumberSource
from callwright.domains.numbers.states import Capability, Entry, HolderKind, Holding, Line, Standing
from callwright.kernel.e164 import LineNumber
from callwright.kernel.limits.dialling import ALTERNATE_NUMBERS_MAX


class Objection(Enum):
    """Why a number cannot be assigned; the value is what programs read."""

    NOT_OURS = "number-not-in-inventory"
    EXTENSION_NOT_POSSIBLE = "number-extension-not-possible"
    WRONG_CLASS = "number-class-mismatch"
    HELD = "number-held"
    BLOCKED = "number-blocked"
    WRONG_COUNTRY = "number-country-mismatch"
    LICENCE_MISSING = "number-licence-missing"
    ADDRESS_MISSING = "number-emergency-address-missing"
    LINE_NOT_POSSIBLE = "number-line-not-possible"
    PRIVATE_LINE_EXISTS = "private-line-exists"
    PRIVATE_LINE_SOURCE = "private-line-source-mismatch"
    TOO_MANY_LINES = "alternate-lines-full"


class Refusal(NamedTuple):
    objection: Objection
    text: str
    """What is wrong, a semicolon, what to do."""


@dataclass(frozen=True, slots=True)
class Assignee:
    """What is known of the person or resource account that shall have the number."""

    kind: HolderKind
    key: str
    country: str
    """The usage location."""
    is_licensed: bool
    """A user: phone system. A resource account: its own licence."""
    has_calling_plan: bool = False
    location: str | None = None
    """Key of the emergency address."""
    primary_source: NumberSource | None = None
    """None: there is no primary number."""
    private: LineNumber | None = None
    alternates: tuple[LineNumber, ...] = field(default=())

    def __str__(self) -> str:
        return f"{self.kind.value.replace('-', ' ')} {self.key}"


NEEDED_CAPABILITY = {
    HolderKind.USER: Capability.USER_ASSIGNMENT,
    HolderKind.RESOURCE_ACCOUNT: Capability.VOICE_APPLICATION_ASSIGNMENT,
}


def check_assignment(
    number: LineNumber, standing: Standing | None, to: Assignee, line: Line
) -> tuple[Refusal, ...]:
    """Returns everything that speaks against it; empty: it may be.

    ``standing`` is that of the number without its extension, None where it is not ours. The
    address is ``to.location`` or the one that came with the number.
    """
    if standing is None:
        text = f"{number.base} is in no range; upload or order it, or use one that is"
        return (Refusal(Objection.NOT_OURS, text),)
    return (
        *_about_number(number, standing, to, line),
        *_about_entry(number, standing.entry, to),
        *_about_line(number, standing.entry, to, line),
    )


def _about_number(
    number: LineNumber, standing: Standing, to: Assignee, line: Line
) -> Iterator[Refusal]:
    """Who has the number with another extension, or without one, does not stand in the way."""
    wanted = Holding(number, to.kind, to.key, line)
    for holding in standing.holdings:
        if holding.number == number and holding != wanted:
            text = f"{number} belongs to {holding}; remove it there first, or choose another"
            yield Refusal(Objection.HELD, text)
    if standing.block is not None:
        text = f"{number.base} is blocked {standing.block}; unblock it, or choose another"
        yield Refusal(Objection.BLOCKED, text)


def _about_entry(number: LineNumber, entry: Entry, to: Assignee) -> Iterator[Refusal]:
    if number.extension is not None and entry.source is not NumberSource.DIRECT_ROUTING:
        text = f"{number} has an extension; only direct-routing numbers can, so leave ;ext= out"
        yield Refusal(Objection.EXTENSION_NOT_POSSIBLE, text)
    needed = NEEDED_CAPABILITY[to.kind]
    if needed not in entry.capabilities:
        text = (
            f"{number} is a {entry.kind.value} number of {entry.source.value} and not for "
            f"{needed.value}; choose one that is"
        )
        yield Refusal(Objection.WRONG_CLASS, text)
    is_free = to.kind is not HolderKind.USER and entry.source is not NumberSource.CALLING_PLAN
    if not is_free and not _is_of_country(number, entry, to.country):
        text = (
            f"{number} is no number of {to.country}, where {to} is; "
            "choose another number, or correct the country"
        )
        yield Refusal(Objection.WRONG_COUNTRY, text)
    yield from _about_licences(entry, to)
    needs_address = (
        to.kind is HolderKind.USER
        and entry.source is NumberSource.CALLING_PLAN
        and to.country in ADDRESS_AT_ASSIGNMENT
    )
    if needs_address and to.location is None and entry.location is None:
        text = f"{to} has no emergency address, which {to.country} requires; name a location"
        yield Refusal(Objection.ADDRESS_MISSING, text)


def _is_of_country(number: LineNumber, entry: Entry, country: str) -> bool:
    if entry.country is not None:
        return entry.country == country
    return fits_country(number.base, country)


def _about_licences(entry: Entry, to: Assignee) -> Iterator[Refusal]:
    if not to.is_licensed:
        sku = "phone-system" if to.kind is HolderKind.USER else "resource-account"
        text = f"{to} holds no {sku} licence; assign one first"
        yield Refusal(Objection.LICENCE_MISSING, text)
    is_plan_number = to.kind is HolderKind.USER and entry.source is NumberSource.CALLING_PLAN
    if is_plan_number and not to.has_calling_plan:
        text = f"{to} holds no calling plan, which the number belongs to; assign one first"
        yield Refusal(Objection.LICENCE_MISSING, text)


def _about_line(number: LineNumber, entry: Entry, to: Assignee, line: Line) -> Iterator[Refusal]:
    if line is Line.PRIMARY:
        return
    if number.extension is not None:
        text = f"{number} has an extension, which a {line.value} line cannot; write {number.base}"
        yield Refusal(Objection.EXTENSION_NOT_POSSIBLE, text)
    if to.kind is not HolderKind.USER:
        text = f"{to} is no person; a {line.value} line is for users only"
        yield Refusal(Objection.LINE_NOT_POSSIBLE, text)
    elif line is Line.PRIVATE:
        yield from _about_private_line(number, entry, to)
    elif number not in to.alternates and len(to.alternates) >= ALTERNATE_NUMBERS_MAX:
        text = f"{to} has {len(to.alternates)} alternate lines, as many as may be; remove one"
        yield Refusal(Objection.TOO_MANY_LINES, text)


def _about_private_line(number: LineNumber, entry: Entry, to: Assignee) -> Iterator[Refusal]:
    if to.private is not None and to.private != number:
        text = f"{to} has the private line {to.private}; remove it first"
        yield Refusal(Objection.PRIVATE_LINE_EXISTS, text)
    if to.primary_source is None:
        text = f"{to} has no primary number; assign one first"
        yield Refusal(Objection.PRIVATE_LINE_SOURCE, text)
    elif to.primary_source is not entry.source:
        text = (
            f"{number} is of {entry.source.value} and the primary number of "
            f"{to.primary_source.value}; choose one of the same source"
        )
        yield Refusal(Objection.PRIVATE_LINE_SOURCE, text)
