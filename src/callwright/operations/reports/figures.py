"""What reports of attendants, queues and agents say. A mean of nothing is None, not zero."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from callwright.calls.visits import (
    AttendantResult,
    AttendantVisit,
    QueueResult,
    QueueVisit,
    TransferAction,
)
from callwright.kernel.ids import AutoAttendantId, CallId, CallQueueId, UserId
from callwright.operations.reports.span import Span

ANSWERED = frozenset(
    {
        QueueResult.TRANSFERRED_TO_AGENT,
        QueueResult.AGENT_JOINED_CONFERENCE,
        QueueResult.CALLBACK_ANSWERED,
    }
)
"""Results of a caller whom an agent served."""
CALLED_BACK = frozenset({QueueResult.CALLBACK_ANSWERED, QueueResult.CALLBACK_FAILED})
"""Results of calls to somebody who came before, and was counted then."""
PROMISED = frozenset({QueueResult.CALLBACK_REQUESTED, QueueResult.CALLBACK_FAILED})
"""Results after which it is open whether an agent serves the caller."""


@dataclass(frozen=True, slots=True)
class Stay:
    """How many callers, and how long together and at most, in seconds."""

    count: int = 0
    total_s: float = 0.0
    longest_s: float = 0.0

    @property
    def mean_s(self) -> float | None:
        return self.total_s / self.count if self.count else None

    def __add__(self, other: "Stay") -> "Stay":
        longest_s = max(self.longest_s, other.longest_s)
        return Stay(self.count + other.count, self.total_s + other.total_s, longest_s)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where callers went whom no agent served, or whom an attendant sent on."""

    why: QueueResult | TransferAction
    action: str | None
    """A queue's final action, as SPEC 10.1 words it; None for an attendant."""
    target_type: str | None
    target: str | None
    count: int


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """Who was answered within the threshold (SPEC 5.2, row 154).

    Who left before it counts neither way: nobody was late yet. Who is called back counts once, when
    he is served.
    """

    threshold_s: int
    in_time: int
    counted: int

    @property
    def share(self) -> float | None:
        """0.0 to 1.0."""
        return self.in_time / self.counted if self.counted else None


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """One queue over a span of time; a caller counts where his wait began."""

    queue: CallQueueId
    stays: Mapping[QueueResult, Stay]
    service_level: ServiceLevel
    destinations: tuple[Destination, ...] = ()

    @property
    def offered(self) -> int:
        return sum(stay.count for why, stay in self.stays.items() if why not in CALLED_BACK)

    @property
    def answered(self) -> Stay:
        return sum((self.stays[each] for each in ANSWERED if each in self.stays), Stay())

    @property
    def abandoned(self) -> Stay:
        return self.stays.get(QueueResult.ABANDONED, Stay())

    @property
    def longest_wait_s(self) -> float | None:
        return max((stay.longest_s for stay in self.stays.values()), default=None)


@dataclass(frozen=True, slots=True)
class AttendantFigures:
    """One attendant over a span of time."""

    attendant: AutoAttendantId
    stays: Mapping[AttendantResult, Stay]
    destinations: tuple[Destination, ...] = ()

    @property
    def all(self) -> Stay:
        return sum(self.stays.values(), Stay())


@dataclass(frozen=True, slots=True)
class AgentFigures:
    """One agent's calls of one queue, over a span of time or one hour of it."""

    agent: UserId
    queue: CallQueueId
    answered: int = 0
    unanswered: int = 0
    """The alert time ended."""
    declined: int = 0
    withdrawn: int = 0
    """The caller left, or another agent was quicker: nothing that the agent did."""
    talk: Stay = Stay()

    @property
    def missed(self) -> int:
        """What the agent could have answered and did not."""
        return self.unanswered + self.declined

    @property
    def presented(self) -> int:
        """SPEC 10.1, row 264."""
        return self.answered + self.missed


@dataclass(frozen=True, slots=True)
class AgentHour:
    """What an agent did in one hour or day."""

    span: Span
    figures: AgentFigures


@dataclass(frozen=True, slots=True)
class Volume:
    """How many came to the queues in one hour or day, and how many agents were there for them."""

    span: Span
    offered: int
    answered: int
    abandoned: int
    mean_opted_in: float | None


Visited = TypeVar("Visited", AttendantVisit, QueueVisit)


@dataclass(frozen=True, slots=True)
class HistoryEntry(Generic[Visited]):
    """One caller's stay, with what its call record says of him."""

    call: CallId
    number: int
    """Counts what the call met, from 1."""
    caller: str
    is_external: bool
    visit: Visited
