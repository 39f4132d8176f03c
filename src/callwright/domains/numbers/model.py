"""Number ranges and resource accounts (SPEC 3, 4)."""

from dataclasses import dataclass
from enum import Enum

from callwright.kernel.e164 import E164
from callwright.kernel.ids import ResourceAccountId
from callwright.kernel.target import ToAttendant, ToQueue


class NumberKind(Enum):
    USER = "user"
    SERVICE = "service"
    TOLL_FREE = "toll-free"


class NumberSource(Enum):
    DIRECT_ROUTING = "direct-routing"
    OPERATOR_CONNECT = "operator-connect"
    CALLING_PLAN = "calling-plan"


@dataclass(frozen=True, slots=True)
class NumberRange:
    """Consecutive numbers of equal length, both ends included."""

    first: E164
    last: E164
    kind: NumberKind
    source: NumberSource

    def __contains__(self, number: object) -> bool:
        return (
            isinstance(number, str)
            and len(number) == len(self.first)
            and self.first <= number <= self.last
        )


@dataclass(frozen=True, slots=True)
class ResourceAccount:
    """A service number's owner: it hands its calls to one attendant or queue."""

    id: ResourceAccountId
    name: str
    number: E164 | None
    answers: ToAttendant | ToQueue
