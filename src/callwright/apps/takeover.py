"""One phone of a user takes over a call from another one (RFC 3891)."""

from callwright.apps import transfer
from callwright.apps.board import Board
from callwright.apps.delivery import Delivery
from callwright.calls.absent_leg import AbsentLeg
from callwright.calls.call import owner_of
from callwright.calls.fork import RingingGroup, ringing_group
from callwright.calls.leg import Leg
from callwright.kernel.decision import Step
from callwright.kernel.reason import Reason

NO_SUCH_DIALOG = 481
"""RFC 3891 §3: nothing is there to be replaced."""


async def take_over(board: Board, delivery: Delivery, replaced: Leg) -> None:
    """Gives the new leg the other party of ``replaced``: a talk, or a call that rings there."""
    call, leg = delivery.call, delivery.leg
    call.note(Step(f"{leg.party.address} takes over a call", "Replaces"))
    owner = owner_of(replaced)
    group = ringing_group(replaced.observer)
    if owner is not None:
        is_free = owner.can_give_place(replaced)
    else:
        is_free = group is not None and _waits(group)
    if not is_free:
        call.refuse(leg, Reason.ADDRESS_UNKNOWN, status=NO_SUCH_DIALOG)
        return
    if not call.answer(leg):
        return
    peer: Leg | None = None
    if owner is not None:
        peer = owner.give_place(replaced, leg, call)
    elif group is not None and group.pick_up(leg):
        peer = group.served
    if peer is None:
        call.refuse(leg, Reason.ADDRESS_UNKNOWN)
    else:
        await transfer.converse(board, delivery, peer)


def _waits(group: RingingGroup) -> bool:
    """Whether somebody is on the line for whom it rings."""
    is_there = group.served is not None and not isinstance(group.served, AbsentLeg)
    return is_there and group.can_be_picked_up
