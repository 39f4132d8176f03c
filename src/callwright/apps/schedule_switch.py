"""Switches a schedule by a code that its user dials, and says how it stands then (ADR 0034)."""

from callwright.apps import phrases_schedules
from callwright.apps.board import Board
from callwright.apps.delivery import Delivery
from callwright.calls.record import CallResult
from callwright.domains.schedules.model import Standing
from callwright.domains.schedules.rules import is_open, switched
from callwright.kernel.decision import Step
from callwright.kernel.reason import Reason
from callwright.routing.request import SwitchSchedule


async def run(board: Board, delivery: Delivery, wanted: SwitchSchedule) -> None:
    """Dialled once it is the other way until the code is dialled again; then hours count."""
    call, leg = delivery.call, delivery.leg
    schedule = delivery.snapshot.schedule_switches[wanted.code].schedule
    assert schedule.name is not None, "only named schedules have a code"
    if not call.answer(leg):
        return
    delivery.reached()
    call.serve(leg)
    call.story.via, call.story.callee_user = schedule.name, None
    now, language = board.clock.utc(), delivery.snapshot.language
    standing = switched(schedule, now)
    try:
        await board.schedules.switch(schedule.name, standing, wanted.user)
    except OSError as error:
        call.note(Step(f"schedule {schedule.name} stays as it is", str(error)))
        call.settle(CallResult.FAILED, Reason.SCHEDULE_NOT_SWITCHED)
        await leg.media.play(phrases_schedules.not_switched(language))
        board.give_up(delivery, Reason.SCHEDULE_NOT_SWITCHED)
        return
    call.settle(CallResult.ANSWERED, Reason.NORMAL)
    follows = standing is None
    then = standing or (Standing.OPEN if is_open(schedule, now) else Standing.CLOSED)
    how = "follows its hours again" if follows else "stays so until it is switched again"
    call.note(Step(f"schedule {schedule.name} is {then}", f"{wanted.user} switched it; it {how}"))
    phrase = phrases_schedules.follows_hours if follows else phrases_schedules.is_set
    await leg.media.play(phrase(schedule.name, then, language))
    board.give_up(delivery, Reason.NORMAL)
