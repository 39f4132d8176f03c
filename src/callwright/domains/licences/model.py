"""Licence SKUs of SPEC 1, what each grants, and how long what was bought lasts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from callwright.kernel.limits.rights import LICENCE_GRACE_DAYS_DEFAULT


class Sku(Enum):
    """A product that is bought in seats; the value is its name in the organisation file."""

    PHONE_SYSTEM = "phone-system"
    """PSTN in and out, and every calling feature."""
    PHONE_SYSTEM_WITH_CALLING_PLAN = "phone-system-with-calling-plan"
    """The bundle: the phone system and a domestic calling plan in one seat."""
    CALLING_PLAN_DOMESTIC = "calling-plan-domestic"
    CALLING_PLAN_INTERNATIONAL = "calling-plan-international"
    CALLING_PLAN_PAY_AS_YOU_GO = "calling-plan-pay-as-you-go"
    COMMUNICATIONS_CREDITS = "communications-credits"
    """May spend the organisation's prepaid balance."""
    RESOURCE_ACCOUNT = "resource-account"
    SHARED_DEVICES = "shared-devices"
    """A phone in a common area: the phone system with it."""
    AUDIO_CONFERENCING = "audio-conferencing"
    PREMIUM = "premium"


class Right(Enum):
    """What a licence grants; the value reads in "holds no ... licence"."""

    PHONE_SYSTEM = "phone-system"
    DOMESTIC_PLAN = "domestic calling-plan"
    INTERNATIONAL_PLAN = "international calling-plan"
    PAY_AS_YOU_GO = "pay-as-you-go calling-plan"
    CREDITS = "communications-credits"
    ANSWER_AS_SERVICE = "resource-account"
    CONFERENCING = "audio-conferencing"
    QUEUES_APP = "premium"


GRANTS: Mapping[Sku, frozenset[Right]] = {
    Sku.PHONE_SYSTEM: frozenset({Right.PHONE_SYSTEM}),
    Sku.PHONE_SYSTEM_WITH_CALLING_PLAN: frozenset({Right.PHONE_SYSTEM, Right.DOMESTIC_PLAN}),
    Sku.CALLING_PLAN_DOMESTIC: frozenset({Right.DOMESTIC_PLAN}),
    Sku.CALLING_PLAN_INTERNATIONAL: frozenset({Right.DOMESTIC_PLAN, Right.INTERNATIONAL_PLAN}),
    Sku.CALLING_PLAN_PAY_AS_YOU_GO: frozenset({Right.PAY_AS_YOU_GO}),
    Sku.COMMUNICATIONS_CREDITS: frozenset({Right.CREDITS}),
    Sku.RESOURCE_ACCOUNT: frozenset({Right.ANSWER_AS_SERVICE}),
    Sku.SHARED_DEVICES: frozenset({Right.PHONE_SYSTEM}),
    Sku.AUDIO_CONFERENCING: frozenset({Right.CONFERENCING}),
    Sku.PREMIUM: frozenset({Right.QUEUES_APP}),
}
"""SPEC 1, the table of licences."""
SKUS_WITH: Mapping[Right, frozenset[str]] = {
    right: frozenset(sku.value for sku, rights in GRANTS.items() if right in rights)
    for right in Right
}
"""The same table, asked by calls: the names of the licences with a right."""


@dataclass(frozen=True, slots=True)
class Term:
    """Until when seats were bought; without one they last."""

    expires: date
    """The last day, in the organisation's time zone."""
    grace_days: int = LICENCE_GRACE_DAYS_DEFAULT
    """So many days more everything goes on as before."""


class Standing(Enum):
    VALID = "valid"
    ENDING = "ending"
    """Expires within LICENCE_WARNING_DAYS."""
    GRACE = "in grace"
    """Expired, and still granting what it did."""
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Holding:
    """One licence of a user or resource account."""

    sku: str
    """A value of Sku."""
    group: str | None = None
    """The group that gives it; None: it was assigned directly."""
