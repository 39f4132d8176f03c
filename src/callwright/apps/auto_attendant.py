"""Answers, greets, offers a menu, and brings the caller on (SPEC 6)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from callwright.apps.delivery import Delivery
from callwright.apps.phrases import invalid_key
from callwright.calls.record import CallResult
from callwright.domains.attendants.model import Announce, AutoAttendant, CallFlow, Menu, Operator
from callwright.domains.attendants.rules import (
    Complete,
    Extension,
    Invalid,
    Wait,
    decide_flow,
    decide_key,
)
from callwright.kernel.decision import Step
from callwright.kernel.limits import ATTENDANT_ROUNDS, ATTENDANT_SESSION_S_MAX
from callwright.kernel.reason import Reason
from callwright.kernel.target import Disconnect, Target, ToUser
from callwright.routing.request import StartAttendant
from callwright.routing.rights import offered

if TYPE_CHECKING:
    from callwright.apps.switchboard import Switchboard

Choice = Announce | Target | Operator


async def run(board: Switchboard, delivery: Delivery, start: StartAttendant) -> None:
    attendant = delivery.snapshot.attendants[start.attendant]
    call, leg = delivery.call, delivery.leg
    inside = delivery.through_app(attendant.name)
    if inside is None:
        board.give_up(delivery, Reason.LOOP)
        return
    if start.via is not None:
        inside = replace(inside, account=start.via)
    if not call.answer(leg):
        return
    delivery.reached()
    call.serve(leg)
    call.settle(CallResult.ANSWERED, Reason.NORMAL)
    call.story.via = attendant.id
    now = board.clock.utc()
    decision = decide_flow(attendant, now)
    flow, barred = offered(delivery.snapshot, decision.value, now)
    call.note(*decision.steps, *barred)
    target = await _session(inside, attendant, flow)
    if target is None:
        board.give_up(inside, Reason.ATTENDANT_NO_INPUT)
    elif isinstance(target, Disconnect):
        board.give_up(inside, Reason.ATTENDANT_CLOSED)
    else:
        await board.send_to(replace(inside, label=None), target)


async def _session(delivery: Delivery, attendant: AutoAttendant, flow: CallFlow) -> Target | None:
    """Greeting and menu; bounded, so that a forgotten line does not stay for ever."""
    try:
        async with asyncio.timeout(ATTENDANT_SESSION_S_MAX):
            return await _greet_and_choose(delivery, attendant, flow)
    except TimeoutError:
        return attendant.operator


async def _greet_and_choose(
    delivery: Delivery, attendant: AutoAttendant, flow: CallFlow
) -> Target | None:
    media = delivery.leg.media
    match flow.then:
        case Menu() as menu:
            if flow.greeting is not None:
                if menu.force_listen:
                    await media.play(flow.greeting)
                    media.forget_digits()
                else:
                    await media.play_until_digit(flow.greeting)
            return await _choose(delivery, attendant, menu)
        case then:
            if flow.greeting is not None:
                await media.play(flow.greeting)
            return attendant.operator if isinstance(then, Operator) else then


async def _choose(delivery: Delivery, attendant: AutoAttendant, menu: Menu) -> Target | None:
    """Up to three silent rounds; an announcement or a wrong key begins a new round (SPEC 6.7)."""
    media, call = delivery.leg.media, delivery.call
    rounds_left = ATTENDANT_ROUNDS
    while rounds_left > 0:
        await _prompt(delivery, menu)
        choice = await _read_choice(delivery, attendant, menu)
        match choice:
            case None:
                rounds_left -= 1
                call.note(Step("the menu is repeated", "no key was pressed in this round"))
            case Announce(prompt=prompt):
                rounds_left = ATTENDANT_ROUNDS
                await media.play_until_digit(prompt)
            case Invalid():
                rounds_left -= 1
                await media.play_until_digit(invalid_key(attendant.language))
            case Operator():
                return attendant.operator
            case target:
                return target
    call.note(Step("the operator is asked", f"{ATTENDANT_ROUNDS} rounds without a choice"))
    return attendant.operator


async def _prompt(delivery: Delivery, menu: Menu) -> None:
    media = delivery.leg.media
    if menu.prompt is None:
        return
    if menu.force_listen:
        await media.play(menu.prompt)
        media.forget_digits()
    else:
        await media.play_until_digit(menu.prompt)


async def _read_choice(
    delivery: Delivery, attendant: AutoAttendant, menu: Menu
) -> Choice | Invalid | None:
    """Reads keys until they mean something; None when the caller pressed nothing."""
    snapshot = delivery.snapshot
    extensions = snapshot.user_by_extension
    has_operator = attendant.operator is not None
    digits = ""
    wait_s = menu.round_wait_s
    while True:
        digit = await delivery.leg.media.next_digit(wait_s)
        if digit is None and not digits:
            return None
        digits += digit or ""
        reading = decide_key(
            menu, extensions, digits, has_operator=has_operator, timed_out=digit is None
        )
        match reading:
            case Wait(for_s=for_s):
                wait_s = for_s
            case Complete(choice=choice, because=because):
                delivery.call.note(Step(f"the caller chose {digits}", because))
                return choice
            case Extension(extension=extension):
                user = extensions[extension]
                delivery.call.note(
                    Step(f"the caller dialled extension {extension}", f"it is {user}'s")
                )
                return ToUser(user)
            case Invalid():
                delivery.call.note(Step(f"{digits} is refused", "no key and no extension"))
                return reading
