"""Time as something passed in: a clock to read and a timer to set (design: virtual time)."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol


class Timer(Protocol):
    """A deadline that was set and can be taken back."""

    def cancel(self) -> None: ...


class Clock(Protocol):
    """Real in the runtime, virtual in the test world; nobody below the shell reads another."""

    def monotonic(self) -> float:
        """Seconds that never run backwards, from an arbitrary start."""
        ...

    def utc(self) -> datetime:
        """The civil instant, always with tzinfo UTC."""
        ...

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Timer:
        """Calls ``callback`` once after ``delay_s`` seconds, unless the timer is cancelled."""
        ...
