"""Lets a caller hear an attendant: does what the session says, and tells it what came of it.

What is said and where it leads is decided in `domains.attendants`; `explain` runs the same session.
"""

import asyncio
from collections.abc import Callable
from contextlib import nullcontext

from callwright.apps.auto_attendant.delegates import ring_delegates
from callwright.apps.auto_attendant.notes import VisitNotes
from callwright.apps.board import Board
from callwright.apps.delivery import Delivery
from callwright.calls.record import CallResult
from callwright.calls.visits import AttendantResult
from callwright.domains.attendants.interpreter import advance
from callwright.domains.attendants.model import AutoAttendant
from callwright.domains.attendants.rules import decide_flow
from callwright.domains.attendants.session import Session, Turn, begin
from callwright.domains.attendants.turns import (
    Ask,
    Input,
    Key,
    Leave,
    Outcome,
    Quiet,
    Refused,
    Said,
    TooLong,
)
from callwright.domains.numbers.model import ResourceAccount
from callwright.kernel.decision import Decision, Step
from callwright.kernel.limits.attendants import (
    ATTENDANT_SESSION_S_MAX,
    ATTENDANT_SPEECH_SURE,
    DIRECTORY_SEARCHED_INLINE_MAX,
)
from callwright.kernel.phrases import Heard, Phrases
from callwright.kernel.reason import Reason
from callwright.kernel.target import Target
from callwright.routing.attending import (
    is_chain_too_long,
    may_fail_over,
    may_take,
    stands_in,
    with_priority,
)
from callwright.routing.people import SearchedPeople
from callwright.routing.request import Destination, StartAttendant
from callwright.routing.route import route_target

_REASONS = {
    Outcome.NO_OPERATOR: Reason.ATTENDANT_NO_INPUT,
    Outcome.TRANSFER_FAILED: Reason.ATTENDANT_TRANSFER_FAILED,
    Outcome.TOO_LONG: Reason.ATTENDANT_SESSION_TOO_LONG,
}
"""Why the call ends; any other end is the attendant's own."""


async def enter(board: Board, delivery: Delivery, start: StartAttendant) -> None:
    """Serves a caller of the attendant, and notes what became of it."""
    attendant = delivery.snapshot.attendants[start.attendant]
    inside = delivery.through_app(attendant.name, start.via)
    if inside is None:
        board.give_up(delivery, Reason.LOOP)
        return
    visitor = AttendantVisitor(board, inside, attendant, start.priority)
    account = None if start.via is None else delivery.snapshot.resource_accounts.get(start.via)
    try:
        if account is None or not await visitor.is_served_by_delegate(account):
            await visitor.run()
    except asyncio.CancelledError:
        has_left = inside.leg.has_ended
        visitor.notes.ends(
            AttendantResult.USER_TERMINATED if has_left else AttendantResult.SERVICE_TERMINATED
        )
        raise
    finally:
        delivery.call.story.visits.append(visitor.notes.visit(board.clock.utc()))


class AttendantVisitor:
    """One caller in one attendant."""

    def __init__(
        self, board: Board, delivery: Delivery, attendant: AutoAttendant, priority: int
    ) -> None:
        self._board = board
        self._delivery = delivery
        self._attendant = attendant
        self._priority = priority
        self._refused_for: Reason | None = None
        self._ends_at_s = board.clock.monotonic() + ATTENDANT_SESSION_S_MAX
        self.notes = VisitNotes(
            attendant.id, delivery.account, board.clock.utc(), delivery.apps_passed
        )

    async def is_served_by_delegate(self, account: ResourceAccount) -> bool:
        """Whether one of the account's people took the call, which then is over."""
        leg = await ring_delegates(self._board, self._delivery, account)
        if leg is None:
            return False
        self.notes.is_received(leg.party.user, self._board.clock.utc())
        self._delivery.call.story.callee_user = leg.party.user
        await self._board.converse(self._delivery, leg)
        return True

    async def run(self) -> None:
        call, leg = self._delivery.call, self._delivery.leg
        if not call.answer(leg):
            self.notes.ends(AttendantResult.FAILED_TO_ESTABLISH_MEDIA)
            return
        self._delivery.reached()
        call.serve(leg)
        call.story.via = self._attendant.id
        turn: Turn | None = await self._begin()
        while turn is not None:
            turn = await self._take(turn)

    async def _begin(self) -> Turn:
        snapshot, attendant = self._delivery.snapshot, self._attendant
        now = self._board.clock.utc()
        decision = decide_flow(attendant, now)
        flow, broken = self._board.menus.offered(snapshot, attendant, decision.value, now)
        self._delivery.call.note(*decision.steps, *broken)
        people = SearchedPeople(snapshot, attendant)
        understands = self._delivery.leg.media.understands(attendant.language)
        return await self._decide(lambda: begin(attendant, flow, people, understands=understands))

    async def _take(self, turn: Turn) -> Turn | None:
        """Does what the turn says; None: the caller is no longer the attendant's."""
        session, call = turn.session, self._delivery.call
        self.notes.session = session
        call.note(*turn.steps)
        call.settle(CallResult.ANSWERED, Reason.NORMAL)
        match turn.effect:
            case Ask() as ask:
                self.notes.doing(ask.place)
                heard = await self._until_heard(session, ask)
            case Leave(target=None, outcome=outcome) as leave:
                self._note_leaving(leave)
                self._board.give_up(self._delivery, self._reason(outcome))
                return None
            case Leave() as leave:
                refused = await self._bring_on(leave)
                if refused is None:
                    return None
                heard = refused
        return await self._decide(lambda: advance(session, heard))

    async def _decide(self, decide: Callable[[], Turn]) -> Turn:
        """A search among very many people is no reason for others to wait."""
        if len(self._delivery.snapshot.users) <= DIRECTORY_SEARCHED_INLINE_MAX:
            return decide()
        return await asyncio.to_thread(decide)

    def _reason(self, outcome: Outcome) -> Reason:
        """Why the call ends: what was in the way of the transfer, if that is known."""
        if outcome is Outcome.TRANSFER_FAILED and self._refused_for is not None:
            return self._refused_for
        return _REASONS.get(outcome, Reason.ATTENDANT_CLOSED)

    # -- what is heard ---------------------------------------------------------------------------

    async def _until_heard(self, session: Session, ask: Ask) -> Input:
        left_s = self._ends_at_s - self._board.clock.monotonic()
        try:
            async with asyncio.timeout(left_s):
                return await self._hear(session, ask)
        except TimeoutError:
            return TooLong()

    async def _hear(self, session: Session, ask: Ask) -> Input:
        media = self._delivery.leg.media
        if ask.prompts and not ask.barge_in:
            await media.play(*ask.prompts)
            media.forget_digits()
        phrases = Phrases(session.language, ask.phrases) if ask.phrases else None
        with nullcontext() if phrases is None else media.listen(phrases):
            is_waiting = ask.barge_in and await media.play_until_digit(*ask.prompts)
            if not is_waiting and not ask.wait_s:
                return Quiet()
            heard = await media.next_input(ask.wait_s)
        match heard:
            case None:
                return Quiet()
            case Heard(phrase=phrase, confidence=confidence):
                return Said(phrase, confidence >= ATTENDANT_SPEECH_SURE)
            case key:
                return Key(key)

    # -- where it leads --------------------------------------------------------------------------

    async def _bring_on(self, leave: Leave) -> Refused | None:
        """Brings the caller to the target; what came of it, if the target does not take the
        call."""
        board, delivery, call = self._board, self._delivery, self._delivery.call
        assert leave.target is not None, "the caller goes somewhere"
        target: Target = with_priority(leave.target, self._priority)
        decision = route_target(
            delivery.snapshot,
            target,
            delivery.on_behalf(),
            now=board.clock.utc(),
            live=board.live(),
        )
        if not call.hop() or is_chain_too_long(decision.value, delivery.apps_passed):
            call.note(Step("the caller is sent no further", "the chain of attendants is too long"))
            self.notes.ends(AttendantResult.CHAIN_TOO_LONG)
            board.give_up(delivery, Reason.LOOP)
            return None
        allowance = may_take(delivery.snapshot, decision.value, leave.outcome, board.clock.utc())
        if allowance.reason is not None:
            call.note(*decision.steps)
            self._refused_for = allowance.reason
            return Refused(f"{allowance.because} ({allowance.reason.code})")
        self._note_leaving(leave)
        return await self._deliver(decision)

    async def _deliver(self, decision: Decision[Destination]) -> Refused | None:
        """Stays responsible, where another place may stand in, until somebody took the call."""
        if not may_fail_over(decision.value):
            await self._board.deliver(self._delivery._replace(label=None), decision)
            return None
        attempt = _Attempt(self._delivery)
        onward = self._delivery._replace(
            label=None, connected=attempt.succeed, fallback=attempt.fall_back
        )
        story = self._delivery.call.story
        before = story.callee, story.direction, story.gateway
        await self._board.deliver(onward, decision)
        if attempt.failed_with is None:
            return None
        story.callee, story.direction, story.gateway = before
        return Refused(f"it was refused with {attempt.failed_with}")

    def _note_leaving(self, leave: Leave) -> None:
        caller = self._delivery.call.story.caller_user
        self.notes.leaves(leave, caller, self._board.clock.utc())


class _Attempt:
    """A caller on the way to a target that the operator stands in for, unless it answers."""

    def __init__(self, delivery: Delivery) -> None:
        self.failed_with: int | None = None
        """The status with which it refused; None: it did not."""
        self._delivery = delivery
        self._has_answered = False

    def succeed(self) -> None:
        """Somebody or something answered: however that ends, the caller was served."""
        self._has_answered = True
        self._delivery.reached()

    def fall_back(self, status: int) -> bool:
        if self._has_answered or not stands_in(status):
            further = self._delivery.fallback
            return further is not None and further(status)
        self.failed_with = status
        return True
