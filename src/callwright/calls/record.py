"""What is left of a call when it is over: the call record, and its money."""

from datetime import datetime
from enum import Enum

from callwright.calls.visits import Visit
from callwright.kernel.decision import Step
from callwright.kernel.ids import CallId, CallQueueId, SbcId, UserId
from callwright.kernel.money import Money
from callwright.kernel.reason import Reason
from callwright.kernel.value import value
from callwright.media.events import LegStatistics


class Direction(Enum):
    """Seen from the organisation."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"


class CallResult(Enum):
    """What became of the call, in one word."""

    ANSWERED = "answered"
    MISSED = "missed"
    BUSY = "busy"
    REJECTED = "rejected"
    VOICEMAIL = "voicemail"
    ABANDONED = "abandoned"
    """The caller left a queue before an agent answered."""
    FAILED = "failed"


@value
class LegRecord:
    """One party's audio."""

    number: int
    """Legs of a call have different ones; a leg that joined later has a higher one."""
    party: str
    user: UserId | None
    gateway: SbcId | None
    codec: str | None
    """What the party was sent last, by its name in SDP."""
    statistics: LegStatistics


@value
class CallRecord:
    """One call, start to end; instants are UTC."""

    id: CallId
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime
    caller: str
    callee: str
    direction: Direction
    result: CallResult
    sip_status: int
    """The final status that the caller's phone was told."""
    reason: Reason
    charge: Money | None
    """What the organisation paid; None for a call without a price."""
    caller_user: UserId | None = None
    callee_user: UserId | None = None
    gateway: SbcId | None = None
    via: str | None = None
    """Attendant, queue or mailbox that took part, or on whose behalf an agent called."""
    steps: tuple[Step, ...] = ()
    """Every decision with its reason, in order."""
    visits: tuple[Visit, ...] = ()
    """Attendants and queues that it passed, in order."""
    legs: tuple[LegRecord, ...] = ()
    """Whose audio flowed, and how it was."""

    @property
    def duration_s(self) -> float:
        """Talk time in seconds; 0 for a call that nobody answered."""
        if self.answered_at is None:
            return 0.0
        return max(0.0, (self.ended_at - self.answered_at).total_seconds())


def on_behalf_of(queue: CallQueueId) -> str:
    """How ``via`` names the queue whose number an agent shows (SPEC 5.7)."""
    return f"on behalf of {queue}"
