"""A call that a phone or a carrier sends elsewhere (3xx): what it names is dialled, never called.

Routing decides as for every dialled string, on the account and with the rights of whoever sends
the call on; the host in a Contact means nothing.
"""

from collections.abc import Sequence

from callwright.apps.board import Board
from callwright.apps.delivery import Delivery
from callwright.kernel.decision import Step
from callwright.kernel.reason import Reason
from callwright.routing.answering import judge_redirection
from callwright.routing.request import CallRequest
from callwright.routing.route import route_call


async def follow(board: Board, delivery: Delivery, targets: Sequence[str], *, who: str) -> None:
    """Brings the party to the first target that takes the call; each one counts as a hop."""
    call = delivery.call
    for left, dialled in zip(range(len(targets) - 1, -1, -1), targets, strict=True):
        if not call.hop():
            board.give_up(delivery, Reason.LOOP)
            return
        call.note(Step(f"the call goes on to {dialled}", f"{who} redirects it"))
        attempt = _Attempt()
        decision = route_call(
            delivery.snapshot,
            CallRequest(delivery.on_behalf(), dialled),
            now=board.clock.utc(),
            live=board.live(),
        )
        if delivery.forwarder is not None:
            decision = judge_redirection(delivery.snapshot, delivery.forwarder, decision)
        onward = delivery._replace(fallback=attempt.fail) if left else delivery
        await board.deliver(onward, decision)
        if not attempt.has_failed:
            return


class _Attempt:
    """One of several targets; when it does not take the call, the next one is tried."""

    def __init__(self) -> None:
        self.has_failed = False

    def fail(self, status: int) -> bool:
        self.has_failed = True
        return True
