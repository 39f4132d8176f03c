"""What a call costs (SPEC 7): longest prefix, connection fee, started increments.

Everything is exact. The price of one increment is ``per_minute × increment_s ÷ 60``, rounded half
up to a micro-unit once; every charge and reservation is a whole number of those, so that the
slices reserved while a call runs add up to its charge to the last micro-unit. Talk time counts
in milliseconds: 60.000 s is one minute, 60.001 s has started the second.
"""

from collections.abc import Iterable

from callwright.domains.credits.model import Rate
from callwright.kernel.money import Money

SECONDS_PER_MINUTE = 60


class Tariff:
    """The rates, indexed by prefix; built once for a snapshot and never changed."""

    __slots__ = ("_by_prefix", "_lengths")

    def __init__(self, rates: Iterable[Rate]) -> None:
        self._by_prefix = {rate.prefix: rate for rate in rates}
        self._lengths = sorted({len(prefix) for prefix in self._by_prefix}, reverse=True)

    def rate_for(self, number: str) -> Rate | None:
        """Returns the rate with the longest prefix of ``number``; None where none matches."""
        by_prefix = self._by_prefix
        for length in self._lengths:
            rate = by_prefix.get(number[:length])
            if rate is not None:
                return rate
        return None


def slice_reservation(rate: Rate, *, increments: int = 1) -> Money:
    """Returns the price of so many increments, without the connection fee."""
    price = rate.per_minute.micros * rate.increment_s
    rounded = (price + SECONDS_PER_MINUTE // 2) // SECONDS_PER_MINUTE
    return Money(rounded * increments, rate.per_minute.currency)


def first_reservation(rate: Rate) -> Money:
    """Returns what must be there before the call: the connection fee and one increment."""
    return rate.connect + slice_reservation(rate)


def started_increments(rate: Rate, talk_s: float) -> int:
    """Returns how many increments have begun; an answered call has begun the first."""
    talk_ms = round(talk_s * 1000)
    return max(1, -(-talk_ms // (rate.increment_s * 1000)))


def charge(rate: Rate, talk_s: float | None) -> Money:
    """Returns the price of a call that was answered and talked ``talk_s`` seconds.

    None: never answered, which costs nothing, not even the connection fee.
    """
    if talk_s is None:
        return Money.zero(rate.per_minute.currency)
    return rate.connect + slice_reservation(rate, increments=started_increments(rate, talk_s))


def is_affordable(rate: Rate, available: Money) -> bool:
    """Whether the wallet covers the start of the call; a free call needs no money at all."""
    return rate.is_free or available.micros >= first_reservation(rate).micros


def allows_toll_free_inbound(rate: Rate | None, available: Money) -> bool:
    """Whether a toll-free number may be answered: never at zero, even unpriced (row 190)."""
    return available.micros > 0 and (rate is None or is_affordable(rate, available))
