"""What the floor needs of the world outside: people's phones and calls, a memory of callers."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from callwright.apps.call_queue.ticket import Guest, Ticket
from callwright.kernel.ids import CallQueueId, UserId


@dataclass(frozen=True, slots=True)
class Engagement:
    """The oldest call that a user is in."""

    since: datetime
    talks_with: str | None
    """The address that people may see; None: nobody yet."""
    via: str | None = None
    """What brought the other party: a queue, an attendant."""


class Roster(Protocol):
    """Which users could take a call now; derived from registrations and live legs."""

    def has_phone(self, user: UserId) -> bool: ...

    def is_engaged(self, user: UserId) -> bool: ...

    def engaged(self) -> Container[UserId]:
        """Who has a leg that rings or talks, for a look at many at once. ``is_engaged`` is true of
        all of them, and of who is not to be disturbed."""
        ...

    def idle_since(self, user: UserId) -> float:
        """Clock time (monotonic seconds) at which the user's last call ended; start-up if none."""
        ...

    def engagement(self, user: UserId) -> Engagement | None:
        """None: no phone of the user rings or talks."""
        ...


class PlaceKeeper(Protocol):
    """Remembers over a restart who waited. Each returns at once."""

    def waited_s(self, queue: CallQueueId, guest: Guest) -> float:
        """How long the guest had waited when a restart cut the call off; 0.0: did not."""
        ...

    def came(self, ticket: Ticket) -> None: ...

    def left(self, ticket: Ticket) -> None: ...


class NoPlaces:
    """Remembers nobody (``PlaceKeeper``)."""

    def waited_s(self, queue: CallQueueId, guest: Guest) -> float:
        return 0.0

    def came(self, ticket: Ticket) -> None:
        """Nothing to remember."""

    def left(self, ticket: Ticket) -> None:
        """Nothing to forget."""
