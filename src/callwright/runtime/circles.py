"""When the process looks for circles of dead objects: not while calls wait for it.

What a call needed goes as soon as nothing refers to it (``tests/world/test_memory.py``), so circles
come from errors, HTTP and former configurations only. The interpreter by itself would look after
each so many new objects, which is in the middle of a busy hour: it visits all that lives, for 40 ms
and more, and finds nothing.
"""

import asyncio
import gc
from collections.abc import Callable

from callwright.kernel.clock import Clock
from callwright.kernel.limits.running import (
    CIRCLES_EVERY_S,
    CIRCLES_GROWTH_MAX,
    CIRCLES_LATEST_S,
    CIRCLES_LOOK_S,
)


class Circles:
    """Has the interpreter's collector for itself from ``begin`` to ``end``."""

    def __init__(self, clock: Clock, is_quiet: Callable[[], bool]) -> None:
        """``is_quiet()``: nobody would notice a pause of a tenth of a second."""
        self.collected = 0
        """Objects that only a collection freed, since the beginning."""
        self._clock = clock
        self._is_quiet = is_quiet
        self._done_at_s = clock.monotonic()

    def begin(self) -> None:
        """What a start leaves stays for good: it is not looked at again."""
        gc.disable()
        gc.collect()
        gc.freeze()
        self._done_at_s = self._clock.monotonic()

    def end(self) -> None:
        gc.unfreeze()
        gc.enable()

    async def run(self) -> None:
        while True:
            await asyncio.sleep(CIRCLES_LOOK_S)
            self.look()

    def look(self) -> None:
        """Collects when it is time: in a quiet moment, after long without one, or when so many
        objects have come that circles may be among them."""
        since_s = self._clock.monotonic() - self._done_at_s
        is_due = since_s >= CIRCLES_LATEST_S or gc.get_count()[0] >= CIRCLES_GROWTH_MAX
        if is_due or (since_s >= CIRCLES_EVERY_S and self._is_quiet()):
            self.collected += gc.collect()
            self._done_at_s = self._clock.monotonic()
