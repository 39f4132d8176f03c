"""What the policies set (SPEC 8.1, 8.7, 8.8, 11.3); a default is what holds without a policy."""

from dataclasses import dataclass
from enum import Enum

from callwright.kernel.ids import ResourceAccountId
from callwright.kernel.supervision import SupervisionMode


class OutboundCalls(Enum):
    """Which numbers outside may be called (SPEC 8.8); emergency numbers always may."""

    INTERNATIONAL = "international"
    DOMESTIC = "domestic"
    """Those of the user's own country, wherever he is."""
    NONE = "none"


class VoicemailUse(Enum):
    """Who decides whether an unanswered call goes to voicemail (SPEC 8.1)."""

    USER = "user"
    ALWAYS = "always"
    """After VOICEMAIL_ALWAYS_AFTER_S, whatever the user set."""
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class CallingPolicy:
    calls: bool = True
    """False: no calls at all but emergency ones."""
    outbound: OutboundCalls = OutboundCalls.INTERNATIONAL
    forward_to_users: bool = True
    """Calls may be forwarded inside the organisation."""
    forward_to_numbers: bool = True
    voicemail: VoicemailUse = VoicemailUse.USER


class Substitute(Enum):
    """Which number stands in for the caller's own."""

    OWN = "own"
    ANONYMOUS = "anonymous"
    RESOURCE_ACCOUNT = "resource-account"


@dataclass(frozen=True, slots=True)
class CallerIdPolicy:
    show: Substitute = Substitute.OWN
    resource_account: ResourceAccountId | None = None
    """Whose number is shown, where ``show`` says so; never that of another user."""
    company_name: str | None = None
    """Shown with the number; networks on the way may cut it."""
    hide_inbound: bool = False
    """The user does not see the numbers of callers from outside."""
    user_may_hide: bool = True
    """A caller who asks for privacy gets it (RFC 3323)."""


@dataclass(frozen=True, slots=True)
class VoiceApplicationsPolicy:
    """What a user may do in calls of the queues that list him (SPEC 10.3); what he may change
    of them is looked up where it is edited."""

    supervision: SupervisionMode | None = None
    """The most that he may do; None: nothing."""
    tells_agent: bool = False
    """Agents are told when he joins."""


VOICE_APPLICATION_FLAGS = (
    "attendant_business_greeting",
    "attendant_after_hours_greeting",
    "attendant_holiday_greeting",
    "attendant_business_hours",
    "attendant_holidays",
    "attendant_business_routing",
    "attendant_after_hours_routing",
    "attendant_holiday_routing",
    "queue_welcome_greeting",
    "queue_hold_music",
    "queue_overflow_greeting",
    "queue_timeout_greeting",
    "queue_no_agent_greeting",
    "queue_membership",
    "queue_routing_method",
    "queue_presence_routing",
    "queue_opt_out",
    "queue_agent_opt",
    "queue_overflow_routing",
    "queue_timeout_routing",
    "queue_no_agent_routing",
)
"""What a user to whom attendants and queues are entrusted may change of them (SPEC 11.3), each off
unless the policy names it."""
