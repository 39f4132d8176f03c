"""Calls of strangers: a record of some, a number for the rest."""

from collections import Counter

from callwright.domains.shield.rules import source_of
from callwright.kernel.clock import Clock
from callwright.kernel.limits.shield import (
    STRANGER_RECORDS_MAX,
    STRANGER_RECORDS_PER_ADDRESS_MAX,
    STRANGER_RECORDS_S,
)


class Knocks:
    """Bounds what strangers can make us write down, each source and all together."""

    def __init__(self, clock: Clock) -> None:
        self.unrecorded = 0
        """Calls that were refused without a record."""
        self._clock = clock
        self._since_s = clock.monotonic()
        self._recorded: Counter[str] = Counter()
        """By source, in the span that began at ``_since_s``."""

    def is_worth_a_record(self, address: str) -> bool:
        """Counts one more call from ``address``; False once there are enough in this span."""
        now_s = self._clock.monotonic()
        if now_s - self._since_s >= STRANGER_RECORDS_S:
            self._since_s = now_s
            self._recorded.clear()
        source = source_of(address)  # a host has 2**64 IPv6 addresses to call from
        if (
            self._recorded.total() >= STRANGER_RECORDS_MAX
            or self._recorded[source] >= STRANGER_RECORDS_PER_ADDRESS_MAX
        ):
            self.unrecorded += 1
            return False
        self._recorded[source] += 1
        return True
