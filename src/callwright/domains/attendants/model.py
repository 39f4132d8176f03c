"""Settings of an auto attendant (SPEC 6)."""

from collections.abc import Mapping
from dataclasses import dataclass

from callwright.domains.schedules.model import HolidaySet, Schedule
from callwright.kernel.ids import AutoAttendantId
from callwright.kernel.limits import ATTENDANT_ROUND_WAIT_S
from callwright.kernel.prompt import Prompt
from callwright.kernel.target import Target


@dataclass(frozen=True, slots=True)
class Announce:
    """A menu option that speaks and returns to the menu (row 167)."""

    prompt: Prompt


@dataclass(frozen=True, slots=True)
class Operator:
    """A menu option that leads to the attendant's operator."""


@dataclass(frozen=True, slots=True)
class Menu:
    prompt: Prompt | None
    keys: Mapping[str, Target | Announce | Operator]
    """By key: ``0``-``9``, ``*``, ``#``."""
    directory_by_extension: bool = False
    force_listen: bool = False
    """True: keys pressed before the prompt ends are ignored (row 168)."""
    round_wait_s: float = ATTENDANT_ROUND_WAIT_S


@dataclass(frozen=True, slots=True)
class CallFlow:
    """Greeting, then a menu or a target."""

    greeting: Prompt | None
    then: Menu | Target | Operator


@dataclass(frozen=True, slots=True)
class Holiday:
    dates: HolidaySet
    flow: CallFlow


@dataclass(frozen=True, slots=True)
class AutoAttendant:
    id: AutoAttendantId
    name: str
    language: str
    operator: Target | None
    hours: Schedule
    open: CallFlow
    closed: CallFlow
    holidays: tuple[Holiday, ...]
