"""The native engine behind the media contract: brings events to the event loop."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from callwright.media import _native
from callwright.media.events import MediaEvent
from callwright.media.native_commands import NativeCommands

EVENTS_PER_TURN_MAX = 256
"""Events delivered before other callbacks of the loop get their turn."""


class NativeEngine(NativeCommands):
    """Implements `MediaEngine` with threads of its own, which run from creation to `close`.

    Not thread-safe towards itself: one thread, the one of the event loop, uses it.
    """

    def __init__(self) -> None:
        self._engine = _native.Engine()
        super().__init__(self._engine)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listener: Callable[[MediaEvent], None] | None = None

    def on_event(self, listener: Callable[[MediaEvent], None]) -> None:
        """Names the one listener; the running loop becomes the one that events come on.

        Raises RuntimeError outside of a running loop.
        """
        loop = asyncio.get_running_loop()
        self._forget_loop()
        self._listener = listener
        self._loop = loop
        loop.add_reader(self._engine.event_descriptor(), self._deliver)

    def close(self) -> None:
        """Ends every leg and thread; the last events are delivered before it returns."""
        self._engine.close()
        self._forget_loop()
        while self._deliver():
            pass

    def _deliver(self) -> int:
        """Takes what has happened to the listener; returns how much that was."""
        events = self._take_events(EVENTS_PER_TURN_MAX)
        for event in events:
            if self._listener is None:
                continue
            try:
                self._listener(event)
            except Exception as error:
                # The defect of one leg's owner must not cost the events of other legs.
                self._report(error)
        return len(events)

    def _report(self, error: Exception) -> None:
        loop = self._loop
        if loop is None:
            raise error
        loop.call_exception_handler(
            {"message": "a listener to media events failed", "exception": error}
        )

    def _forget_loop(self) -> None:
        loop, self._loop = self._loop, None
        if loop is not None and not loop.is_closed():
            with suppress(NotImplementedError):
                loop.remove_reader(self._engine.event_descriptor())
