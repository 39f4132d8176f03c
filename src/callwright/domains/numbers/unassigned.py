"""What callers get at numbers that nobody has (SPEC 3.10)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from callwright.domains.numbers.model import NumberKind, NumberRange, NumberSource
from callwright.kernel.e164 import E164
from callwright.kernel.ids import ResourceAccountId
from callwright.kernel.prompt import Prompt
from callwright.kernel.target import ToAttendant, ToQueue, ToUser


@dataclass(frozen=True, slots=True)
class Announcement:
    """Is heard once; then the call ends."""

    prompt: Prompt


@dataclass(frozen=True, slots=True)
class ToAccount:
    """The call goes to what the resource account answers with."""

    account: ResourceAccountId


@dataclass(frozen=True, slots=True)
class UnassignedTreatment:
    name: str
    priority: int
    """The lower number wins (row 33)."""
    numbers: re.Pattern[str] | range
    """A pattern is searched for in ``+14255550118``; a range is of such numbers without plus."""
    action: Announcement | ToAccount | ToUser | ToQueue | ToAttendant

    def covers(self, number: E164) -> bool:
        if isinstance(self.numbers, range):
            return int(number) in self.numbers
        return self.numbers.search(number) is not None

    @property
    def covered_text(self) -> str:
        """The pattern or the range as it is written."""
        if isinstance(self.numbers, range):
            return f"+{self.numbers.start}..+{self.numbers.stop - 1}"
        return self.numbers.pattern


def treatments_of(
    treatments: Sequence[UnassignedTreatment], number: E164
) -> tuple[UnassignedTreatment, ...]:
    """Returns all that cover the number, the one that wins first."""
    if not treatments:
        return ()
    covering = [treatment for treatment in treatments if treatment.covers(number)]
    return tuple(sorted(covering, key=lambda treatment: treatment.priority))


def treatment_bar(found: NumberRange | None, *, has_credits: bool, accounts: int) -> str | None:
    """Returns why a number of a calling plan gets no treatment; None: it does (SPEC 3.10).

    ``has_credits``: communications credits are set up. ``accounts``: how many resource accounts
    hold a licence to answer.
    """
    if found is None or found.source is not NumberSource.CALLING_PLAN:
        return None
    if found.kind is NumberKind.USER and not has_credits:
        return "a calling plan's subscriber number needs communications credits for a treatment"
    if found.kind is not NumberKind.USER and not accounts:
        return "a calling plan's service number needs a licensed resource account for a treatment"
    return None
