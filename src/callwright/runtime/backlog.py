"""How far the node is behind with what its UDP sockets hold."""

from callwright.kernel.clock import Clock
from callwright.kernel.limits.running import OVERLOAD_HIGH_S, OVERLOAD_LOW_S

NONE = 0
BUSY = 1
"""Calls of those whom we do not know are refused."""
FULL = 2
"""New calls are refused."""


class Backlog:
    """Says how late the node is, in levels.

    A reader that takes a full batch says ``fell_behind``, one that finds its socket empty
    ``caught_up``. What is in a buffer that was not empty for so long has waited at most as long;
    who reads without pause for longer than a tenth of a second is late. Once it is, it stays so
    until the buffer is empty.
    """

    def __init__(self, clock: Clock) -> None:
        self.level = NONE
        self.shed = 0
        """Calls refused for it, since the start."""
        self._clock = clock
        self._behind_since_s: dict[object, float] = {}

    def fell_behind(self, reader: object) -> None:
        now_s = self._clock.monotonic()
        late_s = now_s - self._behind_since_s.setdefault(reader, now_s)
        if late_s > OVERLOAD_HIGH_S:
            self.level = FULL
        elif late_s > OVERLOAD_LOW_S:
            self.level = max(self.level, BUSY)

    def caught_up(self, reader: object) -> None:
        if self._behind_since_s.pop(reader, None) is not None and not self._behind_since_s:
            self.level = NONE

    @property
    def is_behind(self) -> bool:
        """A reader has more than it could take at once."""
        return bool(self._behind_since_s)
