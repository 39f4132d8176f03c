"""How often visitors of web pages may call: they prove nothing, so only their number is bounded."""

import math
from collections import deque

from callwright.domains.shield.rules import source_of
from callwright.kernel.clock import Clock
from callwright.kernel.limits.shield import (
    VISITOR_CALLS_MAX,
    VISITOR_CALLS_PER_ADDRESS_MAX,
    VISITOR_CALLS_S,
)


class Visitors:
    """Knows the calls of the last minute, those of each source and all together (SPEC 4.5)."""

    def __init__(self, clock: Clock) -> None:
        self.refused = 0
        """Calls above a limit."""
        self._clock = clock
        self._calls: deque[tuple[float, str]] = deque(maxlen=VISITOR_CALLS_MAX)
        """When each was let in, and where it came from; the oldest first."""

    def retry_s(self, address: str) -> int | None:
        """When a further call from ``address`` may come; None: now, and it is counted."""
        now_s = self._clock.monotonic()
        while self._calls and now_s - self._calls[0][0] >= VISITOR_CALLS_S:
            self._calls.popleft()
        source = source_of(address)  # a host has 2**64 IPv6 addresses to call from
        own = [then_s for then_s, whose in self._calls if whose == source]
        if len(self._calls) >= VISITOR_CALLS_MAX:
            oldest_s = self._calls[0][0]
        elif len(own) >= VISITOR_CALLS_PER_ADDRESS_MAX:
            oldest_s = own[0]
        else:
            self._calls.append((now_s, source))
            return None
        self.refused += 1
        return math.ceil(oldest_s + VISITOR_CALLS_S - now_s)
