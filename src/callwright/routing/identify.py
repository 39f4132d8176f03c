"""Who calls: the SBC behind an address, the number a caller shows, the account that pays."""

import re
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from callwright.domains.directory.model import User
from callwright.domains.directory.rules import shown_address
from callwright.domains.licences.model import Right
from callwright.domains.licences.rules import Grant
from callwright.domains.numbers.model import ResourceAccount
from callwright.domains.pstn.rules import rewritten
from callwright.kernel.addresses import HostPort
from callwright.kernel.e164 import E164
from callwright.kernel.ids import SbcId, UserId
from callwright.kernel.limits.configuration import NAME_CHARS_MAX
from callwright.kernel.value import value
from callwright.routing.normalise import is_diallable, without_separators
from callwright.routing.policies import Holder, shared_account
from callwright.routing.request import FromPage, FromSbc, FromUser, OnBehalf, Origin
from callwright.routing.rights import (
    Allowance,
    has_right,
    may_call,
    may_transfer_out,
    may_use_pstn,
)
from callwright.routing.snapshot import Snapshot
from callwright.sip.certificate_names import speaks_for

ANONYMOUS = "anonymous"
"""User part of a caller that shows no number (RFC 3323 §4.1.1.3)."""
_NAME = re.compile(r"[A-Za-z0-9._~-]+")
"""What stands in a URI, a header, a mail and a record without meaning anything there."""


@value
class Account:
    """On whose rights and money a call leaves the organisation."""

    holder: Holder
    calling: Allowance
    """Whether calls to outside may be made at all."""
    spending: Grant
    """Whether they may cost the organisation money."""
    shares: ResourceAccount | None = None
    """Whose number and plan a user without a number calls with (SPEC 3.12)."""

    @property
    def name(self) -> str:
        return self.holder.id

    @property
    def line(self) -> Holder:
        """Whose number is shown, whose plan pays, and whose routes are used."""
        return self.shares or self.holder

    @property
    def number(self) -> E164 | None:
        return self.line.number


def find_named_sbc(snapshot: Snapshot, names: Sequence[str]) -> SbcId | None:
    """Returns the SBC whose host name the sender's certificate proved (rows 54 and 58), or that of
    the registrar it is registered with; None: it speaks for none of ours."""
    for sbc in snapshot.sbcs.values():
        hosts = [sbc.address.host]
        if sbc.registration is not None:
            hosts.append(sbc.registration.registrar.host)
        if any(speaks_for(names, host) for host in hosts):
            return sbc.id
    return None


def find_sbc(snapshot: Snapshot, source: HostPort) -> SbcId | None:
    """Returns the SBC that sends from ``source``: by address and port as written, or by address
    alone where the file says ``match: address``; None for a stranger."""
    found = snapshot.sbc_by_address.get(source)
    return found or snapshot.sbc_by_host.get(source.host)


def caller_address(snapshot: Snapshot, origin: Origin) -> str:
    """Returns what the called party sees of the caller: number, extension, name, the host of a
    web page, or anonymous."""
    match origin:
        case FromUser(user=user):
            known = snapshot.users.get(user)
            return user if known is None else shown_address(known)
        case FromSbc():
            return _number_from_outside(snapshot, origin)
        case FromPage(page=page):
            return urlsplit(page).hostname or ANONYMOUS
        case OnBehalf(calling=calling):
            return calling


def _number_from_outside(snapshot: Snapshot, origin: FromSbc) -> str:
    """The number by the SBC's rules; what is no number is shown only where it is harmless."""
    calling = without_separators(origin.calling)
    sbc = snapshot.sbcs.get(origin.sbc)
    if len(calling) > NAME_CHARS_MAX:
        return ANONYMOUS
    if is_diallable(calling):
        return calling if sbc is None else rewritten(sbc.inbound_calling, calling)
    return calling if _NAME.fullmatch(calling) else ANONYMOUS


def acting_user(snapshot: Snapshot, origin: Origin) -> UserId | None:
    """Returns the user who calls or for whom a rule sends the call on, when there is one."""
    if isinstance(origin, (FromSbc, FromPage)) or origin.user not in snapshot.users:
        return None
    return origin.user


def holder_of(snapshot: Snapshot, origin: Origin) -> Holder | None:
    """Returns the user or resource account on whose behalf a call goes; None: nobody's here."""
    user = acting_user(snapshot, origin)
    if user is not None:
        return snapshot.users[user]
    if isinstance(origin, OnBehalf) and origin.resource_account is not None:
        return snapshot.resource_accounts.get(origin.resource_account)
    return None


def account_of(snapshot: Snapshot, origin: Origin, now: datetime) -> Account | None:
    """Returns who pays and authorises; None: nobody here does (a call from outside)."""
    holder = holder_of(snapshot, origin)
    match holder:
        case None:
            return None
        case User():
            lender = _lender(snapshot, origin)
            if lender is not None:
                return _lent_account(snapshot, holder, lender, now)
            if snapshot.licence_terms:  # what ends may end from one call to the next
                return _own_account(snapshot, holder, now)
            account = snapshot.accounts.get(holder.id)
            if account is None:
                account = snapshot.accounts[holder.id] = _own_account(snapshot, holder, now)
            return account
        case ResourceAccount():
            allowance = may_transfer_out(snapshot, holder, now)
            return Account(holder, allowance, Grant(True, "spends what the organisation has"))


def _own_account(snapshot: Snapshot, user: User, now: datetime) -> Account:
    calling = _may_call_out(snapshot, user, now)
    shares = shared_account(snapshot, user)
    if shares is not None:
        spending = Grant(True, f"spends through resource account {shares.id}")
        return Account(user, calling, spending, shares)
    return Account(user, calling, has_right(snapshot, user, Right.CREDITS, now))


def _lent_account(
    snapshot: Snapshot, user: User, lender: ResourceAccount, now: datetime
) -> Account:
    calling = _may_call_out(snapshot, user, now)
    if calling.is_given:
        calling = may_transfer_out(snapshot, lender, now)
    spending = Grant(True, f"spends through resource account {lender.id}")
    return Account(user, calling, spending, lender)


def _may_call_out(snapshot: Snapshot, user: User, now: datetime) -> Allowance:
    enabled = may_call(snapshot, user)
    return enabled if not enabled.is_given else may_use_pstn(snapshot, user, now)


def _lender(snapshot: Snapshot, origin: Origin) -> ResourceAccount | None:
    """The resource account on whose behalf an agent calls out (SPEC 5.7)."""
    if not isinstance(origin, FromUser) or origin.on_behalf is None:
        return None
    return snapshot.resource_accounts.get(origin.on_behalf)
