"""What stages have in common whose parties speak RTP."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from itertools import count
from typing import Any, ClassVar, Generic, TypeVar

from tests.contract.media.rtp_end import PATIENCE_S, RtpEnd
from tests.contract.media.rtp_party import RtpParty
from tests.contract.media.voices import tone

from callwright.kernel.ids import LegId, PromptId
from callwright.media.engine import MediaEngine
from callwright.media.events import LegStatistics, MediaEvent

E = TypeVar("E", bound=MediaEngine)


class RtpStage(ABC, Generic[E]):
    """An engine that sends packets, and what surrounds it."""

    engine: E
    engine_ip: ClassVar[str]

    def __init__(self, first_port: int) -> None:
        self.events: list[MediaEvent] = []
        self.names: dict[int, str] = {}
        """Of parties and prompts, by their tones."""
        self._legs = count(1)
        self._ports = count(first_port, 2)
        self._frequencies = count(400, 130)
        self._happened = asyncio.Event()

    @abstractmethod
    def run(self, scene: Coroutine[Any, Any, None]) -> None: ...

    @abstractmethod
    async def rtp_end(self) -> RtpEnd:
        """A free port of the world outside."""

    def _note(self, event: MediaEvent) -> None:
        self.events.append(event)
        self._happened.set()

    def open_leg(self) -> tuple[LegId, int]:
        """A leg on the next free pair of ports."""
        leg = LegId(next(self._legs))
        for port in self._ports:
            try:
                self.engine.open_leg(leg, self.engine_ip, port)
            except OSError:
                continue
            return leg, port
        raise AssertionError

    def open_on(self, leg: LegId, rtp_port: int) -> None:
        self.engine.open_leg(leg, self.engine_ip, rtp_port)

    async def party(self, name: str, beside: RtpParty | None = None, **changes: Any) -> RtpParty:
        """A party that is connected and silent; its leg may share the ports of another one's."""
        if beside is None:
            leg, port = self.open_leg()
        else:
            leg, port = LegId(next(self._legs)), beside.port
            self.open_on(leg, port)
        frequency_hz = self._frequency_for(name)
        party = RtpParty(self, name, leg, port, frequency_hz)
        await party.connect(**changes)
        return party

    def prompt(self, name: str, seconds: float) -> PromptId:
        """A prompt that parties hear by its name."""
        frequency_hz = self._frequency_for(name)
        prompt = PromptId(frequency_hz)
        self.engine.load_prompt(prompt, tone(frequency_hz, seconds).tobytes())
        return prompt

    async def elapse(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def event(self, kind: type, *, nth: int = 1, within_s: float = PATIENCE_S) -> Any:
        """The nth event of a kind, once it is there."""
        async with asyncio.timeout(within_s):
            while len(self.events_of(kind)) < nth:
                self._happened.clear()
                await self._happened.wait()
        return self.events_of(kind)[nth - 1]

    def events_of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def statistics(self, party: RtpParty) -> LegStatistics:
        read = self.engine.statistics(party.leg)
        assert read is not None
        return read

    async def settled(self, party: RtpParty) -> LegStatistics:
        """What is counted once everything sent so far has arrived; readings are refreshed ten
        times a second."""
        await self.elapse(0.25)
        return self.statistics(party)

    def name_of(self, frequency_hz: int | None) -> str | None:
        if frequency_hz is None:
            return None
        near = [name for known, name in self.names.items() if abs(known - frequency_hz) <= 20]
        return near[0] if near else f"{frequency_hz} Hz"

    def _frequency_for(self, name: str) -> int:
        frequency_hz = next(self._frequencies)
        self.names[frequency_hz] = name
        return frequency_hz


Wire = RtpStage[Any]
"""Whichever engine it is."""
