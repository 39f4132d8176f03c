"""The real clock: the event loop's timers and the machine's civil time."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime

from callwright.kernel.clock import Timer


class LoopClock:
    """Implements ``kernel.clock.Clock`` on a running loop."""

    __slots__ = ("_loop", "monotonic")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        is_usual = type(loop).time is asyncio.BaseEventLoop.time
        self.monotonic = time.monotonic if is_usual else loop.time
        """What the loop's timers go by. Thirty times in a call: not through one more function."""

    def utc(self) -> datetime:
        return datetime.now(UTC)

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Timer:
        return self._loop.call_later(delay_s, callback)
