"""Callbacks: who is offered one, which numbers are called, and when it is over (SPEC 5.6).

A caller who takes the offer hangs up and keeps the place in the line; when an agent is free the
agent is rung first, then the customer.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

import phonenumbers

from callwright.kernel.e164 import E164
from callwright.kernel.ids import CallId, CallQueueId, ResourceAccountId
from callwright.kernel.limits.queues import QUEUE_CALLBACK_ATTEMPTS_MAX, QUEUE_CALLBACK_RETRY_S
from callwright.kernel.prompt import Prompt

NANP_AREAS_NOT_CALLED = frozenset({
    242, 246, 264, 268, 284, 340, 345, 441, 473, 500, 600, 649, 658, 664, 670, 671, 684, 700,
    721, 758, 767, 784, 787, 800, 809, 811, 822, 829, 833, 844, 849, 855, 866, 868, 869, 876,
    877, 888, 900, 939,
})  # fmt: skip
"""SPEC 5.6: islands with prices of their own, services, and numbers that callers pay for."""
_DIRECTORY_LINE = "5551212"
_FICTION = range(5_550_100, 5_550_200)
_NANP_DIGITS = 10
_PAID_TYPES = frozenset(
    {
        phonenumbers.PhoneNumberType.PREMIUM_RATE,
        phonenumbers.PhoneNumberType.SHARED_COST,
        phonenumbers.PhoneNumberType.UAN,
        phonenumbers.PhoneNumberType.PAGER,
        phonenumbers.PhoneNumberType.VOICEMAIL,
    }
)


@dataclass(frozen=True, slots=True)
class CallbackRule:
    """What a queue offers instead of waiting; any one condition that is met suffices."""

    offer: Prompt
    """Heard when the current music is over."""
    key: str
    """Takes the offer."""
    mail_to: str
    """Told of every request that came to nothing."""
    after_wait_s: int | None = None
    """For who waits in front."""
    at_waiting: int | None = None
    """For who finds so many waiting on arrival."""
    over_ratio: int | None = None
    """For who arrives when more callers than this wait for each agent."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A caller's situation at the moment of the question."""

    waited_s: float
    position: int
    """Among those who are on the line; 1 is the front."""
    waiting_before: int
    """Who was in the line when the caller came."""
    agents_at_arrival: int
    """Opted-in agents at that time."""


@dataclass(frozen=True, slots=True)
class CallbackRequest:
    """A place in the line without a caller; durable. Instants are UTC."""

    call: CallId
    """The call that it was asked for in."""
    queue: CallQueueId
    account: ResourceAccountId
    """The resource account that was called, on whose behalf the customer is called."""
    number: E164
    name: str | None
    joined_at: datetime
    """When the caller joined the line; orders the requests after a restart."""
    expires_at: datetime
    priority: int
    attempts: int = 0
    """How often the customer was called and not reached."""
    not_before: datetime | None = None
    """When the customer may be tried again."""


class Unserved(Enum):
    """Why nobody calls a customer back any more whom nobody served."""

    EXPIRED = "no agent was free in the time that callers wait"
    UNREACHED = "the customer could not be reached"
    QUEUE_REMOVED = "the queue was removed"
    CANCELLED = "somebody cancelled it"


def is_eligible(rule: CallbackRule, waiting: Waiting) -> bool:
    """Whether the caller is to be offered a callback now (rows 148-150)."""
    is_in_front = waiting.position == 1
    if rule.after_wait_s is not None and is_in_front and waiting.waited_s >= rule.after_wait_s:
        return True
    if rule.at_waiting is not None and waiting.waiting_before >= rule.at_waiting:
        return True
    if rule.over_ratio is None:
        return False
    return waiting.waiting_before + 1 > rule.over_ratio * waiting.agents_at_arrival


def number_bar(address: str) -> str | None:
    """Says why a caller's address is not called back; None: it is a public number (row 153)."""
    number = E164.parse_or_none(address)
    if number is None:
        return f"{address} is no public number"
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return f"{number} is no number that can be dialled"
    if not phonenumbers.is_possible_number(parsed):
        return f"{number} is no number that can be dialled"
    if parsed.country_code == 1:
        return _nanp_bar(number, str(parsed.national_number))
    if phonenumbers.number_type(parsed) in _PAID_TYPES:
        return f"{number} is a number that costs more than a call"
    return None


def _nanp_bar(number: E164, national: str) -> str | None:
    area, line = national[:3], national[3:]
    if len(national) != _NANP_DIGITS or int(area) in NANP_AREAS_NOT_CALLED:
        return f"{number} is in area {area}, which is not called back"
    if line == _DIRECTORY_LINE or int(line) in _FICTION:
        return f"{number} is a service or fictional line"
    return None


def joined(first: CallbackRequest, later: CallbackRequest) -> CallbackRequest:
    """Somebody asks again who is to be called already: a number has one callback in a queue. It
    keeps the first one's place, is good for as long as the later call could have waited, and the
    customer is tried as often as ever."""
    expires_at = max(first.expires_at, later.expires_at)
    return replace(first, name=later.name or first.name, expires_at=expires_at, attempts=0)


def tried_again(request: CallbackRequest, now: datetime) -> datetime | None:
    """When a customer who was not reached is called next; None: not again.

    Three attempts, each two minutes after the last at the earliest, and none beyond the time limit
    that the queue sets for waiting.
    """
    again_at = now + timedelta(seconds=QUEUE_CALLBACK_RETRY_S)
    if request.attempts >= QUEUE_CALLBACK_ATTEMPTS_MAX or again_at >= request.expires_at:
        return None
    return again_at
