"""Which number of a caller a trunk gets, in which field, and what we vouch for (ADR 0017)."""

from callwright.domains.policies.model import Substitute
from callwright.domains.pstn.model import Sbc
from callwright.domains.pstn.rules import rewritten
from callwright.kernel.e164 import E164
from callwright.kernel.value import value
from callwright.routing.identify import ANONYMOUS, Account, acting_user, caller_address
from callwright.routing.policies import Holder, resolved_caller_id
from callwright.routing.request import Claim, FromUser, Gateway, OnBehalf, Origin
from callwright.routing.snapshot import Snapshot
from callwright.routing.trail import Trail


@value
class Shown:
    """What the called party is to see of the caller."""

    number: str
    """E.164, or anonymous."""
    name: str | None = None
    is_private: bool = False
    is_substitute: bool = False
    """The number is a resource account's and stands in for the caller's own."""


def shown_caller(snapshot: Snapshot, origin: Origin, account: Account, trail: Trail) -> Shown:
    """The caller's number, or what the caller's policy puts in its place (SPEC 8.7); a caller of
    ours without a number shows the one that he shares, else the organisation's (SPEC 3.12, 6.8).

    Who called from outside and is sent on keeps his own.
    """
    own: str = account.number or snapshot.main_number or ANONYMOUS
    if isinstance(origin, FromUser) and origin.on_behalf is not None:
        trail.note(f"{own} is shown", f"{account.name} calls on behalf of {origin.on_behalf}")
        return Shown(own, is_private=origin.is_private, is_substitute=True)
    if not isinstance(origin, FromUser):
        original = caller_address(snapshot, origin)
        if original == ANONYMOUS or E164.parse_or_none(original) is not None:
            own = original
    elif account.shares is not None:
        trail.note(f"{own} is shown", f"{account.name} shares it with {account.shares.id}")
    colleague = origin.caller if isinstance(origin, OnBehalf) else acting_user(snapshot, origin)
    holder = None if colleague is None else snapshot.users.get(colleague)
    if holder is None:
        return Shown(own, is_private=origin.is_private)
    return _by_policy(snapshot, holder, own, origin.is_private, trail)


def _by_policy(
    snapshot: Snapshot, holder: Holder, own: str, wants_privacy: bool, trail: Trail
) -> Shown:
    policy, resolved = resolved_caller_id(snapshot, holder)
    is_private = wants_privacy and policy.user_may_hide
    if policy.show is Substitute.OWN and is_private == wants_privacy:
        return Shown(own, policy.company_name, is_private)
    because = f"caller ID policy {resolved.policy}: {resolved.because}"
    if wants_privacy and not is_private:
        trail.note("the caller is shown all the same", because)
    if policy.show is Substitute.ANONYMOUS:
        trail.note("the caller is hidden", because)
        return Shown(ANONYMOUS, is_private=True)
    account = policy.resource_account and snapshot.resource_accounts.get(policy.resource_account)
    if policy.show is Substitute.OWN or not account or account.number is None:
        return Shown(own, policy.company_name, is_private)
    trail.note(f"{account.number} of {account.id} is shown", because)
    return Shown(account.number, policy.company_name, is_private, is_substitute=True)


def gateway_of(
    snapshot: Snapshot, sbc: Sbc, number: E164, shown: Shown, account: Account, origin: Origin
) -> Gateway:
    """One attempt through ``sbc`` of a call that shows ``shown``.

    With ``forward_pai`` the payer is asserted, hidden from the called party (row 77), and stands
    in for a forwarded caller (row 187). Inside our trust domain the payer, or else the
    organisation, is asserted, and hidden only when the caller wants it (RFC 3325 §5); a number
    that stands in for the caller's is asserted in its place, for that network may show either.
    """
    calling = shown.number
    asserted: str | None = account.number if sbc.forward_pai or sbc.trusted else None
    if asserted is None and sbc.trusted:
        asserted = snapshot.main_number
    if sbc.trusted and not sbc.forward_pai and shown.is_substitute:
        asserted = calling
    is_private = shown.is_private or calling == ANONYMOUS
    if sbc.forward_pai and asserted is not None:
        is_private = True
        calling = calling if isinstance(origin, FromUser) else asserted
    signed: str | None = asserted if is_private else calling
    return Gateway(
        sbc=sbc.id,
        called=rewritten(sbc.outbound_called, number),
        calling=rewritten(sbc.outbound_calling, calling),
        asserted=asserted,
        failover_after_s=sbc.failover_after_s,
        failover_codes=frozenset(sbc.failover_codes),
        is_private=is_private,
        name=None if is_private else shown.name,
        claim=_claim(snapshot, number, signed, account, origin) if sbc.sign else None,
        follows_redirects=sbc.follows_redirects,
    )


def _claim(
    snapshot: Snapshot, number: E164, signed: str | None, account: Account, origin: Origin
) -> Claim | None:
    """About the number that the message shows, in From or else asserted; None: it shows none."""
    if signed is None:
        return None
    return Claim(signed, number, _attestation(snapshot, signed, account, origin))


def _attestation(snapshot: Snapshot, signed: str, account: Account, origin: Origin) -> str:
    """The payer's number is his own, and so is that of a user of ours who called him."""
    if signed == account.number:
        return "A"
    if isinstance(origin, FromUser):
        return "B"
    caller = origin.caller if isinstance(origin, OnBehalf) else None
    known = None if caller is None else snapshot.users.get(caller)
    if known is None:
        return "C"
    return "A" if signed == known.number else "B"
