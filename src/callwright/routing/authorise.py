"""May this account call that number, and at what price (SPEC 1.3, 7)."""

from dataclasses import dataclass
from datetime import datetime

from callwright.domains.credits.model import Rate
from callwright.domains.credits.rules import first_reservation, is_affordable
from callwright.domains.licences.model import Right
from callwright.domains.licences.rules import Grant
from callwright.domains.numbers.countries import fits_country
from callwright.domains.numbers.model import NumberSource
from callwright.domains.policies.model import OutboundCalls
from callwright.domains.policies.rules import outbound_bar
from callwright.kernel.e164 import E164
from callwright.kernel.money import Money
from callwright.kernel.policy import PolicyKind
from callwright.kernel.reason import Reason
from callwright.kernel.value import value
from callwright.routing.identify import Account
from callwright.routing.policies import calling_policy, country_of, resolved_policy
from callwright.routing.request import LiveState
from callwright.routing.rights import has_right
from callwright.routing.snapshot import Snapshot
from callwright.routing.trail import Trail


@value
class Permit:
    """The call may leave; ``rate`` is None where nothing is to be paid: the organisation has no
    credits, or a calling plan covers the call."""

    rate: Rate | None


@dataclass(frozen=True, slots=True)
class Denial:
    reason: Reason
    because: str


def authorise(
    snapshot: Snapshot,
    account: Account | None,
    number: E164,
    *,
    carrier: NumberSource,
    now: datetime,
    live: LiveState,
    trail: Trail,
) -> Permit | Denial:
    """Asks licence, policy, plan, price and balance, in this order; free calls need no money.

    ``carrier``: who would carry the call; the minutes of a calling plan are its own carrier's.
    """
    if account is None:
        return Denial(Reason.NO_PHONE_LICENCE, "nobody of the organisation stands behind the call")
    if account.calling.reason is not None:
        return Denial(account.calling.reason, account.calling.because)
    barred = _barred(snapshot, account, number)
    if barred is not None:
        return barred
    spending = account.spending
    if carrier is NumberSource.CALLING_PLAN:
        plan = _plan(snapshot, account, number, now)
        if plan.is_given:
            trail.note(f"the calling plan pays for {number}", f"{account.name} {plan.because}")
            return Permit(None)
        if snapshot.tariff is None:
            return Denial(Reason.NO_CALLING_PLAN, f"{account.name} {plan.because}")
        trail.note(f"no calling plan pays for {number}", f"{account.name} {plan.because}")
        if not spending.is_given:
            spending = _pay_as_you_go(snapshot, account, now)
    return _pay(snapshot, account.name, spending, number, live=live, trail=trail)


def _barred(snapshot: Snapshot, account: Account, number: E164) -> Denial | None:
    """By the calling policy, which looks at the country only where it must."""
    policy = calling_policy(snapshot, account.holder)
    country = country_of(snapshot, account.holder)
    is_domestic = policy.outbound is not OutboundCalls.DOMESTIC or fits_country(number, country)
    reason = outbound_bar(policy, is_domestic=is_domestic)
    if reason is None:
        return None
    resolved = resolved_policy(snapshot, PolicyKind.CALLING, account.holder)
    allowed = f"allows {account.name} outbound: {policy.outbound.value}"
    return Denial(reason, f"calling policy {resolved.policy} ({resolved.because}) {allowed}")


def _plan(snapshot: Snapshot, account: Account, number: E164, now: datetime) -> Grant:
    """Whether the account's calling plan covers the destination."""
    is_domestic = fits_country(number, country_of(snapshot, account.holder))
    return has_right(snapshot, account.line, plan_right(is_domestic=is_domestic), now)


def plan_right(*, is_domestic: bool) -> Right:
    """What a calling plan has to grant for such a call."""
    return Right.DOMESTIC_PLAN if is_domestic else Right.INTERNATIONAL_PLAN


def _pay_as_you_go(snapshot: Snapshot, account: Account, now: datetime) -> Grant:
    """A plan without minutes: its calls cost money, and the plan says that they may."""
    plan = has_right(snapshot, account.line, Right.PAY_AS_YOU_GO, now)
    return plan if plan.is_given else account.spending


def _pay(
    snapshot: Snapshot,
    payer: str,
    spending: Grant,
    number: E164,
    *,
    live: LiveState,
    trail: Trail,
) -> Permit | Denial:
    if snapshot.tariff is None:
        return Permit(None)
    rate = snapshot.tariff.rate_for(number)
    if rate is None:
        return Denial(Reason.NO_RATE, f"no rate of the tariff begins like {number}")
    if rate.is_free:
        trail.note(f"{number} is free", f"rate {rate.prefix}")
        return Permit(rate)
    if not spending.is_given:
        return Denial(Reason.NO_CREDITS_LICENCE, f"{payer} {spending.because}")
    needed = first_reservation(rate)
    available = live.available or Money.zero(needed.currency)
    if not is_affordable(rate, available):
        return Denial(
            Reason.CREDITS_EXHAUSTED, f"the call needs {needed} to begin, {available} is there"
        )
    trail.note(f"{number} costs {price_text(rate)}", f"rate {rate.prefix}")
    return Permit(rate)


def price_text(rate: Rate) -> str:
    """``0.02 USD per minute and 0.01 USD to connect``."""
    text = f"{rate.per_minute} {rate.per_minute.currency} per minute"
    if rate.connect.micros:
        text += f" and {rate.connect} {rate.connect.currency} to connect"
    return text
