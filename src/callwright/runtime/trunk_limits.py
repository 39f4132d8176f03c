"""How many calls an SBC takes: together, and new ones in a second (token bucket)."""

from collections.abc import Callable

from callwright.domains.pstn.model import Sbc
from callwright.kernel.clock import Clock
from callwright.kernel.ids import SbcId
from callwright.kernel.limits.trunks import TRUNK_RETRY_AFTER_S

INBOUND, OUTBOUND = "in", "out"


class TrunkLimits:
    """Counts nothing but the tokens: live calls are known to who owns them."""

    def __init__(self, clock: Clock, live_calls: Callable[[SbcId], int]) -> None:
        """``live_calls(sbc)``: legs of the SBC, in both directions."""
        self.refused = 0
        """Calls that came in above a limit."""
        self._clock = clock
        self._live_calls = live_calls
        self._buckets: dict[tuple[SbcId, str], tuple[float, float, float]] = {}
        """Rate, tokens, and when they were counted."""

    def outbound_bar(self, sbc: Sbc) -> str | None:
        """Why no further call may go out through it; None: one may, and is counted."""
        return self._bar(sbc, OUTBOUND)

    def inbound_retry_s(self, sbc: Sbc) -> int | None:
        """When a further call from it may come; None: now, and it is counted."""
        if self._bar(sbc, INBOUND) is None:
            return None
        self.refused += 1
        return TRUNK_RETRY_AFTER_S

    def _bar(self, sbc: Sbc, direction: str) -> str | None:
        most, rate = sbc.max_calls, sbc.max_calls_per_s
        if most is not None and self._live_calls(sbc.id) >= most:
            return f"it has {most} calls, and max_calls is {most}"
        if rate is not None and not self._take((sbc.id, direction), rate):
            return f"max_calls_per_s is {rate:g}"
        return None

    def _take(self, key: tuple[SbcId, str], rate: float) -> bool:
        """A second's worth of calls may come at once; a slow rate lets one call through."""
        now_s = self._clock.monotonic()
        depth = max(rate, 1.0)
        known, tokens, then_s = self._buckets.get(key, (rate, depth, now_s))
        if known != rate:
            tokens = min(tokens, depth)
        tokens = min(depth, tokens + (now_s - then_s) * rate)
        has_one = tokens >= 1.0 - 1e-9
        self._buckets[key] = (rate, tokens - 1.0 if has_one else tokens, now_s)
        return has_one
