"""May this account call that number, and at what price (SPEC 1.3, 7)."""

from dataclasses import dataclass

from callwright.domains.credits.model import Rate
from callwright.domains.credits.rules import first_reservation, is_affordable
from callwright.kernel.e164 import E164
from callwright.kernel.money import Money
from callwright.kernel.reason import Reason
from callwright.routing.identify import Account
from callwright.routing.request import LiveState
from callwright.routing.snapshot import Snapshot
from callwright.routing.trail import Trail


@dataclass(frozen=True, slots=True)
class Permit:
    """The call may leave; ``rate`` is None where the organisation has no credits."""

    rate: Rate | None


@dataclass(frozen=True, slots=True)
class Denial:
    reason: Reason
    because: str


def authorise(
    snapshot: Snapshot, account: Account | None, number: E164, *, live: LiveState, trail: Trail
) -> Permit | Denial:
    """Asks licence, price and balance, in this order; free destinations need no money."""
    if account is None:
        return Denial(Reason.NO_PHONE_LICENCE, "nobody of the organisation stands behind the call")
    if not account.has_phone_system:
        return Denial(Reason.NO_PHONE_LICENCE, f"{account.name} has no phone-system licence")
    if snapshot.tariff is None:
        return Permit(None)
    rate = snapshot.tariff.rate_for(number)
    if rate is None:
        return Denial(Reason.NO_RATE, f"no rate of the tariff begins like {number}")
    if rate.is_free:
        trail.note(f"{number} is free", f"rate {rate.prefix}")
        return Permit(rate)
    if not account.may_spend:
        return Denial(
            Reason.NO_CREDITS_LICENCE, f"{account.name} has no communications-credits licence"
        )
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
