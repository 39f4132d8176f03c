"""What a waiting caller is told of the line: the position, and how long it will take.

Teams tells neither (SPEC 5.1); callers of other systems get both, and complain where the estimate
is a guess. So there is an estimate only where calls were answered before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from callwright.kernel.limits.queues import QUEUE_POSITION_TOLD_MAX, QUEUE_WAIT_MINUTES_TOLD_MAX


@dataclass(frozen=True, slots=True)
class AnnouncementRule:
    """What is told, every ``every_s`` seconds of waiting."""

    every_s: int
    position: bool = True
    expected_wait: bool = False


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is to be told. Bounded, so that the prompts of all outlooks are few."""

    position: int | None
    """1 is next; None: is not told."""
    is_further_back: bool = False
    """Behind the last position that is told."""
    wait_minutes: int | None = None
    """At most so long, by what was so far; None: nothing is known, or it is not told."""


def outlook(rule: AnnouncementRule, position: int, expected_s: float | None) -> Outlook:
    """Returns what the caller at ``position`` is told."""
    minutes = None
    if rule.expected_wait and expected_s is not None:
        minutes = min(max(1, ceil(expected_s / 60)), QUEUE_WAIT_MINUTES_TOLD_MAX)
    told = min(position, QUEUE_POSITION_TOLD_MAX) if rule.position else None
    return Outlook(told, told is not None and position > told, minutes)


def expected_wait_s(position: int, answered_at_s: Sequence[float], now_s: float) -> float | None:
    """Returns how long the caller at ``position`` will wait if answers go on as they did.

    ``answered_at_s``: when the last calls of the queue were answered, on a monotonic clock, the
    oldest first. None with fewer than two: nobody knows.
    """
    if len(answered_at_s) < 2:
        return None
    span_s = max(now_s, answered_at_s[-1]) - answered_at_s[0]
    return position * span_s / len(answered_at_s)
