"""Which number of a caller a trunk gets, in which field, and what we vouch for (ADR 0017)."""

from callwright.domains.pstn.model import Sbc
from callwright.domains.pstn.rules import rewritten
from callwright.kernel.e164 import E164
from callwright.routing.identify import ANONYMOUS, Account, caller_address
from callwright.routing.request import Claim, FromUser, Gateway, OnBehalf, Origin
from callwright.routing.snapshot import Snapshot


def presented_number(snapshot: Snapshot, origin: Origin, account: Account) -> str:
    """The caller's number; one without a number shows the organisation's (SPEC 3.12, 6.8)."""
    if not isinstance(origin, FromUser):
        original = caller_address(snapshot, origin)
        if original == ANONYMOUS or E164.parse_or_none(original) is not None:
            return original
    return account.number or snapshot.main_number or ANONYMOUS


def gateway_of(
    snapshot: Snapshot, sbc: Sbc, number: E164, calling: str, account: Account, origin: Origin
) -> Gateway:
    """One attempt through ``sbc`` of a call that shows ``calling``.

    With ``forward_pai`` the payer is asserted, hidden from the called party (row 77), and stands
    in for a forwarded caller (row 187). Inside our trust domain the payer, or else the
    organisation, is asserted, and hidden only when the caller wants it (RFC 3325 §5).
    """
    asserted = account.number if sbc.forward_pai or sbc.trusted else None
    if asserted is None and sbc.trusted:
        asserted = snapshot.main_number
    is_private = origin.is_private or calling == ANONYMOUS
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
