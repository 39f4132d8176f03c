"""Rings several people for one caller, who waits for nothing else: the first answer counts."""

import asyncio
from collections.abc import Sequence

from callwright.apps.board import Board
from callwright.apps.call_queue.phones import phones_of
from callwright.apps.call_queue.ringing import AgentRinging
from callwright.apps.delivery import Delivery
from callwright.apps.services import Caller
from callwright.calls.leg import Leg
from callwright.calls.visits import OfferOutcome
from callwright.kernel.decision import Step
from callwright.kernel.ids import UserId
from callwright.kernel.prompt import Tune


async def first_answer(
    board: Board,
    delivery: Delivery,
    people: Sequence[UserId],
    caller: Caller,
    *,
    at_once: int,
    for_s: float,
    because: str,
) -> Leg | None:
    """Rings so many of them ``at_once``, on all phones of each, each for so long, in their order;
    None: nobody took it. Who declines stops nobody else's ringing."""
    _let_hear_ringing(delivery)
    news = asyncio.Event()
    left = list(people)
    ringing_now: set[UserId] = set()

    def ended(person: UserId, _outcome: OfferOutcome) -> None:
        ringing_now.discard(person)
        news.set()

    ringing = AgentRinging(
        delivery.call, delivery.leg, board.clock, answered=lambda _who: news.set(), ended=ended
    )
    try:
        while left or ringing_now:
            while left and len(ringing_now) < at_once:
                person = left.pop(0)
                delivery.call.note(Step(f"{person} rings", because))
                ringing_now.add(person)
                ringing.ring(person, phones_of(board, delivery, person, caller), for_s=for_s)
            if ringing_now:
                await news.wait()
                news.clear()
            lost = ringing.take_lost_winner()
            if lost is not None:  # gone before anybody could talk: the others ring again
                others = ringing_now - {lost.party.user}
                left = [*(person for person in people if person in others), *left]
                ringing_now.clear()
            winner = ringing.take_winner()
            if winner is not None:
                return winner
        return None
    finally:
        ringing.close()


def _let_hear_ringing(delivery: Delivery) -> None:
    """Whoever transferred the caller here is told, too."""
    leg = delivery.leg
    if leg.hears:
        leg.media.start_play(Tune.RINGBACK, loop=True)
    else:
        leg.ring()
    if delivery.rings is not None:
        delivery.rings()
