"""Number ranges and resource accounts (SPEC 3, 4)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from callwright.kernel.e164 import E164, LineNumber
from callwright.kernel.ids import ResourceAccountId, UserId
from callwright.kernel.limits.attendants import DELEGATES_RING_S_DEFAULT
from callwright.kernel.policy import PolicyKind
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
    skips_internal: bool = False
    """Colleagues who dial a number of it reach it through the public network (row 29)."""
    caller_id_policy: str | None = None
    """Comes before the policy of whoever has the number (row 46)."""

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
    """What is shown of it; several accounts may share it by ``extension``."""
    answers: ToAttendant | ToQueue
    extension: str | None = None
    """Of the line, ``+14255388701;ext=1001``."""
    location: str | None = None
    """Where users are who share the number, for emergency calls (SPEC 3.12)."""
    licences: frozenset[str] = frozenset({"resource-account"})
    """SKU names; without one that lets it answer, calls to it are refused (row 8)."""
    country: str | None = None
    """None: the organisation's."""
    policies: Mapping[PolicyKind, str] = field(default_factory=dict)
    delegates: tuple[UserId, ...] = ()
    """Who is rung before the attendant answers (SPEC 6.12)."""
    delegates_ring_s: int = DELEGATES_RING_S_DEFAULT
    web_pages: frozenset[str] = frozenset()
    """Whose visitors may call it from the browser: ``https://www.contoso.com`` (SPEC 4.5)."""

    @property
    def line(self) -> LineNumber | None:
        """The number as it is assigned."""
        return LineNumber.of(self.number, self.extension)
