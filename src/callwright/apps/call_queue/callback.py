"""Offering a caller to be called back, and letting go of one who accepted (SPEC 5.6)."""

from datetime import timedelta

from callwright.apps.board import Board
from callwright.apps.call_queue.notes import VisitNotes
from callwright.apps.call_queue.ticket import Ticket
from callwright.apps.call_queue.waiting_room import CallbackOffer
from callwright.apps.delivery import Delivery
from callwright.apps.phrases_queues import callback_not_possible, callback_promised
from callwright.calls.visits import QueueResult
from callwright.domains.queues.callback import CallbackRequest
from callwright.domains.queues.model import CallQueue
from callwright.kernel.decision import Step
from callwright.kernel.e164 import E164
from callwright.kernel.reason import Reason
from callwright.routing.queueing import callback_bar


def callback_offer(
    board: Board, delivery: Delivery, queue: CallQueue, notes: VisitNotes, ticket: Ticket
) -> CallbackOffer | None:
    """Returns what the caller may be offered; None: nothing, and the record says why."""
    rule = queue.callback
    if rule is None:
        return None
    bar = _bar(board, delivery, queue)
    if bar is not None:
        delivery.call.note(Step("no callback is offered", bar))
        return None

    async def take() -> bool:
        request = _request(board, delivery, queue, ticket)
        if await board.callbacks.promise(board, request, ticket):
            return True
        await delivery.leg.media.play(callback_not_possible(queue.language))
        return False

    return CallbackOffer(rule, notes.waiting_before, notes.opted_in_count, take)


def _bar(board: Board, delivery: Delivery, queue: CallQueue) -> str | None:
    party = delivery.leg.party
    if party.introduction.is_private:
        return "the caller hides the number"
    if board.callbacks.is_full(queue.id):
        return "as many customers as may be wait to be called back"
    return callback_bar(queue, delivery.account, party.address)


def _request(board: Board, delivery: Delivery, queue: CallQueue, ticket: Ticket) -> CallbackRequest:
    party = delivery.leg.party
    return CallbackRequest(
        call=delivery.call.id,
        queue=queue.id,
        account=delivery.account or queue.caller_ids[0],
        number=E164(party.address),
        name=party.shown_name,
        joined_at=ticket.since,
        expires_at=ticket.since + timedelta(seconds=queue.timeout_s),
        priority=ticket.guest.priority,
    )


async def let_go(board: Board, delivery: Delivery, queue: CallQueue, notes: VisitNotes) -> None:
    """Tells a caller that the place is kept, and hangs up."""
    kept = board.callbacks.promised_to(queue.id, delivery.leg.party.address)
    asked = "a callback was asked for"
    if kept is not None and kept.call != delivery.call.id:
        asked = f"{asked} before, in call {kept.call}"
    delivery.call.note(Step("the caller keeps the place and hangs up", asked))
    notes.result = QueueResult.CALLBACK_REQUESTED
    notes.waited(board.clock.utc())
    await delivery.leg.media.play(callback_promised(queue.language))
    board.give_up(delivery, Reason.CALLBACK_PROMISED)
