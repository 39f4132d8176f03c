"""Owner of every callback that was promised: keeps it, waits for an agent, calls, tries again.

promised -> waits in line -> an agent answers -> the customer is called -> they talk
                 ^                                      |
                 +---- two minutes, at most thrice -----+     time over -> mail
                                                              cancelled, queue gone -> record
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from callwright.apps.board import Board
from callwright.apps.call_queue.callback_call import (
    CallbackCall,
    CallbackOutcome,
    callback_story,
)
from callwright.apps.call_queue.callback_end import REASONS, CallbackEnd
from callwright.apps.call_queue.floor import Floor
from callwright.apps.call_queue.ticket import Fate, Guest, Ticket
from callwright.apps.queue_services import CallbackNews, CallbackRequests
from callwright.calls.call import Call
from callwright.calls.leg import Leg
from callwright.calls.live_calls import Script
from callwright.calls.story import Story
from callwright.domains.queues.callback import CallbackRequest, Unserved, joined, tried_again
from callwright.kernel.ids import CallId, CallQueueId
from callwright.kernel.limits.queues import QUEUE_CALLBACKS_WAITING_MAX
from callwright.routing.snapshot import Snapshot


class CallbackDesk:
    def __init__(
        self,
        floor: Floor,
        store: CallbackRequests,
        news: CallbackNews,
        *,
        snapshot: Callable[[], Snapshot | None],
        start_call: Callable[[Leg, Story, Script], Call],
        spawn: Callable[[Coroutine[object, object, None], str], object],
    ) -> None:
        """``start_call``: of ``LiveCalls``; ``spawn``: runs what outlives every call."""
        self._floor = floor
        self._clock = floor.clock
        self._store = store
        self._news = news
        self._snapshot = snapshot
        self._start_call = start_call
        self._spawn = spawn
        self._open: dict[CallId, CallbackRequest] = {}
        self._places: dict[CallId, Ticket] = {}
        self._cancelled_by: dict[CallId, str] = {}
        self.is_closing = False
        """True: nobody is called any more; what was promised is kept for the next start."""

    # -- requests --------------------------------------------------------------------------------

    def waiting(self, queue: CallQueueId) -> tuple[CallbackRequest, ...]:
        """Returns what was promised and is not yet done, in the order of the line."""
        requests = (request for request in self._open.values() if request.queue == queue)
        return tuple(sorted(requests, key=lambda request: (request.priority, request.joined_at)))

    def promised_to(self, queue: CallQueueId, number: str) -> CallbackRequest | None:
        """Returns what the customer was promised and is not yet done."""
        return next((each for each in self.waiting(queue) if each.number == number), None)

    def is_full(self, queue: CallQueueId) -> bool:
        return len(self.waiting(queue)) >= QUEUE_CALLBACKS_WAITING_MAX

    def served(self, queue: CallQueueId, number: str) -> None:
        """Who called again and talks to an agent is not called back."""
        for request in self.waiting(queue):
            if request.number == number and request.call in self._places:
                self._floor.close_place(self._places[request.call], Fate.SERVED)

    def cancel(self, call: CallId, by: str) -> bool:
        """Takes the promise back that was made in the call; False: there is none. A customer who
        is being called just now still is, and not again."""
        if call not in self._places:
            return False
        self._cancelled_by[call] = by
        self._floor.close_place(self._places[call], Fate.CANCELLED)
        return True

    async def promise(self, board: Board, request: CallbackRequest, ticket: Ticket) -> bool:
        """Keeps the caller's place from now on, or the one that the same customer was promised
        before; False: that could not be made durable.

        Once it is durable the customer is called, whoever waits here for the answer.
        """
        kept: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._spawn(self._keep(board, request, ticket, kept), f"{request.call} callback")
        return await asyncio.shield(kept)

    def restore(self, board: Board, requests: Iterable[CallbackRequest]) -> None:
        """What a stopped or killed node had promised; the places are those of the time before."""
        for request in sorted(requests, key=lambda request: request.joined_at):
            queue = self._floor.queue(request.queue)
            waited = self._clock.utc() - request.joined_at
            if queue is None:
                self._spawn(self._forget(request), f"{request.call} callback")
                continue
            guest = guest_of(request)
            ticket = self._floor.join(queue, guest, waited_s=max(0.0, waited.total_seconds()))
            ticket.is_away = True
            self._open[request.call] = request
            self._spawn(self._serve(board, request.call, ticket), f"{request.call} callback")

    async def _keep(
        self,
        board: Board,
        request: CallbackRequest,
        ticket: Ticket,
        kept: asyncio.Future[bool],
    ) -> None:
        first = self.promised_to(request.queue, request.number)
        if first is not None:
            await self._join(board, first, request, ticket, kept)
            return
        self._open[request.call] = request
        try:
            await self._store.keep(request)
        except OSError:
            del self._open[request.call]
            kept.set_result(False)
            return
        if self._is_answered(ticket):
            del self._open[request.call]
            await self._store.forget(request.call)
            kept.set_result(False)
            return
        place = self._floor.keep_place(ticket)
        kept.set_result(True)
        await self._serve(board, request.call, place)

    async def _join(
        self,
        board: Board,
        first: CallbackRequest,
        request: CallbackRequest,
        ticket: Ticket,
        kept: asyncio.Future[bool],
    ) -> None:
        both = joined(first, request)
        try:
            await self._store.keep(both)
        except OSError:
            kept.set_result(False)
            return
        if first.call not in self._open:  # it ended meanwhile: this is the only one
            await self._store.forget(first.call)
            await self._keep(board, request, ticket, kept)
            return
        self._open[first.call] = both
        if self._is_answered(ticket):
            kept.set_result(False)
            return
        self._floor.let_go(ticket)
        kept.set_result(True)

    def _is_answered(self, ticket: Ticket) -> bool:
        """An agent was quicker than the disk; a caller who hung up is called all the same."""
        is_waiting = ticket in self._floor.line(ticket.queue)
        return ticket.is_served or (ticket.is_taken and is_waiting)

    # -- serving ---------------------------------------------------------------------------------

    async def _serve(self, board: Board, call: CallId, ticket: Ticket) -> None:
        """Until the customer was reached, or will not be."""
        self._places[call] = ticket
        try:
            self._rest_until_due(call, ticket)
            why = await self._until_served(board, call, ticket)
            if why is not None:
                self._end_unserved(self._open[call], why)
        finally:
            self._floor.leave(ticket)
            self._open.pop(call, None)
            self._places.pop(call, None)
            self._cancelled_by.pop(call, None)
        await self._store.forget(call)

    async def _until_served(self, board: Board, call: CallId, ticket: Ticket) -> Unserved | None:
        """Returns why nobody serves the customer; None: somebody did."""
        while await self._until_agents(call, ticket):
            outcome = await self._call(board, self._open[call], ticket)
            if outcome is CallbackOutcome.TALKED:
                return None
            if self.is_closing or ticket.fate is not None:
                continue  # whoever stopped us is no failure of the customer's
            if outcome is CallbackOutcome.NO_AGENT:
                self._floor.rest(ticket)
                self._floor.make_ready(ticket)
            elif not await self._may_try_again(call, ticket):
                return Unserved.UNREACHED
        return _END_OF[ticket.fate]

    async def _until_agents(self, call: CallId, ticket: Ticket) -> bool:
        """True: agents are to ring; False: nobody will. Never returns while the node stops."""
        while True:
            if self.is_closing:
                self._floor.rest(ticket)
                await asyncio.Event().wait()
            if ticket.fate is not None:
                return False
            left_s = (self._open[call].expires_at - self._clock.utc()).total_seconds()
            if left_s <= 0:  # though an agent may ring: nobody would be left the time to answer
                return False
            if ticket.ringing:
                ticket.news.set()  # for who lets them ring
                return True
            ticket.news.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(left_s):
                    await ticket.news.wait()

    async def _call(
        self, board: Board, request: CallbackRequest, ticket: Ticket
    ) -> CallbackOutcome:
        snapshot, queue = self._snapshot(), self._floor.queue(request.queue)
        if snapshot is None or queue is None:
            return CallbackOutcome.NO_AGENT
        made = CallbackCall(board, snapshot, queue, request, ticket)
        self._start_call(made.customer, made.story(), made.run)
        return await made.outcome

    async def _may_try_again(self, call: CallId, ticket: Ticket) -> bool:
        """The customer was not reached: rests before the next attempt, if there is to be one."""
        request = self._open[call]
        tried = replace(request, attempts=request.attempts + 1)
        again_at = tried_again(tried, self._clock.utc())
        if again_at is None:
            return False
        self._open[call] = replace(tried, not_before=again_at)
        with suppress(OSError):  # a restart would know of one attempt less
            await self._store.keep(self._open[call])
        self._rest_until_due(call, ticket)
        return True

    def _rest_until_due(self, call: CallId, ticket: Ticket) -> None:
        not_before, now = self._open[call].not_before, self._clock.utc()
        rest = timedelta(0) if not_before is None else not_before - now
        if rest > timedelta(0):
            self._floor.rest(ticket)
            self._clock.call_later(rest.total_seconds(), lambda: self._floor.make_ready(ticket))
        elif not ticket.is_ready:
            self._floor.make_ready(ticket)

    async def _forget(self, request: CallbackRequest) -> None:
        """Its queue is not there any more."""
        self._end_unserved(request, Unserved.QUEUE_REMOVED)
        await self._store.forget(request.call)

    def _end_unserved(self, request: CallbackRequest, why: Unserved) -> None:
        """Tells the queue's people, who may call by hand; of what nobody is to do, the records."""
        snapshot, reason = self._snapshot(), REASONS.get(why)
        if snapshot is None:
            return
        if reason is None:
            self._news.callback_failed(snapshot, request, why.value)
            return
        by = self._cancelled_by.get(request.call)
        because = why.value if by is None else f"{by} cancelled it"
        end = CallbackEnd(request, reason, because, self._clock)
        self._start_call(end.customer, callback_story(snapshot, request, self._clock), end.run)


_END_OF = {
    None: Unserved.EXPIRED,
    Fate.CLOSED: Unserved.QUEUE_REMOVED,
    Fate.CANCELLED: Unserved.CANCELLED,
    Fate.SERVED: None,
}
"""What becomes of a request whose waiting the floor ended, or nobody but time did."""


def guest_of(request: CallbackRequest) -> Guest:
    """Without the number: who calls again has a place of the own, or none."""
    return Guest(request.call, request.number, request.name, request.priority)
