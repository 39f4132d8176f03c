"""Where a call goes: the one decision that real calls, forwards, menu keys and `explain` share.

emergency number          before everything, for users
extension, name, account  inside
dial plan, country rules  to E.164
number of ours            inside, whoever has it (SPEC 3.9)
any other number          licence, price, balance, route (`outbound`)
from an SBC               a number of ours or nothing (`inbound`)
from a web page           a service that names the page or nothing (`visitors`)
"""

from datetime import datetime
from typing import assert_never

from callwright.domains.directory.rules import find_user
from callwright.domains.emergency.rules import is_emergency
from callwright.kernel.decision import Decision
from callwright.kernel.e164 import LineNumber
from callwright.kernel.ids import ResourceAccountId
from callwright.kernel.limits.configuration import NAME_CHARS_MAX
from callwright.kernel.reason import Reason
from callwright.kernel.target import (
    Disconnect,
    Target,
    ToAttendant,
    ToExternal,
    ToGroup,
    ToQueue,
    ToUser,
    ToVoicemail,
)
from callwright.routing.agent_codes import find_agent_act
from callwright.routing.emergency import route_emergency
from callwright.routing.identify import acting_user, holder_of
from callwright.routing.inbound import route_inbound
from callwright.routing.lines import UserLine, find_holder, find_treatment, treat
from callwright.routing.mailboxes import find_own_mailbox
from callwright.routing.normalise import (
    apply_dial_plan,
    extension_of,
    is_diallable,
    to_e164,
    without_separators,
)
from callwright.routing.on_behalf import choose_number
from callwright.routing.outbound import place_outbound
from callwright.routing.policies import country_of, dial_plan
from callwright.routing.request import (
    CallRequest,
    Destination,
    FromPage,
    FromSbc,
    FromUser,
    JoinQueue,
    LeaveVoicemail,
    LiveState,
    OnBehalf,
    RingGroup,
    RingUser,
    StartAttendant,
)
from callwright.routing.rights import may_call
from callwright.routing.schedule_switches import find_switch
from callwright.routing.services import start_service
from callwright.routing.snapshot import Snapshot
from callwright.routing.supervision import find_supervised
from callwright.routing.trail import Trail
from callwright.routing.visitors import route_visitor

FORWARDED_TOO_OFTEN = Trail().refuse(Reason.LOOP)
"""Of a call that was sent on FORWARDS_MAX times."""


def route_call(
    snapshot: Snapshot, request: CallRequest, *, now: datetime, live: LiveState
) -> Decision[Destination]:
    """Decides what was dialled; ``now`` is the instant (UTC) of the request.

    A string dialled by somebody outside (a transfer by the far end of a trunk call) reaches what
    is inside only: money is spent by users and by configured targets (``route_target``).
    """
    trail = Trail()
    origin = request.origin
    if isinstance(origin, FromSbc):
        if origin.sbc not in snapshot.sbcs:
            return trail.refuse(Reason.SOURCE_UNKNOWN)
        return route_inbound(snapshot, origin, request.dialled, now=now, live=live, trail=trail)
    if isinstance(origin, FromPage):
        return route_visitor(snapshot, origin, request.dialled, now=now, trail=trail)
    if isinstance(origin, FromUser):
        if origin.user not in snapshot.users:
            return trail.refuse(Reason.SOURCE_UNKNOWN, f"{origin.user} is no user any longer")
        chosen = choose_number(snapshot, CallRequest(origin, request.dialled), trail)
        if isinstance(chosen, Reason):
            return trail.refuse(chosen)
        request = chosen
        assert isinstance(request.origin, FromUser), "who calls does not change"
        origin = request.origin
    elif origin.user is None:
        origin = OnBehalf(None, None, origin.calling)
    return _route_dialled(snapshot, origin, request.dialled, now=now, live=live, trail=trail)


def route_target(
    snapshot: Snapshot, target: Target, origin: OnBehalf, *, now: datetime, live: LiveState
) -> Decision[Destination]:
    """Decides a forward, a menu key or an exception, on the account that ``origin`` names."""
    trail = Trail()
    match target:
        case ToExternal(number=number):
            line = LineNumber(number)
            return _route_number(snapshot, origin, line, now=now, live=live, trail=trail)
        case ToUser(user=user):
            if user in snapshot.users:
                trail.note(f"the call goes to {user}", "a rule names the user")
                return trail.decide(RingUser(user, None))
        case ToGroup(group=group):
            if group in snapshot.groups:
                trail.note(f"the call goes to group {group}", "a rule names the group")
                return trail.decide(RingGroup(group))
        case ToQueue(queue=queue, priority=priority):
            if queue in snapshot.queues:
                trail.note(f"the call goes to queue {queue}", "a rule names the queue")
                return trail.decide(JoinQueue(queue, None, priority=priority))
        case ToAttendant(attendant=attendant, priority=priority):
            if attendant in snapshot.attendants:
                trail.note(f"the call goes to attendant {attendant}", "a rule names the attendant")
                return trail.decide(StartAttendant(attendant, None, priority=priority))
        case ToVoicemail(mailbox=mailbox) as left:
            if mailbox in snapshot.mailboxes:
                trail.note(f"the call goes to voicemail of {mailbox}", "a rule names the mailbox")
                return trail.decide(
                    LeaveVoicemail(mailbox, left.is_transcribed, left.skips_greeting)
                )
        case Disconnect():
            return trail.refuse(Reason.CALLEE_DECLINED, "a rule ends the call here")
        case _:
            assert_never(target)
    return trail.refuse(Reason.ADDRESS_UNKNOWN, f"{target} does not exist any longer")


def _route_dialled(
    snapshot: Snapshot,
    origin: FromUser | OnBehalf,
    dialled: str,
    *,
    now: datetime,
    live: LiveState,
    trail: Trail,
) -> Decision[Destination]:
    digits = without_separators(dialled)
    holder = holder_of(snapshot, origin)
    emergency = _try_emergency(snapshot, origin, digits, live=live, trail=trail)
    if emergency is not None:
        return emergency
    own = find_own_mailbox(snapshot, origin, digits, trail)
    if own is not None:
        return trail.decide(own)
    barred = may_call(snapshot, holder)
    if barred.reason is not None:
        return trail.refuse(barred.reason, barred.because)
    supervised = find_supervised(snapshot, origin, digits, trail)
    if supervised is not None:
        return trail.decide(supervised)
    switch = find_switch(snapshot, origin, digits, trail)
    if switch is not None:
        return switch
    act = find_agent_act(snapshot, origin, digits, trail)
    if act is not None:
        return act
    if len(dialled) > NAME_CHARS_MAX:
        return trail.refuse(Reason.ADDRESS_UNKNOWN, "no name and no number is so long")
    for address in (dialled,) if dialled == digits else (dialled, digits):
        inside = _find_inside(snapshot, address, now=now, trail=trail)
        if inside is not None:
            return inside
    if not is_diallable(digits):
        return trail.refuse(Reason.ADDRESS_UNKNOWN, f"nobody is called {dialled}")
    planned = apply_dial_plan(dial_plan(snapshot, holder), digits, trail)
    if planned != digits:
        found = _try_emergency(snapshot, origin, planned, live=live, trail=trail)
        found = found or _find_inside(snapshot, planned, now=now, trail=trail)
        if found is not None:
            return found
    number = to_e164(country_of(snapshot, holder), planned, trail)
    line = LineNumber.of(number, extension_of(dialled))
    if line is None:
        return trail.refuse(Reason.ADDRESS_UNKNOWN, f"{planned} is no extension and no number")
    return _route_number(snapshot, origin, line, now=now, live=live, trail=trail)


def _try_emergency(
    snapshot: Snapshot, origin: FromUser | OnBehalf, digits: str, *, live: LiveState, trail: Trail
) -> Decision[Destination] | None:
    emergency, user = snapshot.emergency, acting_user(snapshot, origin)
    if emergency is None or user is None or not is_emergency(emergency, digits):
        return None
    caller = snapshot.users[user]
    return route_emergency(snapshot, emergency, caller, digits, live=live, trail=trail)


def _find_inside(
    snapshot: Snapshot, address: str, *, now: datetime, trail: Trail
) -> Decision[Destination] | None:
    """An extension, a user's name or a resource account's name, exactly."""
    user = find_user(address, users=snapshot.users, by_extension=snapshot.user_by_extension)
    if user is not None:
        kind = "the name of a user" if address == user else "a user's extension"
        trail.note(f"the call goes to {user}", f"{address} is {kind}")
        return trail.decide(RingUser(user, None))
    account = snapshot.resource_accounts.get(ResourceAccountId(address))
    return None if account is None else start_service(snapshot, account, now=now, trail=trail)


def _route_number(
    snapshot: Snapshot,
    origin: FromUser | OnBehalf,
    line: LineNumber,
    *,
    now: datetime,
    live: LiveState,
    trail: Trail,
) -> Decision[Destination]:
    """A number of ours stays inside, licensed or not (row 28), unless it skips that (row 29); any
    other one leaves."""
    number = line.base
    found = snapshot.inventory.find(number)
    holder = find_holder(snapshot, line, trail)
    if holder is not None and found is not None and found.skips_internal:
        trail.note(f"{number} is called from outside", "reverse_lookup: skip-internal")
        return place_outbound(snapshot, origin, number, now=now, live=live, trail=trail)
    if isinstance(holder, UserLine):
        trail.note(f"the call goes to {holder.user}", f"{line} is ours, and such calls stay inside")
        return trail.decide(RingUser(holder.user, number, is_private_line=holder.is_private))
    if holder is not None:
        return start_service(snapshot, holder, now=now, trail=trail)
    caller = live.emergency_callbacks.get(number)
    if caller is not None and caller in snapshot.users:
        trail.note(f"the call goes to {caller}", f"{number} was shown in an emergency call")
        return trail.decide(RingUser(caller, number))
    treatment = find_treatment(snapshot, line, trail)
    if treatment is not None:
        return treat(snapshot, treatment, line, now=now, trail=trail)
    if found is not None:
        return trail.refuse(Reason.NUMBER_UNKNOWN, f"{number} is ours and assigned to nobody")
    return place_outbound(snapshot, origin, number, now=now, live=live, trail=trail)
