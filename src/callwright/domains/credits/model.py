"""The tariff and the wallet's settings (SPEC 7)."""

from dataclasses import dataclass

from callwright.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Rate:
    """What a destination costs: once at the answer, then per started increment."""

    prefix: str
    """``+`` and digits; the longest matching prefix wins."""
    per_minute: Money
    connect: Money
    increment_s: int = 60

    @property
    def is_free(self) -> bool:
        return self.per_minute.micros == 0 and self.connect.micros == 0


@dataclass(frozen=True, slots=True)
class AutoRecharge:
    below: Money
    add: Money
    by: str | None
    """Name of a payment provider; None only notifies."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The wallet at one instant."""

    balance: Money
    """What was paid in less what calls have cost."""
    available: Money
    """The balance less what running calls have reserved."""


@dataclass(frozen=True, slots=True)
class Credits:
    currency: str
    opening_balance: Money
    rates: tuple[Rate, ...]
    toll_free_inbound: Rate | None
    auto_recharge: AutoRecharge | None
