"""What licences grant on a day, how many seats they take, and which of them are wasted."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from callwright.domains.licences.model import (
    GRANTS,
    SKUS_WITH,
    Holding,
    Right,
    Sku,
    Standing,
    Term,
)
from callwright.kernel.limits.rights import LICENCE_WARNING_DAYS
from callwright.kernel.value import value

RESOURCE_ACCOUNTS_FREE_BASE = 25
RESOURCE_ACCOUNTS_FREE_PER_PHONE_SYSTEM_SEATS = 10
"""SPEC 1: 25 and one more for each ten phone-system seats (600 users: 85)."""


def free_resource_accounts(phone_system_seats: int) -> int:
    """Returns the size of the free pool (SPEC 1; row 7)."""
    return RESOURCE_ACCOUNTS_FREE_BASE + (
        phone_system_seats // RESOURCE_ACCOUNTS_FREE_PER_PHONE_SYSTEM_SEATS
    )


def phone_system_seats(bought: Mapping[str, int]) -> int:
    """Returns how many seats with the phone system for a person were bought, bundles included."""
    bundles = (Sku.PHONE_SYSTEM, Sku.PHONE_SYSTEM_WITH_CALLING_PLAN)
    return sum(bought.get(sku.value, 0) for sku in bundles)


def standing(term: Term | None, today: date) -> Standing:
    """Tells how seats that were bought for a term stand on a day."""
    if term is None or today < term.expires - timedelta(days=LICENCE_WARNING_DAYS - 1):
        return Standing.VALID
    if today <= term.expires:
        return Standing.ENDING
    if today <= term.expires + timedelta(days=term.grace_days):
        return Standing.GRACE
    return Standing.EXPIRED


@value
class Grant:
    """Whether somebody has a right, and what gives or refuses it."""

    is_given: bool
    because: str
    """Reads after a name: ``holds licence phone-system by group sales``."""


def grant(
    right: Right, holdings: Iterable[Holding], terms: Mapping[str, Term], today: date
) -> Grant:
    """Looks for the first holding that grants the right today."""
    lapsed: Holding | None = None
    for holding in holdings:
        if holding.sku not in SKUS_WITH[right]:
            continue
        if standing(terms.get(holding.sku), today) is Standing.EXPIRED:
            lapsed = lapsed or holding
            continue
        return Grant(True, f"holds licence {_named(holding)}")
    if lapsed is None:
        return Grant(False, f"holds no {right.value} licence")
    term = terms[lapsed.sku]
    grace = f" and its {term.grace_days} days of grace are over" if term.grace_days else ""
    return Grant(False, f"holds licence {_named(lapsed)}, which expired on {term.expires}{grace}")


def _named(holding: Holding) -> str:
    return holding.sku if holding.group is None else f"{holding.sku} by group {holding.group}"


def seats_held(holders: Iterable[Iterable[Holding]]) -> Counter[str]:
    """Counts seats by SKU: one for each holder, however many ways it got the licence."""
    return Counter(sku for holdings in holders for sku in {held.sku for held in holdings})


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two licences of one holder of which one is enough."""

    spare: Holding
    instead: Holding

    @property
    def is_one_seat(self) -> bool:
        """The same licence twice takes one seat only; removing one of them saves nothing."""
        return self.spare.sku == self.instead.sku


def overlaps(holdings: Collection[Holding]) -> Iterator[Overlap]:
    """Yields what is held twice, and what a bundle that is also held contains."""
    kept: dict[str, Holding] = {}
    for holding in holdings:
        if holding.sku in kept:
            yield Overlap(holding, kept[holding.sku])
        kept.setdefault(holding.sku, holding)
    for holding in kept.values():
        rights = GRANTS[Sku(holding.sku)]
        wider = (o for o in kept.values() if rights < GRANTS[Sku(o.sku)])
        found = next(wider, None)
        if found is not None:
            yield Overlap(holding, found)
