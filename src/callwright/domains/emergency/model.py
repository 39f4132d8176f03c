"""Emergency settings of an organisation (SPEC 9)."""

from dataclasses import dataclass
from datetime import datetime

from callwright.kernel.e164 import E164
from callwright.kernel.ids import LocationId, SbcId, UserId


@dataclass(frozen=True, slots=True)
class Location:
    id: LocationId
    address: str
    elin: E164 | None
    """Number that the emergency centre sees and can call back."""


@dataclass(frozen=True, slots=True)
class Callback:
    """A call to the number rings the person who called for help."""

    number: E164
    user: UserId
    until: datetime


@dataclass(frozen=True, slots=True)
class Emergency:
    numbers: tuple[str, ...]
    """Dial strings without plus, matched exactly after normalisation."""
    sbcs: tuple[SbcId, ...]
    notify: tuple[UserId, ...]
    locations: tuple[Location, ...]
    """The first one is where users without a location of their own are."""
