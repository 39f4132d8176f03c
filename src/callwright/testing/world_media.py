"""What a virtual world needs of its media: an engine, and handsets that hear by name."""

from typing import Protocol

from callwright.kernel.ids import PromptId
from callwright.media.engine import MediaEngine
from callwright.testing.handset import Handset
from callwright.testing.network import Host


class WorldMedia(MediaEngine, Protocol):
    """`SimulatedMedia` works out who hears whom, `RtpMedia` sends packets."""

    @property
    def open_count(self) -> int:
        """Legs that are open."""
        ...

    def handset(self, host: Host, name: str) -> Handset:
        """The audio end of one phone call; phones of one name have one tone."""
        ...

    def name_prompt(self, prompt: PromptId, name: str) -> None:
        """What phones report when they hear it."""
        ...
