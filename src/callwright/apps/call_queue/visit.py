"""A caller's way through a queue: the door, greeting, music, an agent or an exception (SPEC 5.1).

door      full, or nobody there -> exception
line      greeting once, then music; the floor says which agents ring
answered  -> talk          time is up, the last agent went, the queue closed -> exception
"""

import asyncio
from contextlib import suppress

from callwright.apps.board import Board
from callwright.apps.call_queue.callback import callback_offer, let_go
from callwright.apps.call_queue.exceptions import send_away
from callwright.apps.call_queue.notes import VisitNotes
from callwright.apps.call_queue.outside import OutsideAgent
from callwright.apps.call_queue.phones import phones_of
from callwright.apps.call_queue.recording import TalkRecorder
from callwright.apps.call_queue.ringing import AgentRinging
from callwright.apps.call_queue.ticket import Fate, Guest, Ticket
from callwright.apps.call_queue.waiting_room import WaitingRoom
from callwright.apps.delivery import Delivery
from callwright.calls.introduction import Alert
from callwright.calls.leg import Leg
from callwright.calls.record import CallResult
from callwright.calls.visits import OfferOutcome, QueueResult
from callwright.domains.queues.model import CallQueue, ExceptionAction, is_outside
from callwright.domains.queues.rules import Door, decide_door, waited_too_long
from callwright.kernel.decision import Step
from callwright.kernel.ids import UserId
from callwright.kernel.limits.queues import GROUP_SLIP_S
from callwright.kernel.reason import Reason
from callwright.routing.request import JoinQueue


async def enter(board: Board, delivery: Delivery, join: JoinQueue) -> None:
    """Serves a caller of the queue as it is configured now, and notes what became of it."""
    found = board.floor.staffed(join.queue)
    if found is None:
        delivery.call.note(Step(f"queue {join.queue} serves nobody", "it was removed"))
        board.give_up(delivery, Reason.QUEUE_CLOSED)
        return
    queue, steps = found
    delivery.call.note(*steps)
    delivery.call.story.via = queue.id
    inside = delivery.through_app(queue.name, join.via)
    if inside is None:
        board.give_up(delivery, Reason.LOOP)
        return
    visit = QueueVisitor(board, inside, queue, join)
    try:
        await visit.run()
    except asyncio.CancelledError:
        visit.note_end()
        raise
    except Exception:
        visit.notes.result = QueueResult.ERROR
        raise
    finally:
        delivery.call.story.visits.append(visit.notes.visit(board.clock.utc()))


class QueueVisitor:
    """One caller in one queue."""

    def __init__(self, board: Board, delivery: Delivery, queue: CallQueue, join: JoinQueue) -> None:
        floor = board.floor
        self._board = board
        self._delivery = delivery
        self._queue = queue
        """As it was at the door; the floor knows what is configured since."""
        self._came_s = board.clock.monotonic()
        self.notes = VisitNotes(
            queue=queue,
            account=delivery.account,
            started_at=board.clock.utc(),
            chain_index=delivery.apps_passed,
            priority=join.priority,
            waiting_before=floor.waiting_count(queue.id),
            opted_in_count=floor.states.opted_in_count(queue),
        )

    async def run(self) -> None:
        queue, call = self._queue, self._delivery.call
        is_staffed = queue.no_agents is None or self._board.floor.states.is_staffed(queue)
        door = decide_door(queue, self.notes.waiting_before, is_staffed=is_staffed)
        call.note(*door.steps)
        match door.value:
            case Door.FULL:
                await self._leave_for(queue.overflow, QueueResult.OVERFLOWN)
            case Door.DESERTED if queue.no_agents is not None:
                await self._leave_for(queue.no_agents, QueueResult.NO_AGENTS)
            case _:
                await self._wait_and_talk()

    def note_end(self) -> None:
        """The script is cancelled: the caller left, or the call was ended from outside."""
        if self.notes.waited_until is None:
            has_left = self._delivery.leg.has_ended
            self.notes.result = QueueResult.ABANDONED if has_left else QueueResult.DISCONNECTED

    async def _leave_for(self, action: ExceptionAction, result: QueueResult) -> None:
        await send_away(self._board, self._delivery, self.notes, action, result)

    async def _wait_and_talk(self) -> None:
        floor, call, leg = self._board.floor, self._delivery.call, self._delivery.leg
        if not call.answer(leg):
            self.notes.result = QueueResult.FAILED
            return
        self._delivery.reached()
        call.serve(leg)
        ticket = floor.join(self._queue, self._guest())
        ringing = self._ringing(ticket)
        while (agent := await self._next_agent(ticket, ringing)) is not None:
            if await self._talk(agent):
                return
            floor.come_back(ticket)
        await self._go_unserved(ticket)

    async def _next_agent(self, ticket: Ticket, ringing: AgentRinging) -> Leg | None:
        """The caller's time in the line, which is over when this returns."""
        self._delivery.call.settle(CallResult.ABANDONED, Reason.QUEUE_ABANDONED)
        agent: Leg | None = None
        is_cut_off = False
        try:
            agent = await self._wait(ticket, ringing)
            return agent
        except asyncio.CancelledError:
            is_cut_off = not self._delivery.leg.has_ended
            raise
        finally:
            ringing.close()
            is_answered = agent is not None
            self._board.floor.leave(ticket, is_answered=is_answered, is_cut_off=is_cut_off)

    def _guest(self) -> Guest:
        party, call = self._delivery.leg.party, self._delivery.call
        return Guest(
            call.id,
            party.shown_address,
            party.shown_name,
            self.notes.priority,
            number=party.address,
            user=party.user,
        )

    async def _wait(self, ticket: Ticket, ringing: AgentRinging) -> Leg | None:
        """Greeting, music, offers; None when the floor or the time limit ends the waiting. Who
        answers in the very instant of the limit has the caller."""
        media, queue, floor = self._delivery.leg.media, self._queue, self._board.floor
        with suppress(TimeoutError):
            async with asyncio.timeout(self._left_s()):
                if not ticket.is_ready:
                    await self._hear_welcome()
                if queue.timeout_s == 0:
                    return None
                offer = callback_offer(self._board, self._delivery, queue, self.notes, ticket)
                room = WaitingRoom(floor, queue, ticket, media, offer)
                floor.make_ready(ticket)
                while not self._is_decided(ticket, ringing):
                    await room.entertain(self._until_decided(ticket, ringing))
        return ringing.take_winner()

    def _left_s(self) -> float | None:
        """Who gets no agent at all hears the greeting to its end."""
        if self._queue.timeout_s == 0:
            return None
        return max(0.0, self._queue.timeout_s - (self._board.clock.monotonic() - self._came_s))

    async def _hear_welcome(self) -> None:
        queue, media = self._queue, self._delivery.leg.media
        if queue.greeting is not None:
            await media.play(queue.greeting)
        if queue.recording is not None:
            await media.play(queue.recording.announcement)

    async def find_agent(self, ticket: Ticket, *, within_s: float) -> Leg | None:
        """Rings agents for a customer who is not there; None: nobody answered in time."""
        ringing = self._ringing(ticket)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(within_s):
                    await self._until_decided(ticket, ringing)
            return ringing.take_winner()
        finally:
            ringing.close()

    async def _until_decided(self, ticket: Ticket, ringing: AgentRinging) -> None:
        """Rings whom the floor says, until somebody answered or the floor ends the waiting."""
        while not self._is_decided(ticket, ringing):
            ringing.keep(ticket.ringing)
            for agent in ticket.take_new_agents():
                self._ring(agent, ticket, ringing)
            await ticket.news.wait()
            ticket.news.clear()

    def _is_decided(self, ticket: Ticket, ringing: AgentRinging) -> bool:
        lost = ringing.take_lost_winner()
        if lost is not None:
            self.notes.refused(lost.party.user)
            self._board.floor.wait_again(ticket)
        return ringing.winner is not None or ticket.fate is not None

    def _ringing(self, ticket: Ticket) -> AgentRinging:
        floor = self._board.floor

        def answered(agent: UserId | None) -> None:
            floor.answer(ticket, agent)
            ticket.news.set()

        def ended(agent: UserId, outcome: OfferOutcome) -> None:
            if outcome is OfferOutcome.MISSED:
                floor.miss(ticket, agent)
            else:
                floor.decline(ticket, agent)

        ringing = AgentRinging(
            self._delivery.call,
            self._delivery.leg,
            self._board.clock,
            answered=answered,
            ended=ended,
        )
        self.notes.offers = ringing.offers
        return ringing

    def _ring(self, agent: UserId, ticket: Ticket, ringing: AgentRinging) -> None:
        """Rings all phones of the agent; the agent's own forwards and voicemail do not apply."""
        board, delivery = self._board, self._delivery
        queue = board.floor.queue(self._queue.id) or self._queue
        if ringing.may_note:
            because = f"{queue.name} routes {queue.routing.value}"
            delivery.call.note(Step(f"{agent} rings", because))
        if is_outside(agent):
            outside = OutsideAgent(board, delivery, queue, ticket, ringing, agent)
            delivery.call.spawn(outside.ring())
            return
        caller = delivery.caller(Alert.GROUP)
        ringing.ring(agent, phones_of(board, delivery, agent, caller), for_s=queue.alert_s)

    async def _go_unserved(self, ticket: Ticket) -> None:
        queue, call = self._board.floor.queue(self._queue.id) or self._queue, self._delivery.call
        match ticket.fate:
            case Fate.NO_AGENTS if queue.no_agents is not None:
                call.note(Step("the caller waits no longer", "the last agent went"))
                await self._leave_for(queue.no_agents, QueueResult.NO_AGENTS)
            case Fate.CALLBACK:
                await let_go(self._board, self._delivery, queue, self.notes)
            case Fate.CLOSED:
                call.note(Step("the caller waits no longer", f"queue {queue.id} was removed"))
                await self._leave_for(queue.timeout, QueueResult.DISCONNECTED)
            case _:
                call.note(waited_too_long(self._queue))
                await self._leave_for(queue.timeout, QueueResult.TIMED_OUT)

    async def _talk(self, agent: Leg) -> bool:
        """False: the agent hung up at once, and the caller is still there."""
        call, user = self._delivery.call, agent.party.user
        call.story.callee_user = user
        call.note(Step(f"{user} answered", f"first answer to {self._queue.name}"))
        call.settle(CallResult.ANSWERED, Reason.NORMAL)
        self.begin_talk(agent)
        recorder = TalkRecorder(self._board, call, self._queue, user)
        recorder.begin(self._delivery.leg)
        try:
            onward = self._delivery.once_reached()
            has_talked = await self._board.converse(onward, agent, slip_s=GROUP_SLIP_S)
            if not has_talked:
                self._note_slip(user)
        finally:
            await recorder.finish()
        return has_talked

    def _note_slip(self, agent: UserId | None) -> None:
        call = self._delivery.call
        call.note(Step(f"{agent} hung up at once", "the caller waits on"))
        call.story.callee_user = None
        self.notes.slipped()
        if agent is not None:
            self._board.floor.slip(agent)

    def begin_talk(self, agent: Leg) -> None:
        """Customer and agent hear each other from now on."""
        clock, notes, user = self._board.clock, self.notes, agent.party.user
        is_callback = notes.callback_of is not None
        served = QueueResult.AGENT_JOINED_CONFERENCE
        notes.result = QueueResult.CALLBACK_ANSWERED if is_callback else served
        notes.waited(clock.utc())
        notes.talks(user, clock.utc())
        self._board.callbacks.served(self._queue.id, self._delivery.leg.party.address)
        if user is not None:
            queue = self._board.floor.queue(self._queue.id) or self._queue
            self._board.floor.desk.serves(user, queue.id, queue.wrap_up_s)
        notes.watch(agent, clock.utc)
