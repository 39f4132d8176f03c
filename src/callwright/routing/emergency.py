"""Emergency calls: before every other rule, never refused for licence, money or policy (SPEC 9)."""

from collections.abc import Collection, Iterable

from callwright.domains.directory.model import User
from callwright.domains.directory.rules import find_user
from callwright.domains.emergency.model import Emergency, Location
from callwright.domains.emergency.rules import find_location, is_emergency
from callwright.domains.policies.shared_calling import LentNumber, lend_emergency_number
from callwright.domains.pstn.model import Sbc
from callwright.domains.pstn.rules import demoted, rewritten
from callwright.kernel.decision import Decision
from callwright.kernel.ids import ResourceAccountId, SbcId
from callwright.kernel.limits.configuration import NAME_CHARS_MAX
from callwright.kernel.reason import Reason
from callwright.routing.identify import ANONYMOUS
from callwright.routing.normalise import apply_dial_plan, is_diallable, without_separators
from callwright.routing.policies import shared_account, shared_calling_policy
from callwright.routing.request import Destination, Gateway, LiveState, PlaceEmergency
from callwright.routing.snapshot import Snapshot
from callwright.routing.trail import Trail

EVERY_FAILURE = frozenset(range(400, 700))
"""Whatever one gateway answers, the next one is tried."""


def is_emergency_call(snapshot: Snapshot, dialled: str) -> bool:
    """Whether a user who dials this calls for help, in any form that some dial plan knows.

    The answer of `routing.route` without the rest of its work: no load and no shutdown refuses
    such a call.
    """
    digits = without_separators(dialled)
    if snapshot.emergency is None or is_emergency(snapshot.emergency, digits):
        return snapshot.emergency is not None
    if len(dialled) > NAME_CHARS_MAX or not is_diallable(digits):
        return False
    if any(_is_inside(snapshot, address) for address in (dialled, digits)):
        return False
    return any(
        is_emergency(snapshot.emergency, apply_dial_plan(plan, digits, Trail()))
        for plan in snapshot.plans_to_short_numbers
    )


def _is_inside(snapshot: Snapshot, address: str) -> bool:
    user = find_user(address, users=snapshot.users, by_extension=snapshot.user_by_extension)
    return user is not None or ResourceAccountId(address) in snapshot.resource_accounts


def route_emergency(
    snapshot: Snapshot,
    emergency: Emergency,
    user: User,
    dial_string: str,
    *,
    live: LiveState,
    trail: Trail,
) -> Decision[Destination]:
    """Sends the dial string as it is, with the location's ELIN where there is one (row 256)."""
    shared = shared_account(snapshot, user)
    named = user.location or (None if shared is None else shared.location)
    location = find_location(emergency, named)
    stand_in = _stand_in(snapshot, user, location, live)
    own = user.number or (None if shared is None else shared.number) or snapshot.main_number
    trail.note(f"{dial_string} is an emergency call", "it is checked before every other rule")
    calling = own or ANONYMOUS if stand_in is None else stand_in.number
    because = _why(location) if stand_in is None else stand_in.because
    trail.note(f"the emergency centre sees {calling}", because)
    sbcs = _every_gateway(snapshot, emergency, unhealthy=live.unhealthy_sbcs)
    if not sbcs:
        return trail.refuse(Reason.EMERGENCY_NO_ROUTE)
    trail.note(f"it leaves through {', then '.join(sbc.id for sbc in sbcs)}", "emergency route")
    gateways = tuple(
        Gateway(
            sbc=sbc.id,
            called=dial_string,
            calling=rewritten(sbc.outbound_calling, calling),
            asserted=user.number,
            failover_after_s=sbc.failover_after_s,
            failover_codes=EVERY_FAILURE,
        )
        for sbc in sbcs
    )
    callback = None if stand_in is None else stand_in.number
    return trail.decide(
        PlaceEmergency(dial_string, gateways, location, user.id, callback, emergency.notify)
    )


def _stand_in(
    snapshot: Snapshot, user: User, location: Location | None, live: LiveState
) -> LentNumber | None:
    """The number that leads back to the caller: the ELIN of the place where the user is known to
    be, a number that shared calling lends, else the ELIN of the place that is assumed."""
    elin = None
    if location is not None and location.elin is not None:
        elin = LentNumber(location.elin, f"ELIN of location {location.id}")
        if location.id == user.location:
            return elin
    policy = shared_calling_policy(snapshot, user)
    lent = policy and lend_emergency_number(policy, user.id, live.emergency_callbacks)
    return lent or elin


def _why(location: Location | None) -> str:
    if location is None:
        return "no location is configured"
    return f"location {location.id} has no ELIN"


def _every_gateway(
    snapshot: Snapshot, emergency: Emergency, *, unhealthy: Collection[SbcId]
) -> tuple[Sbc, ...]:
    """The emergency route's SBCs in order, or all where it names none.

    Unhealthy ones come later and draining ones last: still better than no call.
    """
    named: Iterable[SbcId] = emergency.sbcs or snapshot.sbcs
    known = (snapshot.sbcs[sbc] for sbc in named if sbc in snapshot.sbcs)
    return tuple(sorted(demoted(known, unhealthy=unhealthy), key=lambda sbc: not sbc.enabled))
