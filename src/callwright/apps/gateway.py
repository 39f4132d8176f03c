"""Calls to the public network: SBC after SBC until one takes the call (SPEC 2.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callwright.apps.delivery import Delivery
from callwright.apps.services import Caller, EmergencyNotice
from callwright.calls.fork import Answered, Failed, Silent, Unanswered
from callwright.calls.leg import Failure
from callwright.kernel.decision import Step
from callwright.kernel.limits import OUTBOUND_RING_S_MAX
from callwright.kernel.reason import Reason
from callwright.routing.request import Gateway, PlaceEmergency, PlaceOutbound

if TYPE_CHECKING:
    from callwright.apps.switchboard import Switchboard


async def place(board: Switchboard, delivery: Delivery, outbound: PlaceOutbound) -> None:
    delivery.call.story.leaves_for(outbound.number)
    await _try_each(board, delivery, outbound.gateways)


async def place_emergency(
    board: Switchboard, delivery: Delivery, emergency: PlaceEmergency
) -> None:
    """Tells whoever must know while the call is being set up, never before it."""
    story = delivery.call.story
    story.leaves_for(emergency.dial_string)
    board.alarms.emergency_called(
        delivery.snapshot,
        EmergencyNotice(
            call=delivery.call.id,
            caller=story.caller,
            dial_string=emergency.dial_string,
            location=emergency.location,
            at=board.clock.utc(),
            notify=emergency.notify,
            callback=emergency.callback,
            user=emergency.caller,
        ),
    )
    await _try_each(board, delivery, emergency.gateways)


async def _try_each(board: Switchboard, delivery: Delivery, gateways: tuple[Gateway, ...]) -> None:
    call = delivery.call
    last = Failure(Reason.GATEWAY_TIMEOUT.sip_status, "", is_silence=True)
    for gateway in gateways:
        call.story.gateway = gateway.sbc
        caller = Caller(gateway.calling, None, delivery.leg.codecs())
        leg = board.reach.gateway_leg(delivery.snapshot, gateway, caller)
        outcome = await call.ring(
            delivery.leg,
            [leg],
            for_s=OUTBOUND_RING_S_MAX,
            first_sign_s=gateway.failover_after_s,
        )
        match outcome:
            case Answered(leg=peer):
                for meter in call.meters:
                    meter.answered()
                await board.converse(delivery, peer)
                return
            case Unanswered():
                board.give_up(delivery, Reason.NOT_ANSWERED)
                return
            case Silent():
                last = Failure(Reason.GATEWAY_TIMEOUT.sip_status, "", is_silence=True)
                why = f"it said nothing for {gateway.failover_after_s:g} s"
            case Failed(failure=last):
                why = f"it answered {last.status} {last.phrase}"
                if not last.is_silence and last.status not in gateway.failover_codes:
                    call.note(Step(f"the call ends with {last.status}", f"{gateway.sbc}: {why}"))
                    break
                if last.is_silence:
                    why = "it cannot be reached"
        board.alarms.gateway_failed(gateway.sbc, last.status)
        call.note(Step(f"{gateway.sbc} is passed over", why))
    board.give_up(delivery, _reason_of(last), status=last.status)


def _reason_of(failure: Failure) -> Reason:
    if failure.is_silence or failure.status == 408:
        return Reason.GATEWAY_TIMEOUT
    if failure.status == 486:
        return Reason.CALLEE_BUSY
    if failure.status == 603:
        return Reason.CALLEE_DECLINED
    if failure.status in (404, 484, 604):
        return Reason.ADDRESS_UNKNOWN
    if failure.status in (480, 487):
        return Reason.NOT_ANSWERED
    return Reason.GATEWAY_REFUSED
