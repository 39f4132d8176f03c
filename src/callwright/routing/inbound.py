"""Calls from the public network: a number of ours, or nothing (SPEC 2.4, 3.9)."""

from datetime import datetime

from callwright.domains.credits.model import Rate
from callwright.domains.credits.rules import allows_toll_free_inbound
from callwright.domains.numbers.model import ResourceAccount
from callwright.domains.pstn.rules import translate
from callwright.kernel.decision import Decision
from callwright.kernel.e164 import E164
from callwright.kernel.ids import ResourceAccountId
from callwright.kernel.limits import NAME_CHARS_MAX
from callwright.kernel.money import Money
from callwright.kernel.reason import Reason
from callwright.kernel.target import ToAttendant, ToQueue
from callwright.routing.normalise import is_diallable, without_separators
from callwright.routing.request import (
    Destination,
    FromSbc,
    JoinQueue,
    LiveState,
    RingUser,
    StartAttendant,
)
from callwright.routing.rights import may_answer, may_use_pstn
from callwright.routing.snapshot import Snapshot
from callwright.routing.trail import Trail


def route_inbound(
    snapshot: Snapshot,
    origin: FromSbc,
    dialled: str,
    *,
    now: datetime,
    live: LiveState,
    trail: Trail,
) -> Decision[Destination]:
    """Finds who has the number. Nothing from outside ever leaves again: no toll-fraud relay."""
    number = _called_number(snapshot, origin, dialled, trail)
    if number is None:
        return trail.refuse(Reason.NUMBER_UNKNOWN, f"{dialled} is not a number with a plus")
    caller = live.emergency_callbacks.get(number)
    if caller is not None and caller in snapshot.users:
        trail.note(f"the call goes to {caller}", f"{number} was shown in an emergency call")
        return trail.decide(RingUser(caller, number, is_emergency_callback=True))
    user_id = snapshot.user_by_number.get(number)
    if user_id is not None:
        allowance = may_use_pstn(snapshot, snapshot.users[user_id], now)
        if allowance.reason is not None:
            return trail.refuse(allowance.reason, f"{number} is assigned: {allowance.because}")
        trail.note(f"the call goes to {user_id}", f"{number} is assigned to the user")
        return trail.decide(RingUser(user_id, number))
    account_id = snapshot.resource_account_by_number.get(number)
    if account_id is not None:
        return _answer_service(snapshot, account_id, number, now=now, live=live, trail=trail)
    return trail.refuse(Reason.NUMBER_UNKNOWN, f"{number} is assigned to nobody")


def is_emergency_callback(
    snapshot: Snapshot, origin: FromSbc, dialled: str, live: LiveState
) -> bool:
    """Whether `route_inbound` brings the call to somebody who called for help a while ago."""
    number = _called_number(snapshot, origin, dialled, Trail())
    return number is not None and number in live.emergency_callbacks


def start_service(
    snapshot: Snapshot,
    account: ResourceAccount,
    *,
    now: datetime,
    trail: Trail,
    rate: Rate | None = None,
) -> Decision[Destination]:
    """Hands the call to what the resource account answers with, if it may answer (row 8)."""
    allowance = may_answer(snapshot, account, now)
    if allowance.reason is not None:
        return trail.refuse(allowance.reason, allowance.because)
    match account.answers:
        case ToAttendant(attendant=attendant):
            trail.note(f"auto attendant {attendant} answers", f"resource account {account.id}")
            return trail.decide(StartAttendant(attendant, account.id, rate))
        case ToQueue(queue=queue):
            trail.note(f"call queue {queue} takes the call", f"resource account {account.id}")
            return trail.decide(JoinQueue(queue, account.id, rate))


def _called_number(snapshot: Snapshot, origin: FromSbc, dialled: str, trail: Trail) -> E164 | None:
    """By the SBC's rules alone: the country's dialling habits are not applied here (row 60)."""
    called = without_separators(dialled)
    if not is_diallable(called) or len(called) > NAME_CHARS_MAX:
        return None
    translated = translate(snapshot.sbcs[origin.sbc].inbound_called, called)
    if translated is not None:
        trail.note(f"{called} becomes {translated.number}", f"inbound rule of {origin.sbc}")
        called = translated.number
    return E164.parse_or_none(called)


def _answer_service(
    snapshot: Snapshot,
    account_id: ResourceAccountId,
    number: E164,
    *,
    now: datetime,
    live: LiveState,
    trail: Trail,
) -> Decision[Destination]:
    account = snapshot.resource_accounts[account_id]
    credits = snapshot.credits
    if credits is None or not snapshot.inventory.is_toll_free(number):
        return start_service(snapshot, account, now=now, trail=trail)
    rate = credits.toll_free_inbound
    available = live.available or Money.zero(credits.currency)
    if not allows_toll_free_inbound(rate, available):
        return trail.refuse(
            Reason.CREDITS_EXHAUSTED, f"{number} is toll-free, and {available} is there to pay"
        )
    trail.note(f"the organisation pays for the call to {number}", "the number is toll-free")
    return start_service(snapshot, account, now=now, trail=trail, rate=rate)
