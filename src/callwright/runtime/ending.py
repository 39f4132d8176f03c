"""How SIGTERM and Ctrl-C end a server: politely, and at the second time at once."""

import asyncio
import contextlib
import signal
from collections.abc import Iterator

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Ending:
    """Of one task that serves. Until ``begin`` a signal gives up the start; after it the first one
    sets the event, and the next gives up waiting for calls. Giving up cancels the task, which
    still closes what it has open."""

    def __init__(self, serving: "asyncio.Task[None]") -> None:
        self.was_given_up = False
        self._serving = serving
        self._wanted: asyncio.Event | None = None

    def begin(self, wanted: asyncio.Event) -> None:
        """The server is up: ``wanted`` tells it to end."""
        self._wanted = wanted

    def asked(self) -> None:
        """A signal came."""
        if self._wanted is not None and not self._wanted.is_set():
            self._wanted.set()
        else:
            self.was_given_up = True
            self._serving.cancel()


@contextlib.contextmanager
def ending_on_signals() -> Iterator[Ending]:
    """While the block runs in the current task, signals are its `Ending`'s; being given up ends
    the block, not the task. Afterwards signals do what they did before."""
    loop = asyncio.get_running_loop()
    serving = asyncio.current_task()
    assert serving is not None
    ending = Ending(serving)
    before = [signal.getsignal(number) for number in SIGNALS]
    for number in SIGNALS:
        loop.add_signal_handler(number, ending.asked)
    try:
        yield ending
    except asyncio.CancelledError:
        if not ending.was_given_up:
            raise
        serving.uncancel()
    finally:
        for number, handler in zip(SIGNALS, before, strict=True):
            loop.remove_signal_handler(number)
            signal.signal(number, handler)
