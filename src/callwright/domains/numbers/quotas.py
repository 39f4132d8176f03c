"""How many numbers an organisation may acquire from a calling plan (SPEC 3.3).

Numbers that were ported in do not count. Own numbers (direct routing, operator connect) have no
quota.
"""

from bisect import bisect_right
from dataclasses import dataclass
from enum import Enum

from callwright.domains.numbers.model import NumberKind

SUBSCRIBER_BASE = 10
SUBSCRIBER_TENTHS_PER_SEAT = 11
"""SPEC 3.3: a calling-plan seat counts for 1.1 numbers, and ten come on top."""

SERVICE_NUMBERS_BY_LICENCES = (
    (1, 5),
    (26, 10),
    (50, 20),
    (100, 30),
    (150, 40),
    (200, 65),
    (500, 90),
    (750, 110),
    (1_000, 125),
    (1_250, 135),
    (1_500, 160),
    (2_000, 210),
    (3_000, 420),
    (7_000, 500),
    (10_000, 600),
    (15_000, 700),
    (20_000, 1_000),
    (50_000, 1_500),
)
"""SPEC 3.3, row by row: from so many licences on, so many numbers of each service class."""
_LICENCES = tuple(licences for licences, _ in SERVICE_NUMBERS_BY_LICENCES)


class QuotaClass(Enum):
    """Each has a quota of its own."""

    SUBSCRIBER = "subscriber"
    TOLL_SERVICE = "toll-service"
    TOLL_FREE_SERVICE = "toll-free-service"


CLASS_OF_KIND = {
    NumberKind.USER: QuotaClass.SUBSCRIBER,
    NumberKind.SERVICE: QuotaClass.TOLL_SERVICE,
    NumberKind.TOLL_FREE: QuotaClass.TOLL_FREE_SERVICE,
}


@dataclass(frozen=True, slots=True)
class Seats:
    """Seats bought that quotas depend on."""

    phone_system: int = 0
    audio_conferencing: int = 0
    plan: int = 0
    """Domestic and international calling plans."""
    pay_as_you_go: int = 0


def quota(of: QuotaClass, seats: Seats) -> int:
    """Returns how many numbers of the class the organisation may hold."""
    match of:
        case QuotaClass.SUBSCRIBER:
            return subscriber_quota(seats.plan, seats.pay_as_you_go)
        case QuotaClass.TOLL_SERVICE | QuotaClass.TOLL_FREE_SERVICE:
            return service_quota(seats.phone_system + seats.audio_conferencing)


def subscriber_quota(plan_seats: int, pay_as_you_go_seats: int) -> int:
    """30 plan and 20 pay-as-you-go seats: 63 (row 10). Without any seat there is none."""
    if plan_seats + pay_as_you_go_seats == 0:
        return 0
    return plan_seats * SUBSCRIBER_TENTHS_PER_SEAT // 10 + SUBSCRIBER_BASE + pay_as_you_go_seats


def service_quota(licences: int) -> int:
    """51 licences: 20; 1,001: 125; 50,000 and more: 1,500 (rows 11-13)."""
    row = bisect_right(_LICENCES, licences) - 1
    return 0 if row < 0 else SERVICE_NUMBERS_BY_LICENCES[row][1]
