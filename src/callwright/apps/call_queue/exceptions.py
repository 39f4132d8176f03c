"""Where a caller goes whom the queue does not serve (SPEC 5.4)."""

from callwright.apps.board import Board
from callwright.apps.call_queue.notes import VisitNotes
from callwright.apps.delivery import Delivery
from callwright.calls.visits import QueueResult
from callwright.domains.queues.model import ExceptionAction
from callwright.kernel.reason import Reason
from callwright.kernel.target import Disconnect

REASONS = {
    QueueResult.OVERFLOWN: Reason.QUEUE_OVERFLOW,
    QueueResult.TIMED_OUT: Reason.QUEUE_TIMEOUT,
    QueueResult.NO_AGENTS: Reason.QUEUE_NO_AGENTS,
    QueueResult.DISCONNECTED: Reason.QUEUE_CLOSED,
}


async def send_away(
    board: Board,
    delivery: Delivery,
    notes: VisitNotes,
    action: ExceptionAction,
    result: QueueResult,
) -> None:
    """A prompt where one is set, then the action's target."""
    call, leg = delivery.call, delivery.leg
    notes.result = result
    notes.leads_to(action.to, delivery.snapshot)
    notes.waited(board.clock.utc())
    if action.prompt is not None and call.answer(leg):
        leg.media.stop_play()
        await leg.media.play(action.prompt)
    if isinstance(action.to, Disconnect):
        board.give_up(delivery, REASONS[result])
        return
    await board.send_to(delivery._replace(label=None), action.to)
