"""An order of numbers: found and kept for ten minutes, then placed, given up or expired
(SPEC 3.4)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from callwright.domains.numbers.model import NumberKind, NumberSource
from callwright.domains.numbers.quotas import CLASS_OF_KIND, Seats, quota
from callwright.kernel.e164 import E164
from callwright.kernel.limits.numbers import NUMBER_RESERVATION_S

BUILT_IN_SUPPLIER = "pool"
"""Where numbers come from when no carrier's plug-in is named."""


class OrderState(Enum):
    RESERVED = "reserved"
    """The numbers are nobody else's until the reservation ends."""
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    FAILED = "failed"
    """The source refused when the order was placed."""


@dataclass(frozen=True, slots=True)
class NumberOrder:
    id: str
    name: str
    description: str
    country: str
    kind: NumberKind
    source: NumberSource
    numbers: tuple[E164, ...]
    made_at: datetime
    supplier: str = ""
    """Name of who gives the numbers."""
    city: str | None = None
    location: str | None = None
    """Key of the emergency address that comes with them."""
    state: OrderState = OrderState.RESERVED
    remark: str = ""
    """What the source said when it refused."""

    @property
    def reserved_until(self) -> datetime:
        return self.made_at + timedelta(seconds=NUMBER_RESERVATION_S)

    def state_at(self, now: datetime) -> OrderState:
        """A reservation that nobody placed in time has expired, whether or not it was noted."""
        if self.state is OrderState.RESERVED and now >= self.reserved_until:
            return OrderState.EXPIRED
        return self.state

    def reserves_at(self, now: datetime) -> bool:
        return self.state_at(now) is OrderState.RESERVED

    def moved_to(self, state: OrderState, remark: str = "") -> "NumberOrder":
        return replace(self, state=state, remark=remark)


class OrderNotOpen(ValueError):
    """The order is past the state in which it can be placed or given up."""


def require_open(order: NumberOrder, now: datetime) -> None:
    """Raises OrderNotOpen unless the numbers are still reserved (row 15)."""
    state = order.state_at(now)
    if state is OrderState.EXPIRED:
        raise OrderNotOpen(
            f"the reservation of order {order.id} ended at {order.reserved_until:%H:%M:%S} UTC "
            "and its numbers are back in the pool; search again"
        )
    if state is not OrderState.RESERVED:
        raise OrderNotOpen(f"order {order.id} is {state.value}; search again")


class QuotaExceeded(ValueError):
    """More numbers of a class than the licences allow."""


def check_quota(kind: NumberKind, held: int, wanted: int, seats: Seats) -> None:
    """Raises QuotaExceeded where ``wanted`` more are too many (SPEC 3.3; rows 10-13).

    ``held`` counts the numbers of the kind that were acquired, without ported ones.
    """
    of = CLASS_OF_KIND[kind]
    most = quota(of, seats)
    if held + wanted > most:
        left = max(0, most - held)
        raise QuotaExceeded(
            f"{wanted} more {kind.value} numbers are beyond the quota: {most} may be had with the "
            f"licences bought, {held} are; order {left} at most, release some, or buy licences"
        )
