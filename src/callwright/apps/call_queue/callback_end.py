"""The record of a callback that ends without a call: taken back, or of a queue that is gone."""

from __future__ import annotations

from callwright.calls.absent_leg import AbsentLeg
from callwright.calls.call import Call
from callwright.calls.leg import Party
from callwright.calls.record import CallResult
from callwright.calls.visits import QueueResult, QueueVisit
from callwright.domains.queues.callback import CallbackRequest, Unserved
from callwright.kernel.clock import Clock
from callwright.kernel.decision import Step
from callwright.kernel.reason import Reason

REASONS = {
    Unserved.QUEUE_REMOVED: Reason.QUEUE_CLOSED,
    Unserved.CANCELLED: Reason.CALLBACK_CANCELLED,
}
"""Of what ends with a record; of all else the queue's people are told."""


class CallbackEnd:
    """A call in which nobody is, for what there is to say of the request."""

    def __init__(
        self, request: CallbackRequest, reason: Reason, because: str, clock: Clock
    ) -> None:
        self.customer = AbsentLeg(Party(request.number, request.name))
        self._request = request
        self._reason = reason
        self._because = because
        self._clock = clock

    async def run(self, call: Call) -> None:
        """The script."""
        request = self._request
        call.note(Step(f"{request.number} is not called back", self._because))
        call.note(Step("the customer waits no longer", f"asked for in call {request.call}"))
        call.settle(CallResult.MISSED, self._reason)
        call.story.visits.append(
            QueueVisit(
                queue=request.queue,
                account=request.account,
                started_at=request.joined_at,
                ended_at=self._clock.utc(),
                result=QueueResult.CALLBACK_FAILED,
                chain_index=1,
                agent_count=0,
                opted_in_count=0,
                waiting_before=0,
                priority=request.priority,
                callback_of=request.call,
            )
        )
