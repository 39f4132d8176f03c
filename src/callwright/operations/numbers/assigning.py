"""Gives numbers to people and resource accounts, and takes them back (SPEC 3.5).

One transaction for all that is asked; the voice flag follows the number (row 2).
"""

from collections.abc import Iterable, Sequence

from callwright.kernel.e164 import LineNumber
from callwright.operations.administration import Applied
from callwright.operations.numbers.desk import Act, NumberDesk
from callwright.operations.numbers.drawing import Assignment, Drawing, Quarantine
from callwright.operations.numbers.view import Draft, View, all_or_nothing


def assign(desk: NumberDesk, wishes: Sequence[Assignment], act: Act) -> Applied:
    """Assigns all, or none. A primary number that somebody has is replaced by the new one.

    Raises NumbersRefused with every objection, EditRefused where the organisation objects.
    """

    def draft(view: View) -> Draft[None]:
        drawn = Drawing(view)
        problems = [problem for wish in wishes for problem in drawn.assign(wish)]
        all_or_nothing(problems)
        return drawn.draft()

    return desk.write(draft, act)[1]


def remove(
    desk: NumberDesk, lines: Iterable[LineNumber], act: Act, *, block: Quarantine | None = None
) -> Applied:
    """Takes numbers from whoever has them; without ``block`` the organisation's default follows.

    Raises NumbersRefused where a number is nobody's, or a policy's or location's.
    """
    wanted = tuple(lines)

    def draft(view: View) -> Draft[None]:
        drawn = Drawing(view, block)
        problems = [problem for line in wanted for problem in drawn.remove(line)]
        all_or_nothing(problems)
        return drawn.draft()

    return desk.write(draft, act)[1]
