"""Users and groups of an organisation (frozen; a snapshot holds them)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from callwright.kernel.e164 import E164, LineNumber
from callwright.kernel.ids import GroupId, UserId
from callwright.kernel.limits.calls import ANSWERING_DELAY_S_DEFAULT
from callwright.kernel.limits.queues import GROUP_RING_S_DEFAULT
from callwright.kernel.policy import PolicyKind, RankedPolicy
from callwright.kernel.target import Disconnect, Target


@dataclass(frozen=True, slots=True)
class Answering:
    """What happens to a call for a user (SPEC 8.2)."""

    forward_to: Target | None = None
    """Immediate forward; the user's phones do not ring."""
    unanswered_after_s: int = ANSWERING_DELAY_S_DEFAULT
    unanswered_to: Target | None = None
    """None: the call ends unanswered."""
    do_not_disturb: bool = False
    """No phone rings: calls go at once where unanswered ones go."""
    intercom: bool = False
    """Colleagues may make the user's phones answer by themselves (RFC 5373)."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Who the user is beside the telephone; for the directory, nothing depends on it but names."""

    title: str | None = None
    department: str | None = None
    office: str | None = None
    company: str | None = None
    email: str | None = None
    phones: Mapping[str, E164] = field(default_factory=dict)
    """Further numbers of the user by what they are: ``mobile``; calls from them show the name."""
    extensions: tuple[str, ...] = ()
    """By which attendants' callers find the user beside the extension that colleagues dial."""
    is_hidden: bool = False
    """Not shown in directories."""


@dataclass(frozen=True, slots=True)
class User:
    id: UserId
    name: str
    licences: frozenset[str]
    """SKU names as the organisation file writes them, ``phone-system``; groups may give more."""
    number: E164 | None
    extension: str | None
    sip_password: str | None = field(repr=False)
    """None: the user cannot register a phone."""
    answering: Answering
    location: str | None = None
    number_extension: str | None = None
    """Which line of a shared number is the user's: ``+14255388701;ext=1001``."""
    private_line: E164 | None = None
    """Rings whatever rules the user has; is never shown to anybody called (SPEC 3.7)."""
    alternate_numbers: tuple[E164, ...] = ()
    """Further lines on which the user is called (SPEC 3.8)."""
    is_enabled: bool = True
    """False: cannot register, does not ring, and pays for nothing."""
    country: str | None = None
    """Where the user uses the telephone, ``US``; None: where the organisation does (SPEC 1.5)."""
    has_voice: bool | None = None
    """EnterpriseVoiceEnabled (SPEC 1.1); None: enabled with a licence."""
    profile: Profile = Profile()
    policies: Mapping[PolicyKind, str] = field(default_factory=dict)
    """Given to the user directly."""

    @property
    def line(self) -> LineNumber | None:
        """The number as it is assigned."""
        return LineNumber.of(self.number, self.number_extension)


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody outside whom the organisation knows by name."""

    name: str
    phones: tuple[E164, ...]


_NOWHERE = Disconnect()


class RingOrder(Enum):
    ALL = "all"
    IN_ORDER = "in-order"
    """One member after the other, as the file lists them."""


@dataclass(frozen=True, slots=True)
class GroupRing:
    """How a call to the group rings."""

    order: RingOrder = RingOrder.ALL
    for_s: int = GROUP_RING_S_DEFAULT
    """All of them, or each of them."""
    then: Target = _NOWHERE
    """Where the call goes that nobody took."""


@dataclass(frozen=True, slots=True)
class Group:
    id: GroupId
    members: tuple[UserId, ...]
    """Those of the groups in it included, each once."""
    name: str | None = None
    licences: tuple[str, ...] = ()
    """Given to every member."""
    policies: Mapping[PolicyKind, RankedPolicy] = field(default_factory=dict)
    ring: GroupRing = GroupRing()
