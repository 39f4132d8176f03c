"""Which of several policies counts (SPEC 11.2), and what it forbids."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from callwright.domains.policies.model import CallingPolicy, OutboundCalls
from callwright.kernel.policy import GLOBAL_POLICY, RankedPolicy
from callwright.kernel.reason import Reason


class Level(Enum):
    """Where a policy was given, the level that counts first on top."""

    NUMBER = "number"
    DIRECT = "direct"
    GROUP = "group"
    GLOBAL = "global"


@dataclass(frozen=True, slots=True)
class Resolved:
    policy: str
    level: Level
    because: str
    """``group sales, rank 1``."""


@dataclass(frozen=True, slots=True)
class GroupPolicy:
    """What one of the user's groups gives."""

    group: str
    given: RankedPolicy


def resolve(
    *,
    number: tuple[str, str] | None = None,
    direct: str | None = None,
    groups: Iterable[GroupPolicy] = (),
) -> Resolved:
    """Returns the policy that counts and why: number, then user, then groups, then everybody.

    ``number`` is the user's number and the policy given to it, which wins because it is the
    number that calls (row 46). No two groups have one rank for one kind of policy; the checks
    refuse that.
    """
    if number is not None:
        return Resolved(number[1], Level.NUMBER, f"given to the number {number[0]}")
    if direct is not None:
        return Resolved(direct, Level.DIRECT, "given directly")
    first = min(groups, key=lambda found: (found.given.rank, found.group), default=None)
    if first is not None:
        because = f"group {first.group}, rank {first.given.rank}"
        return Resolved(first.given.policy, Level.GROUP, because)
    return Resolved(GLOBAL_POLICY, Level.GLOBAL, "everybody without another one has it")


def outbound_bar(policy: CallingPolicy, *, is_domestic: bool) -> Reason | None:
    """Returns why the policy lets no such call out (SPEC 8.8, row 238); None: it does."""
    match policy.outbound:
        case OutboundCalls.NONE:
            return Reason.OUTBOUND_FORBIDDEN
        case OutboundCalls.DOMESTIC if not is_domestic:
            return Reason.INTERNATIONAL_FORBIDDEN
        case _:
            return None
