"""What the floor needs to know of people; derived from registrations and live legs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from callwright.kernel.ids import UserId


@dataclass(frozen=True, slots=True)
class Engagement:
    """The oldest call that a user is in."""

    since: datetime
    talks_with: str | None
    """The address that people may see; None: nobody yet."""


class Roster(Protocol):
    """Which users could take a call now."""

    def has_phone(self, user: UserId) -> bool: ...

    def is_engaged(self, user: UserId) -> bool: ...

    def idle_since(self, user: UserId) -> float:
        """Clock time (monotonic seconds) at which the user's last call ended; start-up if none."""
        ...

    def engagement(self, user: UserId) -> Engagement | None:
        """None: no phone of the user rings or talks."""
        ...
