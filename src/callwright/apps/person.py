"""Rings a user: all phones at once, then what the user wants when nobody answers (SPEC 8.2)."""

from dataclasses import replace

from callwright.apps.board import Board
from callwright.apps.delivery import Delivery
from callwright.apps.redirection import follow
from callwright.apps.services import Caller
from callwright.calls.fork import Answered, Failed, Silent, Unanswered
from callwright.calls.introduction import Alert
from callwright.kernel.decision import Step
from callwright.kernel.ids import UserId
from callwright.kernel.reason import Reason
from callwright.kernel.target import Disconnect, Target, ToVoicemail
from callwright.routing.answering import (
    Forward,
    Ring,
    Silence,
    decide_call,
)
from callwright.routing.request import Refuse, RingUser

FORWARDS_ALL, NO_ANSWER, DEFLECTED, UNREACHABLE = 302, 408, 480, 503
"""Why a call left a user, as SIP counts causes (RFC 7544 §7.2)."""
PRIVATE_LINE = "Private line"
"""What phones show beside the caller, and records name."""


async def ring(board: Board, delivery: Delivery, wanted: RingUser) -> None:
    decision = decide_call(delivery.snapshot, wanted)
    call = delivery.call
    call.note(*decision.steps)
    match decision.value:
        case Forward(target=target, by=by, passed=passed):
            left = delivery.leaving(passed, FORWARDS_ALL)
            await board.send_to(left.forwarded_by(by), target)
        case Ring(user=rung, passed=passed) as plan:
            delivery = delivery.leaving(passed, FORWARDS_ALL)
            _note_callee(delivery, wanted, rung)
            caller = _introduced(delivery, wanted, rung)
            await _ring_phones(board, delivery, plan, caller)
        case Silence(user=undisturbed, then=then, passed=passed, otherwise=reason):
            delivery = delivery.leaving(passed, FORWARDS_ALL)
            _note_callee(delivery, wanted, undisturbed)
            await _unanswered(board, delivery, undisturbed, then, reason)
        case Refuse(reason=reason):
            board.give_up(delivery, reason)


def _note_callee(delivery: Delivery, wanted: RingUser, user: UserId) -> None:
    story = delivery.call.story
    if not story.has_talked:
        story.callee_user = user
    if wanted.is_private_line:
        story.via = story.via or PRIVATE_LINE.lower()


async def _ring_phones(board: Board, delivery: Delivery, plan: Ring, caller: Caller) -> None:
    call, user, then = delivery.call, plan.user, plan.then
    legs = board.reach.user_legs(delivery.snapshot, user, caller)
    may_deflect = caller.alert is not Alert.PRIVATE  # a phone's own forward is one, too
    for leg in legs:
        leg.may_deflect = may_deflect
    if not legs:
        call.note(Step(f"{user} is not rung", "no phone of the user is registered"))
        await _unanswered(board, delivery, user, then, Reason.CALLEE_OFFLINE)
        return
    match await call.ring(delivery.leg, legs, for_s=plan.for_s, rings=delivery.rings):
        case Answered(leg=leg):
            call.story.callee_user = user
            await board.converse(delivery, leg)
        case Failed(failure=failure) if failure.redirects and may_deflect:
            left = delivery.leaving((user,), DEFLECTED)
            await follow(board, left.forwarded_by(user), failure.redirects, who=user)
        case Failed(failure=failure) if failure.status == 486:
            board.give_up(delivery, Reason.CALLEE_BUSY)
        case Failed(failure=failure) if failure.status == 603:
            board.give_up(delivery, Reason.CALLEE_DECLINED)
        case Unanswered() | Failed() | Silent():
            await _unanswered(board, delivery, user, then, plan.otherwise)


async def _unanswered(
    board: Board, delivery: Delivery, user: UserId, then: Target, reason: Reason
) -> None:
    if isinstance(then, Disconnect):
        board.give_up(delivery, reason)
        return
    delivery.call.note(Step(f"the call for {user} goes on", f"{reason.text} ({reason.code})"))
    cause = UNREACHABLE if reason is Reason.CALLEE_OFFLINE else NO_ANSWER
    delivery = delivery.leaving((user,), cause)
    if isinstance(then, ToVoicemail):
        await board.send_to(delivery, then)
    else:
        await board.send_to(delivery.forwarded_by(user), then)


def _introduced(delivery: Delivery, wanted: RingUser, user: UserId) -> Caller:
    """How the call announces itself; a phone answers by itself only when the user allows it, and
    only the colleague who dialled."""
    caller = delivery.caller()
    if wanted.is_emergency_callback:
        return replace(caller, alert=Alert.URGENT)
    if wanted.is_private_line:
        shown = f"{PRIVATE_LINE}: {caller.name or caller.address}"
        return replace(caller, alert=Alert.PRIVATE, name=shown)
    call, party = delivery.call, delivery.leg.party
    is_intercom = (
        party.introduction.wants_intercom
        and party.user is not None
        and user == wanted.user
        and delivery.forwarder is None
        and delivery.label is None
        and delivery.leg is call.caller
        and not call.story.has_talked
        and delivery.snapshot.users[user].answering.intercom
    )
    return replace(caller, is_intercom=True) if is_intercom else caller
