"""The native engine's surroundings: real sockets on 127.0.0.1."""

import asyncio
import os
from collections.abc import Coroutine
from itertools import count
from typing import Any

from tests.contract.media.rtp_end import PATIENCE_S, UdpEnd
from tests.contract.media.rtp_party import RtpParty
from tests.contract.media.voices import tone

from callwright.kernel.ids import LegId, PromptId
from callwright.media.events import LegStatistics, MediaEvent
from callwright.media.native import NativeEngine


class NativeStage:
    """The native engine and what surrounds it."""

    def __init__(self) -> None:
        self.engine: NativeEngine
        self.events: list[MediaEvent] = []
        self.names: dict[int, str] = {}
        """Of parties and prompts, by their tones."""
        self._legs = count(1)
        self._ports = count(20_000 + os.getpid() % 400 * 100, 2)
        self._frequencies = count(400, 130)
        self._happened = asyncio.Event()
        self._ends: list[UdpEnd] = []

    def run(self, scene: Coroutine[Any, Any, None]) -> None:
        asyncio.run(self._run(scene))

    async def _run(self, scene: Coroutine[Any, Any, None]) -> None:
        self.engine = NativeEngine()
        self.engine.on_event(self._note)
        try:
            await scene
        finally:
            self.engine.close()
            for end in self._ends:
                end.transport.close()

    def _note(self, event: MediaEvent) -> None:
        self.events.append(event)
        self._happened.set()

    def open_leg(self) -> tuple[LegId, int]:
        """A leg on the next free pair of ports."""
        leg = LegId(next(self._legs))
        for port in self._ports:
            try:
                self.engine.open_leg(leg, "127.0.0.1", port)
            except OSError:
                continue
            return leg, port
        raise AssertionError

    def open_on(self, leg: LegId, rtp_port: int) -> None:
        self.engine.open_leg(leg, "127.0.0.1", rtp_port)

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

    async def udp_end(self, ip: str = "127.0.0.1", port: int = 0) -> UdpEnd:
        """A port of the world outside, closed with the stage."""
        self._ends.append(await UdpEnd.open(ip, port))
        return self._ends[-1]

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
