"""Tells a caller once that nobody has the number, and hangs up (SPEC 3.10)."""

from callwright.apps.board import Board
from callwright.apps.delivery import Delivery
from callwright.calls.record import CallResult
from callwright.kernel.reason import Reason
from callwright.routing.request import PlayAnnouncement


async def play(board: Board, delivery: Delivery, wanted: PlayAnnouncement) -> None:
    call, leg = delivery.call, delivery.leg
    if not call.answer(leg):
        return
    delivery.reached()
    call.serve(leg)
    call.settle(CallResult.ANSWERED, Reason.NUMBER_ANNOUNCED)
    call.story.via = wanted.treatment
    await leg.media.play(wanted.prompt)
    board.give_up(delivery, Reason.NUMBER_ANNOUNCED)
