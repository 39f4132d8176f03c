"""Settings of an auto attendant (SPEC 6)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from callwright.domains.schedules.model import HolidaySet, Schedule
from callwright.kernel.ids import AutoAttendantId, GroupId
from callwright.kernel.limits.attendants import ATTENDANT_ROUND_WAIT_S
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
class Broken:
    """A menu option whose target is gone or may not be reached; the operator stands in (row 166).

    No file says this: it is found out when a call comes.
    """

    target: Target
    because: str


Choice = Target | Announce | Operator | Broken


@dataclass(frozen=True, slots=True)
class OptionWords:
    """How a menu option is called."""

    name: str | None = None
    """Told to the caller before the transfer; None: the name of whoever is reached."""
    command: str | None = None
    """What the caller may say; None: the name."""


class SearchBy(Enum):
    """How a caller finds people in the directory (SPEC 6.9)."""

    NAME = "by-name"
    EXTENSION = "by-extension"


class NameSuffix(Enum):
    """What tells people of the same name apart (row 180)."""

    NONE = "none"
    OFFICE = "office"
    DEPARTMENT = "department"


@dataclass(frozen=True, slots=True)
class DialScope:
    """Whom callers find in the directory; who is excluded is not found, even if included."""

    include: tuple[GroupId, ...] | None = None
    """None: everybody."""
    exclude: tuple[GroupId, ...] = ()


@dataclass(frozen=True, slots=True)
class Menu:
    prompt: Prompt | None
    keys: Mapping[str, Choice]
    """By key: ``0``-``9``, ``*``, ``#``."""
    words: Mapping[str, OptionWords] = field(default_factory=dict)
    """By key, for options that the file gives words of their own."""
    search: SearchBy | None = None
    force_listen: bool = False
    """True: what is pressed or said before the prompts end is ignored (row 168)."""
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
    """Shown to whoever is rung for its callers."""
    language: str
    operator: Target | None
    hours: Schedule
    open: CallFlow
    closed: CallFlow
    holidays: tuple[Holiday, ...]
    takes_speech: bool = False
    """True: callers may say what they want, where their language is understood (row 188)."""
    dial_scope: DialScope = DialScope()
    name_suffix: NameSuffix = NameSuffix.NONE
