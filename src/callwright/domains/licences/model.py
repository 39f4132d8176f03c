"""Licence SKUs of SPEC 1 and what each grants."""

from enum import Enum


class Sku(Enum):
    """A product that is bought in seats; the value is its name in the organisation file."""

    PHONE_SYSTEM = "phone-system"
    """PSTN in and out, and every calling feature."""
    CALLING_PLAN_DOMESTIC = "calling-plan-domestic"
    CALLING_PLAN_INTERNATIONAL = "calling-plan-international"
    CALLING_PLAN_PAY_AS_YOU_GO = "calling-plan-pay-as-you-go"
    COMMUNICATIONS_CREDITS = "communications-credits"
    """May spend the organisation's prepaid balance."""
    RESOURCE_ACCOUNT = "resource-account"
    SHARED_DEVICES = "shared-devices"
    AUDIO_CONFERENCING = "audio-conferencing"
    PREMIUM = "premium"


RESOURCE_ACCOUNTS_FREE_BASE = 25
RESOURCE_ACCOUNTS_FREE_PER_PHONE_SYSTEM_SEATS = 10
"""SPEC 1: 25 and one more for each ten phone-system seats (600 users: 85)."""


def free_resource_accounts(phone_system_seats: int) -> int:
    """Returns the size of the free pool (SPEC 1; row 7)."""
    return RESOURCE_ACCOUNTS_FREE_BASE + (
        phone_system_seats // RESOURCE_ACCOUNTS_FREE_PER_PHONE_SYSTEM_SEATS
    )
