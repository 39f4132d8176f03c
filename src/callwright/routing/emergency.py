"""Emergency calls: before every other rule, never refused for licence, money or policy (SPEC 9)."""

from collections.abc import Collection, Iterable

from callwright.domains.directory.model import User
from callwright.domains.directory.rules import find_user
from callwright.domains.emergency.model import Emergency, Location
from callwright.domains.emergency.rules import find_location, is_emergency
from callwright.domains.pstn.model import Sbc
from callwright.domains.pstn.rules import demoted, rewritten
from callwright.kernel.decision import Decision
from callwright.kernel.ids import ResourceAccountId, SbcId
from callwright.kernel.limits import NAME_CHARS_MAX
from callwright.kernel.reason import Reason
from callwright.routing.identify import ANONYMOUS
from callwright.routing.normalise import apply_dial_plan, is_diallable, without_separators
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
    location = find_location(emergency, user.location)
    elin = None if location is None else location.elin
    calling = elin or user.number or snapshot.main_number or ANONYMOUS
    trail.note(f"{dial_string} is an emergency call", "it is checked before every other rule")
    trail.note(f"the emergency centre sees {calling}", _why(location))
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
    return trail.decide(
        PlaceEmergency(dial_string, gateways, location, user.id, elin, emergency.notify)
    )


def _why(location: Location | None) -> str:
    if location is None:
        return "no location is configured"
    if location.elin is None:
        return f"location {location.id} has no ELIN"
    return f"ELIN of location {location.id}"


def _every_gateway(
    snapshot: Snapshot, emergency: Emergency, *, unhealthy: Collection[SbcId]
) -> tuple[Sbc, ...]:
    """The emergency route's SBCs in order, or all where it names none.

    Unhealthy ones come later and draining ones last: still better than no call.
    """
    named: Iterable[SbcId] = emergency.sbcs or snapshot.sbcs
    known = (snapshot.sbcs[sbc] for sbc in named if sbc in snapshot.sbcs)
    return tuple(sorted(demoted(known, unhealthy=unhealthy), key=lambda sbc: not sbc.enabled))
