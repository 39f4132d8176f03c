"""Whether a stream of audio was poor: a class beside the MOS (SPEC 10.7, row 275)."""

from enum import Enum

from callwright.kernel.limits.reports import (
    POOR_JITTER_MS,
    POOR_LOSS_SHARE,
    POOR_PACKETS_MIN,
    POOR_ROUND_TRIP_MS,
)


class StreamClass(Enum):
    GOOD = "good"
    POOR = "poor"
    UNCLASSIFIED = "unclassified"
    """Too short, or nothing of it was measured."""


def class_of_stream(
    packets: int | None, *, loss: float | None, jitter_ms: float | None, round_trip_ms: float | None
) -> StreamClass:
    """``loss`` is the share of all that were sent, 0.0 to 1.0; None: not measured."""
    measured = (
        (loss, POOR_LOSS_SHARE),
        (jitter_ms, POOR_JITTER_MS),
        (round_trip_ms, POOR_ROUND_TRIP_MS),
    )
    known = [(value, bound) for value, bound in measured if value is not None]
    if packets is None or packets <= POOR_PACKETS_MIN or not known:
        return StreamClass.UNCLASSIFIED
    is_poor = any(value > bound for value, bound in known)
    return StreamClass.POOR if is_poor else StreamClass.GOOD
