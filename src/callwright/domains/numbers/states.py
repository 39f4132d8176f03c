"""What stands of one number: who holds it, what it may be used for, whether it is blocked
(SPEC 3.1, 3.5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from callwright.domains.numbers.model import NumberKind, NumberSource
from callwright.domains.numbers.spans import Span
from callwright.kernel.e164 import E164, LineNumber


class Status(Enum):
    """SPEC 3.5 (PstnAssignmentStatus)."""

    UNASSIGNED = "unassigned"
    USER_ASSIGNED = "user-assigned"
    CONFERENCE_ASSIGNED = "conference-assigned"
    VOICE_APPLICATION_ASSIGNED = "voice-application-assigned"
    POLICY_ASSIGNED = "policy-assigned"
    """An emergency number of a shared-calling policy, or of a location."""


class HolderKind(Enum):
    """What can hold a number; the value is the kind of its entity."""

    USER = "user"
    RESOURCE_ACCOUNT = "resource-account"
    CONFERENCE_BRIDGE = "conference-bridge"
    SHARED_CALLING = "shared-calling-policy"
    LOCATION = "location"


_STATUS_OF_HOLDER = {
    HolderKind.USER: Status.USER_ASSIGNED,
    HolderKind.RESOURCE_ACCOUNT: Status.VOICE_APPLICATION_ASSIGNED,
    HolderKind.CONFERENCE_BRIDGE: Status.CONFERENCE_ASSIGNED,
    HolderKind.SHARED_CALLING: Status.POLICY_ASSIGNED,
    HolderKind.LOCATION: Status.POLICY_ASSIGNED,
}


class Line(Enum):
    """SPEC 3.5 (AssignmentCategory)."""

    PRIMARY = "primary"
    PRIVATE = "private"
    """Inbound only, past all forwarding (SPEC 3.7)."""
    ALTERNATE = "alternate"
    """A further inbound number (SPEC 3.8)."""


class Capability(Enum):
    """SPEC 3.1."""

    USER_ASSIGNMENT = "user-assignment"
    VOICE_APPLICATION_ASSIGNMENT = "voice-application-assignment"
    CONFERENCE_ASSIGNMENT = "conference-assignment"
    SHARED_CALLING = "shared-calling"


_SERVICE_CAPABILITIES = frozenset(
    {
        Capability.VOICE_APPLICATION_ASSIGNMENT,
        Capability.CONFERENCE_ASSIGNMENT,
        Capability.SHARED_CALLING,
    }
)
_CAPABILITIES_OF_KIND = {
    NumberKind.USER: frozenset({Capability.USER_ASSIGNMENT, Capability.SHARED_CALLING}),
    NumberKind.SERVICE: _SERVICE_CAPABILITIES,
    NumberKind.TOLL_FREE: _SERVICE_CAPABILITIES,
}


def capabilities_of(
    kind: NumberKind, source: NumberSource, stated: Iterable[Capability] | None
) -> frozenset[Capability]:
    """Returns what numbers may be used for.

    Of a calling plan the kind decides (SPEC 3.1); elsewhere it is what was stated, and by default
    what the kind says.
    """
    if stated is None or source is NumberSource.CALLING_PLAN:
        return _CAPABILITIES_OF_KIND[kind]
    return frozenset(stated)


@dataclass(frozen=True, slots=True)
class Entry:
    """Numbers of the inventory that came together and are alike."""

    key: str
    """Of its entity: the range or number as the organisation file has it."""
    span: Span
    kind: NumberKind
    source: NumberSource
    capabilities: frozenset[Capability]
    country: str | None = None
    """None: told by the number."""
    city: str | None = None
    location: str | None = None
    """Key of the emergency address that came with the numbers."""
    tags: tuple[str, ...] = ()
    is_ported: bool = False


@dataclass(frozen=True, slots=True)
class Holding:
    number: LineNumber
    holder_kind: HolderKind
    holder: str
    """Key of its entity."""
    line: Line = Line.PRIMARY

    def __str__(self) -> str:
        line = "" if self.line is Line.PRIMARY else f" ({self.line.value} line)"
        return f"{self.holder_kind.value} {self.holder}{line}"


@dataclass(frozen=True, slots=True)
class Block:
    """Keeps a number from being assigned."""

    until: datetime | None
    """None: for ever."""

    def holds_at(self, now: datetime) -> bool:
        return self.until is None or now < self.until

    def __str__(self) -> str:
        return "for ever" if self.until is None else f"until {self.until:%Y-%m-%d %H:%M} UTC"


class BlockState(Enum):
    """SPEC 3.5."""

    NOT_BLOCKED = "not-blocked"
    BLOCKED_FOREVER = "blocked-forever"
    BLOCKED_UNTIL = "blocked-until"


@dataclass(frozen=True, slots=True)
class Standing:
    """One number as it stands."""

    number: E164
    entry: Entry
    holdings: tuple[Holding, ...] = ()
    """More than one only where extensions share the number."""
    block: Block | None = None
    """That holds now."""
    own_tags: tuple[str, ...] = ()
    """Besides those of its entry."""

    @property
    def status(self) -> Status:
        return status_of(self.holdings)

    @property
    def block_state(self) -> BlockState:
        if self.block is None:
            return BlockState.NOT_BLOCKED
        if self.block.until is None:
            return BlockState.BLOCKED_FOREVER
        return BlockState.BLOCKED_UNTIL

    @property
    def tags(self) -> tuple[str, ...]:
        known = {tag.casefold() for tag in self.entry.tags}
        return (*self.entry.tags, *(t for t in self.own_tags if t.casefold() not in known))


def status_of(holdings: tuple[Holding, ...]) -> Status:
    return _STATUS_OF_HOLDER[holdings[0].holder_kind] if holdings else Status.UNASSIGNED
