"""The real clock: the event loop's timers and the machine's civil time."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from callwright.kernel.clock import Timer


class LoopClock:
    """Implements ``kernel.clock.Clock`` on a running loop."""

    __slots__ = ("_loop", "monotonic")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.monotonic = loop.time
        """Thirty times in a call: not through one more function."""

    def utc(self) -> datetime:
        return datetime.now(UTC)

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Timer:
        return self._loop.call_later(delay_s, callback)
