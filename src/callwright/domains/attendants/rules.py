"""Which flow an attendant follows now, and what pressed keys mean (SPEC 6.2, 6.5, 6.9)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from callwright.domains.attendants.model import (
    AutoAttendant,
    CallFlow,
    Choice,
    Menu,
    Operator,
    SearchBy,
)
from callwright.domains.schedules.model import Standing
from callwright.domains.schedules.rules import situation_at
from callwright.kernel.decision import Decision, Step
from callwright.kernel.limits.attendants import ATTENDANT_AMBIGUOUS_KEY_S, ATTENDANT_INTERDIGIT_S
from callwright.kernel.value import value

END_OF_INPUT = "#"
"""Ends an extension at once, where a longer one could follow."""


@value
class Complete:
    """The keys chose a menu option."""

    key: str
    choice: Choice
    because: str


@dataclass(frozen=True, slots=True)
class Extension:
    """The keys are somebody's whole extension."""

    extension: str


@dataclass(frozen=True, slots=True)
class Wait:
    """More keys may follow within ``for_s`` seconds; silence until then decides."""

    for_s: float


@dataclass(frozen=True, slots=True)
class Invalid:
    """The keys mean nothing here."""


KeyReading = Complete | Extension | Wait | Invalid


def decide_flow(attendant: AutoAttendant, at: datetime) -> Decision[CallFlow]:
    """Chooses the flow for the aware instant ``at``: what somebody set it to, else holiday, then
    closed, then open (SPEC 6.2)."""
    sets = [holiday.dates for holiday in attendant.holidays]
    situation = situation_at(attendant.hours, sets, at)
    step = Step(f"{attendant.id} {situation.text}", situation.because)
    match situation.standing:
        case Standing.OPEN:
            return Decision(attendant.open, (step,))
        case Standing.CLOSED:
            return Decision(attendant.closed, (step,))
        case Standing.HOLIDAY:
            kept = next(h for h in attendant.holidays if h.dates is situation.holiday)
            return Decision(kept.flow, (step,))


def decide_key(
    menu: Menu,
    extensions: Collection[str],
    digits: str,
    *,
    has_operator: bool = True,
    timed_out: bool = False,
) -> KeyReading:
    """Reads the keys pressed so far, oldest first; ``timed_out`` says that the last wait ran out.

    A key that also begins an extension waits for the next one; then ``1`` alone is the menu's 1
    and ``102`` is Bob. A key bound in the menu wins over a one-digit extension (SPEC 6.9).
    """
    if not digits:
        return Wait(menu.round_wait_s)
    if len(digits) > 1 and digits.endswith(END_OF_INPUT):
        digits, timed_out = digits[:-1], True
    option = _option(menu, digits, has_operator=has_operator)
    reachable = extensions if menu.search is SearchBy.EXTENSION else ()
    if not timed_out and any(e.startswith(digits) and e != digits for e in reachable):
        return Wait(ATTENDANT_INTERDIGIT_S if option is None else ATTENDANT_AMBIGUOUS_KEY_S)
    if option is not None:
        return Complete(digits, option, f"the menu binds key {digits}")
    if digits in reachable:
        return Extension(digits)
    return Invalid()


def _option(menu: Menu, digits: str, *, has_operator: bool) -> Choice | None:
    """The operator's key is inactive without an operator (row 164)."""
    option = menu.keys.get(digits)
    if isinstance(option, Operator) and not has_operator:
        return None
    return option
