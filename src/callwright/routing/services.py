"""What a resource account answers with, if it may (SPEC 4)."""

from datetime import datetime

from callwright.domains.credits.model import Rate
from callwright.domains.numbers.model import ResourceAccount
from callwright.kernel.decision import Decision
from callwright.kernel.target import ToAttendant, ToQueue
from callwright.routing.request import Destination, JoinQueue, StartAttendant
from callwright.routing.rights import may_answer
from callwright.routing.snapshot import Snapshot
from callwright.routing.trail import Trail


def start_service(
    snapshot: Snapshot,
    account: ResourceAccount,
    *,
    now: datetime,
    trail: Trail,
    rate: Rate | None = None,
) -> Decision[Destination]:
    """Hands the call to what the resource account answers with, if it may answer (row 8)."""
    allowance = may_answer(snapshot, account, now)
    if allowance.reason is not None:
        return trail.refuse(allowance.reason, allowance.because)
    match account.answers:
        case ToAttendant(attendant=attendant, priority=priority):
            trail.note(f"auto attendant {attendant} answers", f"resource account {account.id}")
            return trail.decide(StartAttendant(attendant, account.id, rate, priority))
        case ToQueue(queue=queue, priority=priority):
            trail.note(f"call queue {queue} takes the call", f"resource account {account.id}")
            return trail.decide(JoinQueue(queue, account.id, rate, priority))
