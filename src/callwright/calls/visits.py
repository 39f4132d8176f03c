"""What a call met on its way through attendants and queues; reports are made of nothing else.

The words are those of the historical report (SPEC 10.1).
"""

from datetime import datetime
from enum import Enum

from callwright.kernel.ids import AutoAttendantId, CallId, CallQueueId, ResourceAccountId, UserId
from callwright.kernel.value import value


class AttendantResult(Enum):
    """How a caller left an attendant."""

    FAILED_TO_ESTABLISH_MEDIA = "failed_to_establish_media"
    FAILOVER_TO_OPERATOR = "failover_to_operator"
    CHAIN_TOO_LONG = "oaa_chain_too_long"
    SESSION_TOO_LONG = "oaa_session_too_long"
    SERVICE_DECLINED = "service_declined"
    SERVICE_TERMINATED = "service_terminated"
    TERMINATED_AUTOMATIC_SELECTION = "terminated_automatic_selection"
    TERMINATED_NO_OPERATOR = "terminated_no_operator"
    TERMINATED_TRANSFER_FAILED = "terminated_transfer_failed"
    TRANSFER_IN_PROGRESS = "transfer_in_progress"
    """To another attendant, or out of the organisation."""
    TRANSFERRED_TO_OPERATOR = "transferred_to_operator"
    TRANSFERRED_TO_QUEUE = "transferred_to_cq"
    TRANSFERRED_TO_RECEPTIONIST = "transferred_to_receptionist"
    TRANSFERRED_TO_SELF = "transferred_to_self"
    TRANSFERRED_TO_SHARED_VOICEMAIL = "transferred_to_shared_voicemail"
    TRANSFERRED_TO_USER = "transferred_to_user"
    UNKNOWN = "unknown"
    USER_TERMINATED = "user_terminated"
    """The caller hung up."""


class AttendantFlow(Enum):
    """What a caller was doing when they left."""

    SEARCH = "abs_search"
    ANNOUNCEMENT = "announcement"
    AUTOMATIC_MENU = "automatic_menu"
    TERMINATION = "call_termination"
    TRANSFER = "call_transfer"
    FIRST_LEVEL_MENU = "first_level_menu"
    MAIN_MENU = "main_menu"
    SPEECH_CONFIRMATION = "speech_input_confirmation"
    SELECTION = "user_selection"


class SearchMethod(Enum):
    KEYS = "abs_search_dtmf"
    VOICE = "abs_search_voice"


class TransferAction(Enum):
    """What kind of place an attendant sent a caller to."""

    ATTENDANT = "auto_attendant"
    QUEUE = "call_queue"
    EXTERNAL = "external_pstn"
    SHARED_VOICEMAIL = "shared_voicemail"
    USER = "user"
    UNKNOWN = "unknown"


@value
class AttendantVisit:
    """A caller's stay in one attendant; instants are UTC."""

    attendant: AutoAttendantId
    account: ResourceAccountId | None
    started_at: datetime
    ended_at: datetime
    result: AttendantResult
    flow: AttendantFlow
    actions: int
    """Keys that meant something, and phrases that were understood."""
    chain_index: int
    """1 for the first attendant or queue of the call."""
    search: SearchMethod | None = None
    transfer: TransferAction | None = None
    target: str | None = None
    """Where the caller was sent: ``user bob``, ``queue support``."""


class QueueResult(Enum):
    """How a caller left a queue. A caller who hangs up is ``ABANDONED`` (row 159)."""

    AGENT_JOINED_CONFERENCE = "agent_joined_conference"
    TRANSFERRED_TO_AGENT = "transferred_to_agent"
    ABANDONED = "abandoned"
    DECLINED = "declined"
    DISCONNECTED = "disconnected"
    ERROR = "error"
    FAILED = "failed"
    INVALID = "invalid"
    OVERFLOWN = "overflown"
    TIMED_OUT = "timed_out"
    NO_AGENTS = "no_agents"
    CALLBACK_REQUESTED = "callback_requested"
    """The caller is promised a call, and hung up."""
    CALLBACK_ANSWERED = "callback_answered"
    """The call that was promised: agent and customer talked."""
    CALLBACK_FAILED = "callback_failed"
    """One that came to nothing; others may follow."""


class HistoryKind(Enum):
    """What a queue shares of its callers with its people (SPEC 10.2)."""

    MISSED = "missed"
    ANSWERED = "answered"
    """Also who was called back."""
    REDIRECTED = "redirected"
    OUTBOUND = "outbound"
    """Calls that agents made on its behalf (SPEC 5.7); no visits."""


class FinalAction(Enum):
    """What a queue did with a caller whom no agent served."""

    DISCONNECT = "disconnect"
    DISCONNECT_WITH_BUSY = "disconnect_with_busy"
    FAILED_TO_ACCEPT = "failed_to_accept_call"
    FORWARD = "forward"
    SHARED_VOICEMAIL = "shared_voicemail"
    VOICEMAIL = "voicemail"
    OTHER = "other"


class TargetType(Enum):
    APPLICATION = "ApplicationEndpoint"
    MAILBOX = "Mailbox"
    PHONE = "Phone"
    USER = "User"
    OTHER = "Other"


class OfferOutcome(Enum):
    ANSWERED = "answered"
    MISSED = "missed"
    """The alert time ended."""
    DECLINED = "declined"
    """The agent, or the agent's phone, refused."""
    WITHDRAWN = "withdrawn"
    """The caller left, or another agent was quicker."""


@value
class AgentOffer:
    """One agent was rung for one caller; instants are UTC."""

    agent: UserId
    offered_at: datetime
    ended_at: datetime
    """When the ringing ended, however it did."""
    outcome: OfferOutcome
    talk_s: float | None = None
    """How long the two talked; None unless answered."""

    @property
    def ring_s(self) -> float:
        return max(0.0, (self.ended_at - self.offered_at).total_seconds())


@value
class QueueVisit:
    """A caller's stay in one queue; instants are UTC."""

    queue: CallQueueId
    account: ResourceAccountId | None
    started_at: datetime
    ended_at: datetime
    """When the caller stopped waiting."""
    result: QueueResult
    chain_index: int
    agent_count: int
    opted_in_count: int
    waiting_before: int
    """Callers in the line when this one came."""
    priority: int
    offers: tuple[AgentOffer, ...] = ()
    agent: UserId | None = None
    final_action: FinalAction | None = None
    target_type: TargetType | None = None
    target: str | None = None
    callback_of: CallId | None = None
    """The call whose place this one keeps, when it calls a customer back."""

    @property
    def wait_s(self) -> float:
        return max(0.0, (self.ended_at - self.started_at).total_seconds())


Visit = AttendantVisit | QueueVisit
