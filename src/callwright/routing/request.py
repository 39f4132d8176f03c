"""What a routing decision is asked, and every answer it can give."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from callwright.domains.credits.model import Rate
from callwright.domains.emergency.model import Location
from callwright.kernel.agent_codes import AgentCode
from callwright.kernel.e164 import E164
from callwright.kernel.ids import (
    AutoAttendantId,
    CallQueueId,
    GroupId,
    MailboxId,
    ResourceAccountId,
    SbcId,
    UserId,
)
from callwright.kernel.limits.queues import CALL_PRIORITY_DEFAULT
from callwright.kernel.money import Money
from callwright.kernel.prompt import Prompt
from callwright.kernel.reason import Reason
from callwright.kernel.supervision import SupervisionMode
from callwright.kernel.value import value


@value
class FromUser:
    """A phone that proved to be this user's."""

    user: UserId
    is_private: bool = False
    """The caller wants to stay unknown to whoever is called (RFC 3323)."""
    prefers: str | None = None
    """The number that the phone asks to show (P-Preferred-Identity)."""
    on_behalf: ResourceAccountId | None = None
    """For whom an agent calls out; set by routing alone (SPEC 5.7)."""
    queue: CallQueueId | None = None
    """Which lends the account's number for it."""


@value
class FromSbc:
    """A gateway, known by its address; ``calling`` is the number as it came."""

    sbc: SbcId
    calling: str
    is_private: bool = False
    """The called party must not learn the number (RFC 3325 §7)."""


@dataclass(frozen=True, slots=True)
class FromPage:
    """A visitor of a web page, who proves nothing: a service that names the page is all that can be
    called (SPEC 4.5)."""

    page: str
    """``https://www.contoso.com``."""
    name: str | None = None
    """What the page says of the visitor."""
    is_private: bool = False
    """A visitor shows no number that could be hidden."""


@value
class OnBehalf:
    """A rule or voice app sends a call on: a forward of ``user``, or a key of an attendant.

    Exactly one of ``user`` and ``resource_account`` pays for and authorises the new branch.
    """

    user: UserId | None
    resource_account: ResourceAccountId | None
    calling: str
    """Number (or extension) of the original caller, shown to the new target."""
    caller: UserId | None = None
    """The user who called in the first place, when it was one of ours."""
    is_private: bool = False


Origin = FromUser | FromSbc | FromPage | OnBehalf


@value
class LiveState:
    """The few facts a decision needs that are not configuration; all as of the request."""

    unhealthy_sbcs: frozenset[SbcId] = frozenset()
    """Demoted: tried last (row 91)."""
    available: Money | None = None
    """Balance less reservations; None where the organisation has no credits."""
    emergency_callbacks: Mapping[E164, UserId] = field(default_factory=dict)
    """Numbers that stood in for callers in the last hour, and for whom (rows 44 and 256)."""
    shuffle_seed: int = 0
    """Orders equal SBCs of one route (row 87)."""


@value
class CallRequest:
    origin: Origin
    dialled: str
    """User part of the Request-URI as it came, percent-decoded: ``102``, ``+12065550199``."""


@value
class Claim:
    """What we vouch for with a signature: the numbers before any rewriting."""

    calling: str
    called: E164
    attestation: str
    """``A``: the number is the caller's own. ``B``: the caller is one of ours. ``C``: the call came
    from elsewhere (RFC 8588 §4)."""


@value
class Gateway:
    """One attempt of an outbound call: where to send it and how the numbers are written there."""

    sbc: SbcId
    called: str
    calling: str
    asserted: str | None
    """P-Asserted-Identity user, or None."""
    failover_after_s: float
    failover_codes: frozenset[int]
    is_private: bool = False
    """From names nobody, and whoever gets ``asserted`` is told to keep it."""
    name: str | None = None
    """What From shows beside the number; networks on the way may cut it (CNAM)."""
    claim: Claim | None = None
    """What is signed; None: nothing."""
    follows_redirects: bool = False
    """A 3xx sends the call on through routing, as if the caller had dialled what it names."""


@value
class RingUser:
    user: UserId
    called: E164 | None
    """The DID that was dialled, when one was."""
    is_emergency_callback: bool = False
    """True: whoever called for help is wanted, before any forward (SPEC 3.12)."""
    rate: Rate | None = None
    """What the inbound call costs the organisation (toll-free), else None."""
    is_private_line: bool = False
    """True: the user's private line was called, which no rule of the user turns away (SPEC 3.7)."""


@dataclass(frozen=True, slots=True)
class RingGroup:
    group: GroupId


@value
class StartAttendant:
    attendant: AutoAttendantId
    via: ResourceAccountId | None
    rate: Rate | None = None
    priority: int = CALL_PRIORITY_DEFAULT
    """Handed on to the queue that the attendant sends the call to."""


@value
class JoinQueue:
    queue: CallQueueId
    via: ResourceAccountId | None
    rate: Rate | None = None
    priority: int = CALL_PRIORITY_DEFAULT
    """1 is served first, 5 last."""


@dataclass(frozen=True, slots=True)
class LeaveVoicemail:
    mailbox: MailboxId
    is_transcribed: bool | None = None
    """None: as the mailbox says."""
    skips_greeting: bool = False


@dataclass(frozen=True, slots=True)
class ListenToVoicemail:
    """The user hears the messages in his mailbox, and sets it up."""

    user: UserId


@dataclass(frozen=True, slots=True)
class Supervise:
    """The supervisor joins the agent's call, if he may when that is known (SPEC 10.3)."""

    supervisor: UserId
    agent: UserId
    mode: SupervisionMode = SupervisionMode.MONITOR


@dataclass(frozen=True, slots=True)
class SwitchSchedule:
    """The user sets a schedule the other way, or lifts what was set."""

    code: str
    user: UserId


@dataclass(frozen=True, slots=True)
class ActAsAgent:
    """The user says whether to take calls of queues."""

    user: UserId
    act: AgentCode
    reason: str | None = None
    """Of a pause."""


@dataclass(frozen=True, slots=True)
class PlayAnnouncement:
    """Nobody has the number; the caller hears why, once (SPEC 3.10)."""

    treatment: str
    prompt: Prompt
    rate: Rate | None = None


@value
class PlaceOutbound:
    """A call to the public network: gateways in the order to try."""

    number: E164
    calling: str
    gateways: tuple[Gateway, ...]
    rate: Rate | None
    """None: nothing to pay (no credits configured). A free rate is a rate."""
    queue: CallQueueId | None = None
    """On behalf of which an agent calls (SPEC 5.7)."""


@dataclass(frozen=True, slots=True)
class PlaceEmergency:
    dial_string: str
    gateways: tuple[Gateway, ...]
    location: Location | None
    caller: UserId | None
    callback: E164 | None
    """The number shown that stands in for the caller's own and leads back to the caller for an
    hour: an ELIN, or one that shared calling lends."""
    notify: tuple[UserId, ...]


@dataclass(frozen=True, slots=True)
class Refuse:
    reason: Reason
    number: E164 | None = None
    """The public number that may not be called, when the call was to leave the organisation."""


Destination = (
    RingUser
    | RingGroup
    | StartAttendant
    | JoinQueue
    | LeaveVoicemail
    | ListenToVoicemail
    | Supervise
    | SwitchSchedule
    | ActAsAgent
    | PlayAnnouncement
    | PlaceOutbound
    | PlaceEmergency
    | Refuse
)
