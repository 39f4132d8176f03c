"""Calls from the public network: a number of ours, or nothing (SPEC 2.4, 3.9)."""

from dataclasses import dataclass
from datetime import datetime

from callwright.domains.credits.model import Rate
from callwright.domains.credits.rules import allows_toll_free_inbound
from callwright.domains.pstn.rules import translate
from callwright.kernel.decision import Decision
from callwright.kernel.e164 import E164, LineNumber
from callwright.kernel.limits.configuration import NAME_CHARS_MAX
from callwright.kernel.money import Money
from callwright.kernel.reason import Reason
from callwright.routing.lines import UserLine, find_holder, find_treatment, treat
from callwright.routing.normalise import extension_of, is_diallable, without_separators
from callwright.routing.request import Destination, FromSbc, LiveState, RingUser
from callwright.routing.rights import may_use_pstn
from callwright.routing.services import start_service
from callwright.routing.snapshot import Snapshot
from callwright.routing.trail import Trail


@dataclass(frozen=True, slots=True)
class Unaffordable:
    """The organisation would have to pay for the call and cannot."""

    because: str


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
    line = _called_line(snapshot, origin, dialled, trail)
    if line is None:
        return trail.refuse(Reason.NUMBER_UNKNOWN, f"{dialled} is not a number with a plus")
    number = line.base
    caller = live.emergency_callbacks.get(number)
    if caller is not None and caller in snapshot.users:
        trail.note(f"the call goes to {caller}", f"{number} was shown in an emergency call")
        return trail.decide(RingUser(caller, number, is_emergency_callback=True))
    holder = find_holder(snapshot, line, trail)
    if isinstance(holder, UserLine):
        return _ring_holder(snapshot, holder, line, now=now, trail=trail)
    treatment = find_treatment(snapshot, line, trail) if holder is None else None
    if holder is None and treatment is None:
        return trail.refuse(Reason.NUMBER_UNKNOWN, f"{number} is assigned to nobody")
    bill = _bill(snapshot, number, live=live, trail=trail)
    if isinstance(bill, Unaffordable):
        return trail.refuse(Reason.CREDITS_EXHAUSTED, bill.because)
    if treatment is not None:
        return treat(snapshot, treatment, line, now=now, trail=trail, rate=bill)
    assert holder is not None, "somebody has the number, or a treatment applies"
    return start_service(snapshot, holder, now=now, trail=trail, rate=bill)


def _ring_holder(
    snapshot: Snapshot, holder: UserLine, line: LineNumber, *, now: datetime, trail: Trail
) -> Decision[Destination]:
    user = holder.user
    allowance = may_use_pstn(snapshot, snapshot.users[user], now)
    if allowance.reason is not None:
        return trail.refuse(allowance.reason, f"{line} is assigned: {allowance.because}")
    what = "the user's private line" if holder.is_private else "assigned to the user"
    trail.note(f"the call goes to {user}", f"{line} is {what}")
    return trail.decide(RingUser(user, line.base, is_private_line=holder.is_private))


def is_emergency_callback(
    snapshot: Snapshot, origin: FromSbc, dialled: str, live: LiveState
) -> bool:
    """Whether `route_inbound` brings the call to somebody who called for help a while ago."""
    line = _called_line(snapshot, origin, dialled, Trail())
    return line is not None and line.base in live.emergency_callbacks


def _called_line(
    snapshot: Snapshot, origin: FromSbc, dialled: str, trail: Trail
) -> LineNumber | None:
    """By the SBC's rules alone: the country's dialling habits are not applied here (row 60)."""
    called, extension = without_separators(dialled), extension_of(dialled)
    if not is_diallable(called) or len(called) > NAME_CHARS_MAX:
        return None
    translated = translate(snapshot.sbcs[origin.sbc].inbound_called, called)
    if translated is not None:
        trail.note(f"{called} becomes {translated.number}", f"inbound rule of {origin.sbc}")
        called = translated.number
    line = LineNumber.parse_or_none(called)
    if line is None or line.extension is not None:
        return line  # a rule may name the line itself
    return LineNumber.of(line.base, extension)


def _bill(
    snapshot: Snapshot, number: E164, *, live: LiveState, trail: Trail
) -> Rate | Unaffordable | None:
    """What the organisation pays for the call; None: nothing."""
    credits = snapshot.credits
    if credits is None or not snapshot.inventory.is_toll_free(number):
        return None
    rate = credits.toll_free_inbound
    available = live.available or Money.zero(credits.currency)
    if not allows_toll_free_inbound(rate, available):
        return Unaffordable(f"{number} is toll-free, and {available} is there to pay")
    trail.note(f"the organisation pays for the call to {number}", "the number is toll-free")
    return rate
