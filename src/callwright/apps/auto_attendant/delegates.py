"""People of a resource account who are rung before its attendant answers (SPEC 6.12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callwright.apps.delivery import Delivery
from callwright.calls.fork import Answered
from callwright.calls.leg import Leg
from callwright.domains.numbers.model import ResourceAccount
from callwright.kernel.decision import Step
from callwright.routing.attending import ringing_delegates

if TYPE_CHECKING:
    from callwright.apps.switchboard import Switchboard


async def ring_delegates(
    board: Switchboard, delivery: Delivery, account: ResourceAccount
) -> Leg | None:
    """Returns the leg of whoever answers first; None: nobody does, and the attendant goes on.

    All phones of all of them ring at once; their own forwards and voicemail do not apply.
    """
    snapshot, call = delivery.snapshot, delivery.call
    people = ringing_delegates(snapshot, account, delivery.leg.party.user)
    caller = delivery.caller()
    legs = [leg for user in people for leg in board.reach.user_legs(snapshot, user, caller)]
    if not legs:
        return None
    because = f"they are delegates of {account.id}"
    call.note(Step(f"{', '.join(people)} ring for {account.delegates_ring_s} s", because))
    outcome = await call.ring(
        delivery.leg, legs, for_s=account.delegates_ring_s, rings=delivery.rings
    )
    if not isinstance(outcome, Answered):
        call.note(Step("the attendant goes on", "no delegate answered"))
        return None
    return outcome.leg
