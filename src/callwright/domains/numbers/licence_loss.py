"""What becomes of a number when its holder's licences go (SPEC 1.4)."""

from dataclasses import dataclass
from enum import Enum

from callwright.domains.numbers.model import NumberSource


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What of a user's licences a number needs."""

    has_phone_system: bool
    has_calling_plan: bool


class Loss(Enum):
    UNASSIGNED = "unassigned"
    """The number is free again."""
    DELETED = "deleted"
    """The number leaves the inventory, too."""


def loss_of(source: NumberSource, before: Entitlement, after: Entitlement) -> Loss | None:
    """Returns what a change of licences does to a held number; None: it stays.

    Only a licence that was there and goes has an effect, so that a swap in one change keeps the
    number (row 5).
    """
    lost_phone_system = before.has_phone_system and not after.has_phone_system
    lost_plan = before.has_calling_plan and not after.has_calling_plan
    match source:
        case NumberSource.CALLING_PLAN:
            return Loss.UNASSIGNED if lost_plan or lost_phone_system else None
        case NumberSource.OPERATOR_CONNECT:
            return Loss.UNASSIGNED if lost_phone_system else None
        case NumberSource.DIRECT_ROUTING:
            return Loss.DELETED if lost_phone_system else None
