"""What a call's record will say, as far as it is known."""

from dataclasses import dataclass, field
from datetime import datetime

from callwright.calls.heard_legs import HeardLegs
from callwright.calls.record import CallResult, Direction
from callwright.calls.visits import Visit
from callwright.kernel.decision import Step
from callwright.kernel.ids import SbcId, UserId
from callwright.kernel.reason import Reason


@dataclass(slots=True)
class Story:
    """What the record will say; the script fills it in as it learns."""

    caller: str
    callee: str
    direction: Direction
    started_at: datetime
    caller_user: UserId | None = None
    callee_user: UserId | None = None
    gateway: SbcId | None = None
    via: str | None = None
    answered_at: datetime | None = None
    result: CallResult | None = None
    reason: Reason = Reason.NORMAL
    sip_status: int | None = None
    has_talked: bool = False
    """Two parties heard each other; whatever fails later, the call was answered."""
    steps: list[Step] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    """Attendants and queues that the caller has left; of nested ones the inner one is first."""
    legs: HeardLegs = field(default_factory=HeardLegs)
    device: object | None = None
    """The one phone that was dialled (RFC 5627), in the runtime's terms."""

    def leaves_for(self, number: str) -> None:
        """The call goes out to the public network; one that came from there stays inbound."""
        if self.direction is not Direction.INBOUND:
            self.direction = Direction.OUTBOUND
            self.callee = number


def result_of(status: int) -> CallResult:
    """What a call became that ended with this status before anybody could talk."""
    if status < 300:
        return CallResult.ANSWERED
    if status == 486:
        return CallResult.BUSY
    if status in (403, 404, 603):
        return CallResult.REJECTED
    if status in (480, 487):
        return CallResult.MISSED
    return CallResult.FAILED


def said_before_an_answer(reason: Reason) -> Reason:
    """What a caller who leaves may have said of it; anything else is a hang-up."""
    is_told = reason in (Reason.COMPLETED_ELSEWHERE, Reason.MEDIA_UNACCEPTABLE)
    return reason if is_told else Reason.CALLER_CANCELLED
