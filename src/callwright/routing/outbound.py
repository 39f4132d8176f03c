"""Calls to the public network: permission, route, gateways, numbers as each SBC wants them."""

from datetime import datetime

from callwright.domains.numbers.model import NumberSource
from callwright.domains.policies.rules import Level
from callwright.domains.pstn.model import Sbc
from callwright.domains.pstn.rules import demoted, match_routes, order_sbcs
from callwright.kernel.decision import Decision, Step
from callwright.kernel.e164 import E164
from callwright.kernel.policy import PolicyKind
from callwright.kernel.reason import Reason
from callwright.kernel.value import value
from callwright.routing.authorise import Denial, authorise
from callwright.routing.identify import Account, account_of
from callwright.routing.policies import resolved_policy
from callwright.routing.presented import gateway_of, shown_caller
from callwright.routing.request import (
    Destination,
    FromUser,
    LiveState,
    OnBehalf,
    Origin,
    PlaceOutbound,
)
from callwright.routing.rights import Allowance, may_use_pstn, source_of
from callwright.routing.snapshot import Snapshot
from callwright.routing.trail import Trail


@value
class _Way:
    """By which SBCs a call leaves, and whose they are."""

    sbcs: tuple[Sbc, ...]
    carrier: NumberSource
    step: Step


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
    bystander = _bystander_bar(snapshot, origin, now)
    if bystander is not None and bystander.reason is not None:
        return trail.refuse(bystander.reason, f"who called: {bystander.because}", number=number)
    way = _choose_way(snapshot, account, number, live)
    permit = authorise(
        snapshot, account, number, carrier=way.carrier, now=now, live=live, trail=trail
    )
    if isinstance(permit, Denial):
        return trail.refuse(permit.reason, permit.because, number=number)
    trail.note(way.step.what, way.step.because)
    if not way.sbcs:
        return trail.refuse(Reason.NO_ROUTE, number=number)
    assert account is not None
    shown = shown_caller(snapshot, origin, account, trail)
    gateways = tuple(gateway_of(snapshot, sbc, number, shown, account, origin) for sbc in way.sbcs)
    queue = origin.queue if isinstance(origin, FromUser) else None
    return trail.decide(PlaceOutbound(number, shown.number, gateways, permit.rate, queue))


def _bystander_bar(snapshot: Snapshot, origin: Origin, now: datetime) -> Allowance | None:
    """A user who may not call out does not reach the public network through an attendant either;
    None: nobody of ours called."""
    if isinstance(origin, OnBehalf) and origin.resource_account is not None:
        user = None if origin.caller is None else snapshot.users.get(origin.caller)
        if user is not None:
            return may_use_pstn(snapshot, user, now)
    return None


def _choose_way(snapshot: Snapshot, account: Account | None, number: E164, live: LiveState) -> _Way:
    """The routes of the routing policy; where none matches, the carrier that the caller's number
    is from (SPEC 2.6; row 52)."""
    holder = None if account is None else account.line
    resolved = resolved_policy(snapshot, PolicyKind.ROUTING, holder)
    policy = snapshot.routing_policies.get(resolved.policy)
    matched = None if policy is None else match_routes(policy, snapshot.routes_by_usage, number)
    if matched is not None:
        sbcs = order_sbcs(
            matched.routes, snapshot.sbcs, unhealthy=live.unhealthy_sbcs, seed=live.shuffle_seed
        )
        names = ", then ".join(route.name for route in matched.routes)
        because = f"usage {matched.usage}: route {names}"
        if resolved.level is not Level.GLOBAL:
            because += f", policy {resolved.policy} ({resolved.because})"
        return _Way(sbcs, NumberSource.DIRECT_ROUTING, Step(_leaves(number, sbcs), because))
    source = None if holder is None else source_of(snapshot, holder)
    carriers = _carriers(snapshot, source, live)
    if source is not None and carriers:
        because = f"no route matches, and the caller's number is a {source.value} number"
        return _Way(carriers, source, Step(_leaves(number, carriers), because))
    why = f"no route of policy {resolved.policy} matches {number}; {resolved.because}"
    return _Way((), NumberSource.DIRECT_ROUTING, Step("no voice route is found", why))


def _carriers(snapshot: Snapshot, source: NumberSource | None, live: LiveState) -> tuple[Sbc, ...]:
    named = () if source is None else snapshot.carrier_sbcs(source)
    enabled = (snapshot.sbcs[sbc] for sbc in named if snapshot.sbcs[sbc].enabled)
    return demoted(enabled, unhealthy=live.unhealthy_sbcs)


def _leaves(number: E164, sbcs: tuple[Sbc, ...]) -> str:
    through = ", then ".join(sbc.id for sbc in sbcs) or "no SBC that is enabled"
    return f"{number} leaves through {through}"
