"""The service level: which share of the callers was answered in time (SPEC 5.2, row 154)."""

from collections.abc import Iterable

from callwright.kernel.value import value


@value
class Wait:
    """How long a caller waited, and whether an agent answered."""

    wait_s: float
    is_answered: bool


def is_in_time(wait_s: float, threshold_s: int) -> bool:
    """Answered in 45 s of 45 is in time."""
    return wait_s <= threshold_s


def service_level(waits: Iterable[Wait], threshold_s: int | None) -> float | None:
    """Returns the share, 0.0 to 1.0, of callers who were answered in time.

    Who left before the threshold counts neither way: nobody was late yet. None without a threshold
    or without anybody to count.
    """
    if threshold_s is None:
        return None
    in_time = late = 0
    for wait in waits:
        if wait.is_answered and is_in_time(wait.wait_s, threshold_s):
            in_time += 1
        elif wait.is_answered or not is_in_time(wait.wait_s, threshold_s):
            late += 1
    counted = in_time + late
    return in_time / counted if counted else None
