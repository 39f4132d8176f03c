"""Owner of every callback that was promised: keeps it, waits for an agent, calls, tries again.

promised -> waits in line -> an agent answers -> the customer is called -> they talk
                 ^                                      |
                 +---- two minutes, at most thrice -----+     time over, queue closed -> mail
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from callwright.apps.call_queue.callback_call import CallbackCall, CallbackOutcome
from callwright.apps.call_queue.floor import Floor
from callwright.apps.call_queue.ticket import Fate, Guest, Ticket
from callwright.apps.queue_services import CallbackNews, CallbackRequests
from callwright.calls.call import Call
from callwright.calls.leg import Leg
from callwright.calls.live_calls import Script
from callwright.calls.story import Story
from callwright.domains.queues.callback import CallbackRequest, tried_again
from callwright.kernel.ids import CallId, CallQueueId
from callwright.kernel.limits.queues import QUEUE_CALLBACKS_WAITING_MAX
from callwright.routing.snapshot import Snapshot

if TYPE_CHECKING:
    from callwright.apps.switchboard import Switchboard


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
        self.is_closing = False
        """True: nobody is called any more; what was promised is kept for the next start."""

    # -- requests --------------------------------------------------------------------------------

    def waiting(self, queue: CallQueueId) -> tuple[CallbackRequest, ...]:
        """Returns what was promised and is not yet done, in the order of the line."""
        requests = (request for request in self._open.values() if request.queue == queue)
        return tuple(sorted(requests, key=lambda request: (request.priority, request.joined_at)))

    def is_full(self, queue: CallQueueId) -> bool:
        return len(self.waiting(queue)) >= QUEUE_CALLBACKS_WAITING_MAX

    def served(self, queue: CallQueueId, number: str) -> None:
        """Who called again and talks to an agent is not called back."""
        for request in self.waiting(queue):
            if request.number == number and request.call in self._places:
                self._floor.close_place(self._places[request.call])

    async def promise(self, board: Switchboard, request: CallbackRequest, ticket: Ticket) -> bool:
        """Keeps the caller's place from now on; False: the request could not be made durable.

        Once it is durable the customer is called, whoever waits here for the answer.
        """
        kept: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._spawn(self._keep(board, request, ticket, kept), f"{request.call} callback")
        return await asyncio.shield(kept)

    def restore(self, board: Switchboard, requests: Iterable[CallbackRequest]) -> None:
        """What a stopped or killed node had promised; the places are those of the time before."""
        for request in sorted(requests, key=lambda request: request.joined_at):
            queue = self._floor.queue(request.queue)
            waited = self._clock.utc() - request.joined_at
            if queue is None:
                self._spawn(self._close_unknown(request), f"{request.call} callback")
                continue
            guest = guest_of(request)
            ticket = self._floor.join(queue, guest, waited_s=max(0.0, waited.total_seconds()))
            ticket.is_away = True
            self._open[request.call] = request
            self._spawn(self._serve(board, request, ticket), f"{request.call} callback")

    async def _keep(
        self,
        board: Switchboard,
        request: CallbackRequest,
        ticket: Ticket,
        kept: asyncio.Future[bool],
    ) -> None:
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
        if not kept.done():
            kept.set_result(True)
        await self._serve(board, request, place)

    def _is_answered(self, ticket: Ticket) -> bool:
        """An agent was quicker than the disk; a caller who hung up is called all the same."""
        is_waiting = ticket in self._floor.line(ticket.queue)
        return ticket.is_served or (ticket.is_taken and is_waiting)

    # -- serving ---------------------------------------------------------------------------------

    async def _serve(self, board: Switchboard, request: CallbackRequest, ticket: Ticket) -> None:
        """Until the customer was reached, or will not be."""
        floor = self._floor
        self._places[request.call] = ticket
        try:
            self._rest_until_due(request, ticket)
            while True:
                why = await self._until_agents(request, ticket)
                if why is not None:
                    break
                outcome = await self._call(board, request, ticket)
                if outcome is CallbackOutcome.TALKED:
                    break
                if self.is_closing:
                    continue  # whoever stopped us is no failure of the customer's
                if outcome is CallbackOutcome.NO_AGENT:
                    floor.rest(ticket)
                    floor.make_ready(ticket)
                    continue
                again = self._after_failure(request)
                if again is None:
                    why = "the customer could not be reached"
                    break
                request = self._open[request.call] = again
                with suppress(OSError):  # a restart would know of one attempt less
                    await self._store.keep(request)
                self._rest_until_due(request, ticket)
            if why is not None and ticket.fate is not Fate.SERVED:
                self._tell(request, why)
        finally:
            floor.leave(ticket)
            self._open.pop(request.call, None)
            self._places.pop(request.call, None)
        await self._store.forget(request.call)

    async def _until_agents(self, request: CallbackRequest, ticket: Ticket) -> str | None:
        """None: agents are to ring; else why nobody will. Never returns while the node stops."""
        while True:
            if self.is_closing:
                self._floor.rest(ticket)
                await asyncio.Event().wait()
            if ticket.fate is not None:
                return f"the queue serves nobody: {ticket.fate.value}"
            left_s = (request.expires_at - self._clock.utc()).total_seconds()
            if left_s <= 0:  # though an agent may ring: nobody would be left the time to answer
                return "no agent was free in the time that callers wait"
            if ticket.ringing:
                ticket.news.set()  # for who lets them ring
                return None
            ticket.news.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(left_s):
                    await ticket.news.wait()

    async def _call(
        self, board: Switchboard, request: CallbackRequest, ticket: Ticket
    ) -> CallbackOutcome:
        snapshot, queue = self._snapshot(), self._floor.queue(request.queue)
        if snapshot is None or queue is None:
            return CallbackOutcome.NO_AGENT
        made = CallbackCall(board, snapshot, queue, request, ticket)
        self._start_call(made.customer, made.story(), made.run)
        return await made.outcome

    def _after_failure(self, request: CallbackRequest) -> CallbackRequest | None:
        tried = replace(request, attempts=request.attempts + 1)
        again_at = tried_again(tried, self._clock.utc())
        return None if again_at is None else replace(tried, not_before=again_at)

    def _rest_until_due(self, request: CallbackRequest, ticket: Ticket) -> None:
        now = self._clock.utc()
        rest = timedelta(0) if request.not_before is None else request.not_before - now
        if rest > timedelta(0):
            self._floor.rest(ticket)
            self._clock.call_later(rest.total_seconds(), lambda: self._floor.make_ready(ticket))
        elif not ticket.is_ready:
            self._floor.make_ready(ticket)

    async def _close_unknown(self, request: CallbackRequest) -> None:
        self._tell(request, "the queue was removed")
        await self._store.forget(request.call)

    def _tell(self, request: CallbackRequest, why: str) -> None:
        snapshot = self._snapshot()
        if snapshot is not None:
            self._news.callback_failed(snapshot, request, why)


def guest_of(request: CallbackRequest) -> Guest:
    """Without the number: who calls again has a place of the own, or none."""
    return Guest(request.call, request.number, request.name, request.priority)
