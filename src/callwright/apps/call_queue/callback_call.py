"""The call that a callback is: an agent first, then the customer, who never waits (SPEC 5.6)."""

import asyncio
from enum import Enum

from callwright.apps.board import Board
from callwright.apps.call_queue.recording import TalkRecorder
from callwright.apps.call_queue.ticket import Ticket
from callwright.apps.call_queue.visit import QueueVisitor
from callwright.apps.delivery import Delivery
from callwright.apps.phrases_queues import customer_unreached
from callwright.calls.absent_leg import AbsentLeg
from callwright.calls.call import Call
from callwright.calls.leg import Leg, Party
from callwright.calls.record import CallResult, Direction
from callwright.calls.story import Story
from callwright.calls.visits import QueueResult
from callwright.domains.queues.callback import CallbackRequest
from callwright.domains.queues.model import CallQueue
from callwright.kernel.clock import Clock
from callwright.kernel.decision import Step
from callwright.kernel.limits.queues import (
    QUEUE_CALLBACK_ATTEMPT_S,
    QUEUE_CALLBACK_RING_S,
    QUEUE_NOT_ACCEPTED_REST_S,
)
from callwright.kernel.reason import Reason
from callwright.kernel.target import ToExternal
from callwright.routing.request import JoinQueue, OnBehalf
from callwright.routing.route import route_target
from callwright.routing.snapshot import Snapshot


class CallbackOutcome(Enum):
    TALKED = "talked"
    NO_AGENT = "no-agent"
    """Nobody answered here, or who did left while the customer's phone rang."""
    UNREACHED = "unreached"
    """An agent was there, and the customer was not."""


class CallbackCall:
    """One attempt."""

    def __init__(
        self,
        board: Board,
        snapshot: Snapshot,
        queue: CallQueue,
        request: CallbackRequest,
        ticket: Ticket,
    ) -> None:
        self.customer = AbsentLeg(Party(request.number, request.name))
        self.outcome: asyncio.Future[CallbackOutcome] = asyncio.get_running_loop().create_future()
        """Known as soon as the two hear each other, or nothing will come of it."""
        self._board = board
        self._snapshot = snapshot
        self._queue = queue
        self._request = request
        self._ticket = ticket
        self._agent: Leg | None = None
        self._has_reached = False
        self._was_in_vain = False
        """True: the customer was given all the time there is, or refused."""

    def story(self) -> Story:
        return callback_story(self._snapshot, self._request, self._board.clock)

    async def run(self, call: Call) -> None:
        """The script."""
        request, board = self._request, self._board
        call.note(Step(f"{request.number} is called back", f"asked for in call {request.call}"))
        call.settle(CallResult.MISSED, Reason.QUEUE_TIMEOUT)
        delivery = Delivery(call, self.customer, self._snapshot, account=self._request.account)
        inside = delivery.through_app(self._queue.name) or delivery
        join = JoinQueue(self._queue.id, self._request.account, priority=request.priority)
        visitor = QueueVisitor(board, inside, self._queue, join)
        visitor.notes.callback_of = request.call
        visitor.notes.started_at = request.joined_at
        visitor.notes.result = QueueResult.CALLBACK_FAILED
        try:
            left_s = (request.expires_at - board.clock.utc()).total_seconds()
            self._agent = await visitor.find_agent(self._ticket, within_s=max(0.0, left_s))
            if self._agent is not None:
                await self._call_customer(inside, visitor, self._agent)
        finally:
            call.story.visits.append(visitor.notes.visit(board.clock.utc()))
            if not self.outcome.done():
                self.outcome.set_result(self._what_came_of_it())

    async def _call_customer(self, inside: Delivery, visitor: QueueVisitor, agent: Leg) -> None:
        call, board = inside.call, self._board
        call.serve(agent)
        self._ticket.more_s = QUEUE_CALLBACK_ATTEMPT_S
        call.story.caller_user = agent.party.user
        call.note(Step(f"{agent.party.user} answered", "the customer is called now"))
        call.settle(CallResult.MISSED, Reason.NOT_ANSWERED)
        visitor.notes.waited(board.clock.utc())
        decision = route_target(
            self._snapshot,
            ToExternal(self._request.number),
            OnBehalf(None, self._request.account, ""),
            now=board.clock.utc(),
            live=board.live(),
        )
        recorder = TalkRecorder(board, call, self._queue, agent.party.user)

        def reached() -> None:
            limit.reschedule(None)
            self._has_reached = True
            self.outcome.set_result(CallbackOutcome.TALKED)
            board.floor.leave(self._ticket, is_answered=True)
            visitor.begin_talk(agent)
            call.spawn(_record(recorder, call, agent))

        onward = inside._replace(
            leg=agent, label=None, connected=reached, fallback=lambda _status: True
        )
        try:
            async with asyncio.timeout(QUEUE_CALLBACK_RING_S) as limit:
                await board.deliver(onward, decision)
        except TimeoutError:
            call.note(Step("the customer did not answer", f"within {QUEUE_CALLBACK_RING_S:g} s"))
        finally:
            await recorder.finish()
        if not self._has_reached:
            self._was_in_vain = True
            await agent.media.play(customer_unreached(self._queue.language))
            call.refuse(agent, Reason.NOT_ANSWERED)

    def _what_came_of_it(self) -> CallbackOutcome:
        """Attempts are the customer's: an agent who leaves before one is over counts none, and is
        not asked again soon, for each try rings the customer."""
        agent = self._agent
        if agent is None:
            return CallbackOutcome.NO_AGENT
        if self._was_in_vain or not agent.has_ended:
            return CallbackOutcome.UNREACHED
        if agent.party.user is not None:
            self._board.floor.leave_alone(agent.party.user, QUEUE_NOT_ACCEPTED_REST_S)
        return CallbackOutcome.NO_AGENT


def callback_story(snapshot: Snapshot, request: CallbackRequest, clock: Clock) -> Story:
    """Of a call to the customer, made or not."""
    account = snapshot.resource_accounts.get(request.account)
    number = None if account is None else account.number
    return Story(
        caller=number or request.queue,
        callee=request.number,
        direction=Direction.OUTBOUND,
        started_at=clock.utc(),
        via=request.queue,
    )


async def _record(recorder: TalkRecorder, call: Call, agent: Leg) -> None:
    """The talk, which has begun when this runs, knows the customer's leg. That talks are recorded
    the customer heard before a callback was offered."""
    customer = call.peer_of(agent)
    if customer is not None:
        recorder.begin(customer)
