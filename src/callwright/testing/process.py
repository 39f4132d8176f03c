"""A program that can be killed: its timers go off no more, and what it would send is not sent."""

from collections.abc import Callable
from datetime import datetime

from callwright.kernel.clock import Clock, Timer
from callwright.sip.flow import Flow


class Process:
    """The `Clock` and the way out of one run of a program."""

    def __init__(self, clock: Clock, transmit: Callable[[Flow, bytes], None]) -> None:
        self.is_alive = True
        self._clock = clock
        self._transmit = transmit

    def kill(self) -> None:
        self.is_alive = False

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def utc(self) -> datetime:
        return self._clock.utc()

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Timer:
        return self._clock.call_later(delay_s, Fuse(self, callback))

    def transmit(self, flow: Flow, data: bytes) -> None:
        if self.is_alive:
            self._transmit(flow, data)


class Fuse:
    """A timer's callback that dies with its process."""

    __slots__ = ("callback", "process")

    def __init__(self, process: Process, callback: Callable[[], None]) -> None:
        self.process = process
        self.callback = callback

    def __call__(self) -> None:
        if self.process.is_alive:
            self.callback()
