"""Conversations, and what a blind transfer makes of them (RFC 5589 §5)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from callwright.apps.delivery import Delivery
from callwright.calls.call import Call
from callwright.calls.leg import Leg, TransferRequest
from callwright.kernel.decision import Step
from callwright.kernel.prompt import Tune
from callwright.kernel.reason import Reason
from callwright.routing.request import CallRequest, OnBehalf
from callwright.routing.route import route_call

if TYPE_CHECKING:
    from callwright.apps.switchboard import Switchboard


async def converse(board: Switchboard, delivery: Delivery, peer: Leg) -> None:
    """Lets the two talk; follows a transfer with the party that stays."""
    call = delivery.call
    outcome = await call.converse(delivery.leg, peer)
    if not isinstance(outcome, TransferRequest):
        return
    transferee = peer if outcome.transferor is delivery.leg else delivery.leg
    await _carry_out(board, replace(delivery, leg=transferee, label=None), outcome)


async def _carry_out(board: Switchboard, delivery: Delivery, request: TransferRequest) -> None:
    """The transferor's rights decide, the transferee is shown to the target, hears ringing, and
    may leave at any time."""
    call = delivery.call
    transferor = request.transferor
    call.note(Step(f"{transferor.party.address} transfers to {request.dialled}", "REFER"))
    call.serve(delivery.leg)
    delivery.leg.media.start_play(Tune.RINGBACK, loop=True)

    attempt = _Attempt(call, request)
    user = transferor.party.user
    decision = route_call(
        delivery.snapshot,
        CallRequest(OnBehalf(user, None, delivery.leg.party.address), request.dialled),
        now=board.clock.utc(),
        live=board.live(),
    )
    onward = replace(
        delivery, forwarder=user, connected=attempt.succeed, fallback=attempt.fall_back
    )
    await board.deliver(onward, decision)
    if attempt.fell_back and not transferor.has_ended:
        await converse(board, delivery, transferor)


class _Attempt:
    """One transfer under way; the transferor may wait for its end or leave."""

    def __init__(self, call: Call, request: TransferRequest) -> None:
        self._call = call
        self._request = request
        self.fell_back = False

    def succeed(self) -> None:
        self._request.notifier.finish(200, "OK")
        self._call.drop(self._request.transferor, Reason.NORMAL)

    def fall_back(self, status: int) -> bool:
        """The target refused: a transferor who is still there gets the party back."""
        self._request.notifier.finish(status, "The target did not take the call")
        self.fell_back = not self._request.transferor.has_ended
        return self.fell_back
