"""What a test of behaviour needs: an engine, parties that talk in tones of their own, events.

Each implementation of `MediaEngine` has a stage; ``conftest.py`` names them.
"""

from collections.abc import Coroutine
from typing import Any, Protocol

from callwright.kernel.ids import LegId, PromptId
from callwright.media.engine import MediaEngine
from callwright.media.events import MediaEvent
from callwright.media.remote import RemoteMedia


class Party(Protocol):
    """A leg together with the phone at its other end; silent at first."""

    leg: LegId
    remote: RemoteMedia
    frequency_hz: int
    """The tone that it talks in."""

    def change(self, **changes: Any) -> None:
        """Signals a changed `RemoteMedia` to the engine."""
        ...

    def talk(self, amplitude: int = 8_000) -> None:
        """Sends its tone until `stop_packets`; amplitude 0 sends packets that hold silence."""
        ...

    def stop_packets(self) -> None: ...

    async def talk_for(self, seconds: float) -> None:
        """Sends its tone for so long, and then nothing."""
        ...

    async def press(self, keys: str) -> None: ...

    def hears(self) -> str | None:
        """The name of what arrives now: a party, a prompt, ``440 Hz``; None for silence."""
        ...

    async def until_hears(self, wanted: str | None) -> None:
        """Raises AssertionError when it does not within some seconds."""
        ...

    def hears_all(self) -> set[str]:
        """The names of everybody and everything that arrives now, loud or soft."""
        ...

    async def until_hears_all(self, *wanted: str) -> None:
        """Exactly these at once; raises AssertionError when that takes some seconds."""
        ...

    @property
    def digits(self) -> str:
        """Keys that arrived."""
        ...

    async def until_digits(self, wanted: str) -> None: ...


class Stage(Protocol):
    """An engine and what surrounds it."""

    events: list[MediaEvent]
    """All that came so far."""

    @property
    def engine(self) -> MediaEngine: ...

    def run(self, scene: Coroutine[Any, Any, None]) -> None:
        """Sets the stage up, runs the scene, clears everything away."""
        ...

    def open_leg(self) -> tuple[LegId, int]:
        """A leg without a party, and its RTP port."""
        ...

    def open_on(self, leg: LegId, rtp_port: int) -> None:
        """Opens a leg on a certain port."""
        ...

    async def party(self, name: str, **changes: Any) -> Party:
        """A connected party; the changes are `RemoteMedia`'s."""
        ...

    def prompt(self, name: str, seconds: float) -> PromptId:
        """Loads a prompt that parties hear by this name."""
        ...

    async def elapse(self, seconds: float) -> None: ...

    async def event(self, kind: type, *, nth: int = 1) -> Any:
        """The nth event of a kind, once it is there."""
        ...
