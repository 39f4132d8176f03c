"""Why a call was refused or ended: a closed list with its SIP status and sub-code.

The sub-codes are those of SPEC 2.4 where it lists one; the docs page of reasons is made from here.
"""

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class _Entry:
    code: str
    sip_status: int
    sub_code: int | None
    text: str


class Reason(Enum):
    """Each member carries ``code`` (stable, shown everywhere), ``sip_status`` and ``text``."""

    NORMAL = _Entry("normal", 200, None, "The call ended normally.")
    CALLER_CANCELLED = _Entry("caller-cancelled", 487, None, "The caller hung up before an answer.")
    COMPLETED_ELSEWHERE = _Entry("completed-elsewhere", 487, 540200, "Answered on another system.")
    NOT_ANSWERED = _Entry("not-answered", 480, None, "Nobody answered in time.")
    CALLEE_BUSY = _Entry("callee-busy", 486, None, "The called party was busy.")
    CALLEE_DECLINED = _Entry("callee-declined", 603, None, "The called party declined.")
    CALLEE_OFFLINE = _Entry(
        "callee-offline", 480, 10037, "The called user has no registered phone."
    )
    DO_NOT_DISTURB = _Entry(
        "do-not-disturb", 480, None, "The called user does not want to be disturbed."
    )
    NO_PHONE_LICENCE = _Entry(
        "licence-phone-system-missing",
        403,
        510560,
        "The user holds no phone-system licence, so calls stay inside the organisation.",
    )
    VOICE_DISABLED = _Entry(
        "voice-disabled",
        403,
        510560,
        "The user is licensed, but not enabled for voice, so calls stay inside the organisation.",
    )
    OUTBOUND_FORBIDDEN = _Entry(
        "outbound-forbidden", 403, 510562, "The user's calling policy allows no calls to outside."
    )
    INTERNATIONAL_FORBIDDEN = _Entry(
        "international-forbidden",
        403,
        510563,
        "The user's calling policy allows calls inside the user's country only.",
    )
    CALLS_FORBIDDEN = _Entry(
        "calls-forbidden", 403, 10199, "The calling policy of a party allows no calls at all."
    )
    ACCOUNT_DISABLED = _Entry("account-disabled", 403, None, "The user's account is disabled.")
    CALLEE_DISABLED = _Entry(
        "callee-disabled", 480, None, "The called user's account is disabled, so no phone rings."
    )
    NO_CALLING_PLAN = _Entry(
        "licence-calling-plan-missing",
        403,
        None,
        "The number is a calling plan's, no plan covers the destination and there are no credits.",
    )
    SERVICE_UNLICENSED = _Entry(
        "licence-resource-account-missing",
        403,
        None,
        "The resource account that was called holds no resource-account licence.",
    )
    SERVICE_MAY_NOT_CALL = _Entry(
        "resource-account-may-not-call",
        403,
        510559,
        "The resource account has neither a routing policy nor a calling plan or operator number.",
    )
    VOICEMAIL_FORBIDDEN = _Entry(
        "voicemail-forbidden", 480, 10191, "The called user's calling policy allows no voicemail."
    )
    ON_BEHALF_FORBIDDEN = _Entry(
        "on-behalf-forbidden",
        403,
        None,
        "Only agents of the queue call on its behalf, and with a number that it lends.",
    )
    NO_CREDITS_LICENCE = _Entry(
        "licence-communications-credits-missing",
        403,
        510562,
        "The destination costs money and the user holds no communications-credits licence.",
    )
    CREDITS_EXHAUSTED = _Entry(
        "credits-exhausted", 403, None, "The prepaid balance does not cover this call."
    )
    CREDITS_UNAVAILABLE = _Entry(
        "credits-unavailable",
        503,
        None,
        "The balance cannot be asked: the disk is full, or the database is away.",
    )
    NO_RATE = _Entry("no-rate", 403, None, "The tariff has no rate for this destination.")
    NO_ROUTE = _Entry("no-route", 403, 510559, "No voice route of the user's policy matches.")
    GATEWAY_TIMEOUT = _Entry(
        "gateway-timeout", 408, 500001, "No SBC of the route answered in time."
    )
    GATEWAY_REFUSED = _Entry("gateway-refused", 503, None, "The SBC refused the call.")
    TRUNK_FULL = _Entry(
        "trunk-full", 503, None, "Every SBC of the route has as many calls as it may have."
    )
    NUMBER_UNKNOWN = _Entry("number-unknown", 404, 511404, "Nobody has this number.")
    ADDRESS_UNKNOWN = _Entry("address-unknown", 404, None, "Nobody has this name or extension.")
    NUMBER_ANNOUNCED = _Entry(
        "number-announced", 200, None, "Nobody has this number, and the caller heard so."
    )
    SOURCE_UNKNOWN = _Entry(
        "source-unknown", 403, 510532, "The source is neither a registered phone nor a known SBC."
    )
    CALLER_UNVERIFIED = _Entry(
        "caller-unverified",
        438,
        None,
        "The signature of the calling number is missing or wrong (RFC 8224).",
    )
    LOOP = _Entry("forwarding-loop", 500, 510482, "Forwarding runs in a circle.")
    EMERGENCY_NO_ROUTE = _Entry(
        "emergency-no-route", 500, 510544, "No SBC is configured for emergency calls."
    )
    MEDIA_UNACCEPTABLE = _Entry("media-unacceptable", 488, 531000, "No codec in common.")
    ENCRYPTION_REQUIRED = _Entry(
        "encryption-required", 488, 531000, "This trunk has to encrypt its audio and did not."
    )
    ENCRYPTION_REFUSED = _Entry(
        "encryption-refused", 488, 531000, "This trunk is not to encrypt its audio and did."
    )
    QUEUE_OVERFLOW = _Entry("queue-overflow", 486, None, "The queue holds its maximum of callers.")
    QUEUE_TIMEOUT = _Entry(
        "queue-timeout", 480, None, "No agent answered within the queue's limit."
    )
    QUEUE_NO_AGENTS = _Entry("queue-no-agents", 480, None, "No agent of the queue is there.")
    QUEUE_CLOSED = _Entry("queue-closed", 480, None, "The queue is no longer configured.")
    OPT_OUT_FORBIDDEN = _Entry(
        "opt-out-forbidden", 403, None, "None of the agent's queues lets its agents opt out."
    )
    CHOICE_NOT_STORED = _Entry(
        "choice-not-stored", 503, None, "What the agent dialled could not be stored."
    )
    QUEUE_ABANDONED = _Entry("queue-abandoned", 487, None, "The caller left the queue.")
    RECORDER_DOWN = _Entry(
        "recorder-down", 503, None, "The call has to be recorded, and that was not possible."
    )
    CALLBACK_PROMISED = _Entry(
        "callback-promised", 200, None, "The caller hung up and keeps the place to be called back."
    )
    CALLBACK_CANCELLED = _Entry(
        "callback-cancelled", 487, None, "Somebody took the promise to call back away."
    )
    ATTENDANT_CLOSED = _Entry("attendant-closed", 200, None, "The attendant announced and hung up.")
    ATTENDANT_NO_INPUT = _Entry(
        "attendant-no-input", 200, None, "Three silent rounds and no operator to ask."
    )
    ATTENDANT_TRANSFER_FAILED = _Entry(
        "attendant-transfer-failed",
        200,
        None,
        "What the caller chose, and the operator, could not be reached.",
    )
    ATTENDANT_SESSION_TOO_LONG = _Entry(
        "attendant-session-too-long", 200, None, "The caller stayed in the attendant too long."
    )
    VOICEMAIL_FULL = _Entry("voicemail-full", 486, None, "The mailbox takes no more messages.")
    SUPERVISION_FORBIDDEN = _Entry(
        "supervision-forbidden", 403, None, "The supervisor may not do this in the agent's call."
    )
    AGENT_NOT_TALKING = _Entry("agent-not-talking", 480, None, "The agent talks to nobody.")
    SUPERVISED_ALREADY = _Entry(
        "supervised-already",
        486,
        None,
        "Another supervisor is in the agent's call, or this one in another.",
    )
    SCHEDULE_SWITCH_FORBIDDEN = _Entry(
        "schedule-switch-forbidden", 403, None, "The schedule's switch does not list the user."
    )
    SCHEDULE_NOT_SWITCHED = _Entry(
        "schedule-not-switched", 503, None, "What was dialled could not be stored."
    )
    SHUTTING_DOWN = _Entry("shutting-down", 503, 540998, "This node is stopping.")
    ENDED_BY_ADMINISTRATOR = _Entry(
        "ended-by-administrator", 480, None, "An administrator ended the call."
    )
    NODE_LOST = _Entry("node-lost", 503, None, "This node was killed while the call was running.")
    OVERLOADED = _Entry("overloaded", 503, None, "This node has no media port or call slot left.")
    NO_ACK = _Entry(
        "no-ack",
        408,
        1106,
        "Our answer was never acknowledged: the peer does not reach our Contact address.",
    )
    PEER_LOST = _Entry("peer-lost", 408, None, "A party's phone or gateway answers no longer.")
    MEDIA_TIMEOUT = _Entry("media-timeout", 408, None, "No audio arrived for too long.")
    ENCRYPTION_FAILED = _Entry(
        "encryption-failed",
        488,
        531000,
        "The keys for the audio could not be agreed on, or not with the certificate announced.",
    )
    INTERNAL = _Entry("internal-error", 500, None, "A defect ended this call; it has been logged.")

    @property
    def code(self) -> str:
        return self.value.code

    @property
    def sip_status(self) -> int:
        return self.value.sip_status

    @property
    def sub_code(self) -> int | None:
        return self.value.sub_code

    @property
    def text(self) -> str:
        return self.value.text
