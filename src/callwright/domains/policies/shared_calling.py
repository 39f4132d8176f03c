"""People without a number of their own who call with a resource account's (SPEC 3.12)."""

from collections.abc import Mapping
from dataclasses import dataclass

from callwright.kernel.e164 import E164
from callwright.kernel.ids import ResourceAccountId, UserId


@dataclass(frozen=True, slots=True)
class SharedCallingPolicy:
    resource_account: ResourceAccountId
    """Whose number is shown, and whose attendant answers calls to it."""
    emergency_numbers: tuple[E164, ...] = ()
    """Lent to whoever calls for help, so that the emergency centre can call that person back."""


@dataclass(frozen=True, slots=True)
class LentNumber:
    number: E164
    because: str


def lend_emergency_number(
    policy: SharedCallingPolicy, user: UserId, lent: Mapping[E164, UserId]
) -> LentNumber | None:
    """Returns the number to show in an emergency call of ``user`` (rows 44 and 45).

    ``lent``: numbers that lead back to somebody now. None: the policy has none to lend.
    """
    numbers = policy.emergency_numbers
    for number in numbers:
        if lent.get(number) == user:
            return LentNumber(number, f"it leads back to {user} already")
    for number in numbers:
        if number not in lent:
            return LentNumber(number, "the first emergency number that is free")
    if numbers:
        because = "the first emergency number again, for all of them are in use"
        return LentNumber(numbers[0], because)
    return None
