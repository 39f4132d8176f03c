"""Which policies a user or resource account has, by the one resolver that everything asks."""

from callwright.domains.directory.model import User
from callwright.domains.numbers.model import ResourceAccount
from callwright.domains.policies.model import CallerIdPolicy, CallingPolicy
from callwright.domains.policies.rules import GroupPolicy, Resolved, resolve
from callwright.domains.policies.shared_calling import SharedCallingPolicy
from callwright.domains.pstn.model import DialPlan, RoutingPolicy
from callwright.kernel.policy import PolicyKind
from callwright.routing.snapshot import Snapshot

Holder = User | ResourceAccount
"""Who can be given a policy."""

_CALLING, _CALLER_ID = CallingPolicy(), CallerIdPolicy()
_EVERYBODYS = resolve()


def resolved_policy(snapshot: Snapshot, kind: PolicyKind, holder: Holder | None) -> Resolved:
    """Returns the name of the policy that counts for ``holder``, and why.

    None (a call that nobody here makes) has what everybody has.
    """
    if holder is None or holder.id not in snapshot.given_policies:
        return _EVERYBODYS  # as nearly always, and a call asks nine times
    number = _number_policy(snapshot, holder) if kind is PolicyKind.CALLER_ID else None
    giving = snapshot.giving_groups.get(holder.id) if isinstance(holder, User) else None
    groups = [GroupPolicy(g.id, g.policies[kind]) for g in giving or () if kind in g.policies]
    return resolve(number=number, direct=holder.policies.get(kind), groups=groups)


def _number_policy(snapshot: Snapshot, holder: Holder) -> tuple[str, str] | None:
    if holder.number is None:
        return None
    found = snapshot.inventory.find(holder.number)
    if found is None or found.caller_id_policy is None:
        return None
    return holder.number, found.caller_id_policy


def calling_policy(snapshot: Snapshot, holder: Holder | None) -> CallingPolicy:
    return resolved_calling(snapshot, holder)[0]


def resolved_calling(snapshot: Snapshot, holder: Holder | None) -> tuple[CallingPolicy, Resolved]:
    """Returns the calling policy, and why it is that one."""
    resolved = resolved_policy(snapshot, PolicyKind.CALLING, holder)
    return snapshot.calling_policies.get(resolved.policy, _CALLING), resolved


def caller_id_policy(snapshot: Snapshot, holder: Holder | None) -> CallerIdPolicy:
    return resolved_caller_id(snapshot, holder)[0]


def resolved_caller_id(
    snapshot: Snapshot, holder: Holder | None
) -> tuple[CallerIdPolicy, Resolved]:
    """Returns the caller ID policy, and why it is that one."""
    resolved = resolved_policy(snapshot, PolicyKind.CALLER_ID, holder)
    return snapshot.caller_id_policies.get(resolved.policy, _CALLER_ID), resolved


def routing_policy(snapshot: Snapshot, holder: Holder | None) -> RoutingPolicy | None:
    """Returns None where there is no policy for everybody and the holder has no other one."""
    return snapshot.routing_policies.get(
        resolved_policy(snapshot, PolicyKind.ROUTING, holder).policy
    )


def dial_plan(snapshot: Snapshot, holder: Holder | None) -> DialPlan | None:
    """Returns None where no rule of the organisation's comes before the country's (row 97)."""
    return snapshot.dial_plans.get(resolved_policy(snapshot, PolicyKind.DIAL_PLAN, holder).policy)


def shared_calling_policy(snapshot: Snapshot, user: User) -> SharedCallingPolicy | None:
    """Returns None for who has a number of their own, and where no policy is given (SPEC 3.12)."""
    if user.number is not None or not snapshot.shared_calling_policies:
        return None
    resolved = resolved_policy(snapshot, PolicyKind.SHARED_CALLING, user)
    return snapshot.shared_calling_policies.get(resolved.policy)


def shared_account(snapshot: Snapshot, user: User) -> ResourceAccount | None:
    """Returns the resource account whose number the user shares; None: the user shares none."""
    policy = shared_calling_policy(snapshot, user)
    return None if policy is None else snapshot.resource_accounts.get(policy.resource_account)


def country_of(snapshot: Snapshot, holder: Holder | None) -> str:
    """Returns the usage location, which decides what is domestic (SPEC 1.5)."""
    return (holder.country if holder is not None else None) or snapshot.country
