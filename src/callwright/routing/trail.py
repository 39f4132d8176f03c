"""Collects the steps of one decision while it is made."""

from typing import TypeVar

from callwright.kernel.decision import Decision, Step
from callwright.kernel.e164 import E164
from callwright.kernel.reason import Reason
from callwright.routing.request import Destination, Refuse

T = TypeVar("T")


class Trail:
    """What was decided so far and why; ends in a decision that carries all of it."""

    __slots__ = ("_steps",)

    def __init__(self) -> None:
        self._steps: list[Step] = []

    def note(self, what: str, because: str) -> None:
        self._steps.append(Step(what, because))

    def decide(self, value: T) -> Decision[T]:
        return Decision(value, tuple(self._steps))

    def refuse(
        self, reason: Reason, because: str | None = None, *, number: E164 | None = None
    ) -> Decision[Destination]:
        """Ends in a refusal whose step names the reason's code."""
        self.note(f"the call is refused: {reason.code}", because or reason.text)
        return self.decide(Refuse(reason, number))
