"""Calls to the public network: SBC after SBC until one takes the call (SPEC 2.5)."""

from dataclasses import dataclass, replace

from callwright.apps.board import Board
from callwright.apps.delivery import Delivery
from callwright.apps.payment import Unpaid
from callwright.apps.redirection import follow
from callwright.apps.services import EmergencyNotice
from callwright.calls.fork import Answered, Failed, RingOutcome, Silent, Unanswered
from callwright.calls.leg import Failure, Leg
from callwright.calls.metering import Meter
from callwright.calls.record import on_behalf_of
from callwright.kernel.decision import Step
from callwright.kernel.ids import SbcId
from callwright.kernel.limits.calls import OUTBOUND_RING_S_MAX
from callwright.kernel.limits.emergency import EMERGENCY_PROGRESS_S
from callwright.kernel.limits.trunks import GATEWAY_PROGRESS_S, OPTIONS_INTERVAL_S
from callwright.kernel.reason import Reason
from callwright.routing.request import Gateway, PlaceEmergency, PlaceOutbound


@dataclass(frozen=True, slots=True)
class _Unreached:
    """No gateway took the call."""

    reason: Reason
    status: int


@dataclass(frozen=True, slots=True)
class _Redirected:
    """A gateway whose redirections count sent the call elsewhere."""

    sbc: SbcId
    targets: tuple[str, ...]


_SILENCE = Failure(Reason.GATEWAY_TIMEOUT.sip_status, "", is_silence=True)
_NOWHERE = Failed(replace(_SILENCE, phrase="its name is not resolved"))


async def place(board: Board, delivery: Delivery, outbound: PlaceOutbound) -> None:
    call = delivery.call
    call.story.leaves_for(outbound.number)
    if outbound.queue is not None:
        call.story.via = on_behalf_of(outbound.queue)
    payment = await board.pay_for(delivery, outbound.rate)
    if payment is Unpaid.REFUSED:
        return
    reached = await _try_each(board, delivery, outbound.gateways, progress_s=GATEWAY_PROGRESS_S)
    if isinstance(payment, Meter):
        if isinstance(reached, Leg):
            call.pay(reached, payment)
        else:
            await payment.close()
    await _go_on(board, delivery, reached)


async def place_emergency(board: Board, delivery: Delivery, emergency: PlaceEmergency) -> None:
    """Tells whoever must know while the call is being set up, never before it."""
    call = delivery.call
    call.is_emergency = delivery.leg.is_emergency = True
    board.supervisions.leave_to_help(call, delivery.leg)
    call.story.leaves_for(emergency.dial_string)
    board.alarms.emergency_called(
        delivery.snapshot,
        EmergencyNotice(
            call=call.id,
            caller=call.story.caller,
            dial_string=emergency.dial_string,
            location=emergency.location,
            at=board.clock.utc(),
            notify=emergency.notify,
            callback=emergency.callback,
            user=emergency.caller,
        ),
    )
    reached = await _try_each(board, delivery, emergency.gateways, progress_s=EMERGENCY_PROGRESS_S)
    await _go_on(board, delivery, reached)


async def _go_on(board: Board, delivery: Delivery, reached: Leg | _Unreached | _Redirected) -> None:
    if isinstance(reached, Leg):
        await board.converse(delivery, reached)
    elif isinstance(reached, _Redirected):
        await follow(board, delivery, reached.targets, who=reached.sbc)
    else:
        board.give_up(delivery, reached.reason, status=reached.status)


async def _try_each(
    board: Board, delivery: Delivery, gateways: tuple[Gateway, ...], *, progress_s: float
) -> Leg | _Unreached | _Redirected:
    """Gateway after gateway; a failure that is not one to go on from ends the search."""
    call = delivery.call
    last: Failure | None = None
    for gateway in gateways:
        if not call.is_emergency:
            bar = board.reach.bar(delivery.snapshot, gateway.sbc)
            if bar is not None:
                call.note(Step(f"{gateway.sbc} is passed over", bar))
                continue
        call.story.gateway = gateway.sbc
        outcome = await _try_ways(board, delivery, gateway, progress_s)
        match outcome:
            case Answered(leg=peer):
                return peer
            case Unanswered():
                return _Unreached(Reason.NOT_ANSWERED, Reason.NOT_ANSWERED.sip_status)
            case Silent():
                last = _SILENCE
                why = f"it said nothing for {gateway.failover_after_s:g} s, or nothing after 100"
            case Failed(failure=last):
                why = f"it answered {last.status} {last.phrase}"
                if last.redirects and gateway.follows_redirects and not call.is_emergency:
                    return _Redirected(gateway.sbc, last.redirects)
                if not last.is_silence and last.status not in gateway.failover_codes:
                    if last.status < 400:
                        why = f"{why} was not tried"
                    call.note(Step(f"the call ends with {last.status}", f"{gateway.sbc}: {why}"))
                    break
                if last.is_silence:
                    why = last.phrase or "it cannot be reached"
        board.alarms.gateway_failed(gateway.sbc, last.status)
        call.note(Step(f"{gateway.sbc} is passed over", why))
    if last is None:
        full = bool(gateways)
        reason = Reason.TRUNK_FULL if full else Reason.GATEWAY_TIMEOUT
        return _Unreached(reason, reason.sip_status)
    return _Unreached(_reason_of(last), _told(last.status))


async def _try_ways(
    board: Board, delivery: Delivery, gateway: Gateway, progress_s: float
) -> RingOutcome:
    """Address after address while one is silent or overloaded (RFC 3263 §4.3); together they have
    the gateway's time to give a first sign."""
    call, reach = delivery.call, board.reach
    ways = reach.ways(delivery.snapshot, gateway.sbc)
    caller = delivery.caller_as(gateway.calling)
    outcome: RingOutcome = _NOWHERE
    for place, way in enumerate(ways, start=1):
        outcome = await call.ring(
            delivery.leg,
            [reach.gateway_leg(delivery.snapshot, gateway, caller, way)],
            for_s=OUTBOUND_RING_S_MAX,
            rings=delivery.rings,
            first_sign_s=gateway.failover_after_s / len(ways),
            progress_s=progress_s,
        )
        match outcome:
            case Silent():
                rest_s = OPTIONS_INTERVAL_S if len(ways) > 1 else 0.0
                why = "it is silent"
            case Failed(failure=failure) if failure.is_silence:
                rest_s = OPTIONS_INTERVAL_S if len(ways) > 1 else 0.0
                why = "it cannot be reached"
                outcome = Failed(replace(failure, phrase=""))
            case Failed(failure=failure) if failure.status == 503:
                rest_s = failure.retry_after_s or 0.0
                why = "it answered 503"
            case _:
                return outcome
        if rest_s:
            reach.rest(way, rest_s)
        if place < len(ways):
            call.note(Step(f"{gateway.sbc} is tried at its next address", f"{way}: {why}"))
    return outcome


def _told(status: int) -> int:
    """What the caller's phone hears of a gateway's answer; some of them make no sense to it."""
    is_between_us = status < 400 or status in (401, 407)
    return Reason.GATEWAY_REFUSED.sip_status if is_between_us else status


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
