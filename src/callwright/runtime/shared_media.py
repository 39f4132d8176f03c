"""One media engine for the nodes of several organisations: its threads and ports serve them all.

Each node names its legs and prompts from a range of its own, so a command needs no translation and
goes straight to the engine. Only events are brought to the node that they are about.
"""

from collections.abc import Callable

from callwright.media.engine import MediaEngine
from callwright.media.events import MediaEvent

RANGE_BITS = 40
"""A node that opens a thousand legs a second uses its range up in 34 years."""
Listener = Callable[[MediaEvent], None]


class SharedMedia:
    """Owns who listens; the engine stays its owner's to close."""

    def __init__(self, engine: MediaEngine) -> None:
        self._engine = engine
        self._listeners: dict[int, Listener] = {}

    def share(self, number: int) -> MediaEngine:
        """The engine, as the node with this number uses it."""
        return _Share(self._engine, lambda listener: self._listen(number, listener))

    def leave(self, number: int) -> None:
        """Nobody hears any more of the node's legs."""
        self._listeners.pop(number, None)
        self._tell()

    def _listen(self, number: int, listener: Listener) -> None:
        self._listeners[number] = listener
        self._tell()

    def _tell(self) -> None:
        """A node that is alone hears the engine itself."""
        (alone, *others) = self._listeners.values() or (_nobody,)
        self._engine.on_event(self._sort if others else alone)

    def _sort(self, event: MediaEvent) -> None:
        self._listeners.get(event.leg >> RANGE_BITS, _nobody)(event)


def first_id(number: int) -> int:
    """Of the legs and prompts of the node with this number."""
    return (number << RANGE_BITS) + 1


class _Share:
    """The engine's own commands, and a listener of one's own (``MediaEngine``)."""

    def __init__(self, engine: MediaEngine, listen: Callable[[Listener], None]) -> None:
        self._engine = engine
        self._listen = listen
        # Bound once: to pass each command on would cost every leg of every call.
        self.open_leg = engine.open_leg
        self.set_remote = engine.set_remote
        self.bridge = engine.bridge
        self.unbridge = engine.unbridge
        self.join_room = engine.join_room
        self.leave_room = engine.leave_room
        self.set_gain = engine.set_gain
        self.load_prompt = engine.load_prompt
        self.unload_prompt = engine.unload_prompt
        self.play = engine.play
        self.stop_play = engine.stop_play
        self.tone = engine.tone
        self.send_dtmf = engine.send_dtmf
        self.record = engine.record
        self.pause_record = engine.pause_record
        self.resume_record = engine.resume_record
        self.stop_record = engine.stop_record
        self.listen = engine.listen
        self.stop_listening = engine.stop_listening
        self.set_media_timeout = engine.set_media_timeout
        self.statistics = engine.statistics
        self.close_leg = engine.close_leg

    @property
    def fingerprint(self) -> str:
        return self._engine.fingerprint

    def on_event(self, listener: Listener) -> None:
        self._listen(listener)

    def close(self) -> None:
        """Other nodes use it."""


def _nobody(event: MediaEvent) -> None:
    """The last events of a node that is gone."""
