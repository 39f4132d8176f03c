"""Calls to the public network: permission, route, gateways, numbers as each SBC wants them."""

from datetime import datetime

from callwright.domains.licences.model import Sku
from callwright.domains.pstn.model import Sbc
from callwright.domains.pstn.rules import match_routes, order_sbcs
from callwright.kernel.decision import Decision
from callwright.kernel.e164 import E164
from callwright.kernel.ids import UserId
from callwright.kernel.reason import Reason
from callwright.routing.authorise import Denial, authorise
from callwright.routing.identify import account_of
from callwright.routing.presented import gateway_of, presented_number
from callwright.routing.request import (
    Destination,
    LiveState,
    OnBehalf,
    Origin,
    PlaceOutbound,
)
from callwright.routing.snapshot import Snapshot
from callwright.routing.trail import Trail

ROUTING_POLICY = "default"


def place_outbound(
    snapshot: Snapshot,
    origin: Origin,
    number: E164,
    *,
    now: datetime,
    live: LiveState,
    trail: Trail,
) -> Decision[Destination]:
    """Decides an outbound call of a user, a user's forward or an attendant's key."""
    account = account_of(snapshot, origin, now)
    bystander = _unlicensed_caller(snapshot, origin)
    if bystander is not None:
        because = f"{bystander}, who called, has no phone-system licence"
        return trail.refuse(Reason.NO_PHONE_LICENCE, because, number=number)
    permit = authorise(snapshot, account, number, live=live, trail=trail)
    if isinstance(permit, Denial):
        return trail.refuse(permit.reason, permit.because, number=number)
    sbcs = _choose_sbcs(snapshot, number, live=live, trail=trail)
    if not sbcs:
        return trail.refuse(Reason.NO_ROUTE, number=number)
    assert account is not None
    calling = presented_number(snapshot, origin, account)
    gateways = tuple(gateway_of(snapshot, sbc, number, calling, account, origin) for sbc in sbcs)
    return trail.decide(PlaceOutbound(number, calling, gateways, permit.rate))


def _unlicensed_caller(snapshot: Snapshot, origin: Origin) -> UserId | None:
    """A user without licence does not reach the public network through an attendant either."""
    if not isinstance(origin, OnBehalf) or origin.resource_account is None:
        return None
    user = None if origin.caller is None else snapshot.users.get(origin.caller)
    if user is None or Sku.PHONE_SYSTEM.value in user.licences:
        return None
    return user.id


def _choose_sbcs(
    snapshot: Snapshot, number: E164, *, live: LiveState, trail: Trail
) -> tuple[Sbc, ...]:
    policy = snapshot.routing_policies.get(ROUTING_POLICY)
    if policy is None:
        return ()
    matched = match_routes(policy, snapshot.routes_by_usage, number)
    if matched is None:
        trail.note("no voice route is found", f"no route of policy {policy.name} matches {number}")
        return ()
    sbcs = order_sbcs(
        matched.routes, snapshot.sbcs, unhealthy=live.unhealthy_sbcs, seed=live.shuffle_seed
    )
    names = ", then ".join(route.name for route in matched.routes)
    through = ", then ".join(sbc.id for sbc in sbcs) or "no SBC that is enabled"
    trail.note(f"{number} leaves through {through}", f"usage {matched.usage}: route {names}")
    return sbcs
