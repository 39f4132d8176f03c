"""People of a resource account who are rung before its attendant answers (SPEC 6.12)."""

from callwright.apps.board import Board
from callwright.apps.delivery import Delivery
from callwright.apps.first_answer import first_answer
from callwright.calls.leg import Leg
from callwright.domains.numbers.model import ResourceAccount
from callwright.kernel.decision import Step
from callwright.routing.attending import delegate_of, ringing_delegates


async def ring_delegates(board: Board, delivery: Delivery, account: ResourceAccount) -> Leg | None:
    """Returns the leg of whoever answers first; None: nobody does, and the attendant goes on.

    All phones of all of them ring at once; their own forwards and voicemail do not apply.
    """
    call, caller = delivery.call, delivery.leg.party.user
    decision = ringing_delegates(delivery.snapshot, account, caller, board.clock.utc())
    call.note(*decision.steps)
    people = decision.value
    if not people:
        return None
    leg = await first_answer(
        board,
        delivery,
        people,
        delivery.caller(),
        at_once=len(people),
        for_s=account.delegates_ring_s,
        because=delegate_of(account),
    )
    if leg is None:
        call.note(Step("the attendant goes on", "no delegate answered"))
    return leg
