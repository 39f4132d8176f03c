"""The simulated engine's surroundings: a network, phones and a clock that are virtual, too."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from itertools import count
from typing import Any

from tests.contract.media.voices import PCMU

from callwright.kernel.addresses import HostPort
from callwright.kernel.ids import LegId, PromptId
from callwright.media.events import MediaEvent
from callwright.media.remote import RemoteMedia
from callwright.testing import virtual_loop
from callwright.testing.handset import PACKET_S, Handset, Stream
from callwright.testing.media import SimulatedMedia
from callwright.testing.network import Network

ENGINE_IP = "192.0.2.1"
PATIENCE_S = 5.0
TELEPHONE_EVENT = 101


class SimulatedParty:
    """A leg of the simulated engine and the handset that it is connected to."""

    def __init__(self, stage: "SimulatedStage", leg: LegId, port: int, handset: Handset) -> None:
        self.leg = leg
        self.frequency_hz = handset.frequency_hz
        self._stage = stage
        self._handset = handset
        self._engine_side = HostPort(ENGINE_IP, port)
        self.remote = RemoteMedia(
            handset.host.ip, handset.port, handset.port + 1, PCMU, TELEPHONE_EVENT
        )

    def change(self, **changes: Any) -> None:
        self.remote = replace(self.remote, **changes)
        self._stage.engine.set_remote(self.leg, self.remote)
        stream = Stream(
            self._engine_side,
            self.remote.format.codec.name,
            sends_digits=self.remote.dtmf_payload_type is not None,
        )
        self._handset.connect(stream)

    def talk(self, amplitude: int = 8_000) -> None:
        if amplitude:
            self._handset.talk()
        else:
            self._handset.hush()
        self._handset.resume_packets()

    def stop_packets(self) -> None:
        self._handset.stop_packets()

    async def talk_for(self, seconds: float) -> None:
        self.talk()
        await asyncio.sleep(seconds)
        self.stop_packets()

    async def press(self, keys: str) -> None:
        """Packets flow while a key is pressed; they hold no audio."""
        was_sending = self._handset.sends_packets
        was_talking = self._handset.is_talking
        self.talk(amplitude=0)
        await self._handset.press(keys)
        self.talk(8_000 if was_talking else 0)
        if not was_sending:
            self.stop_packets()

    def hears(self) -> str | None:
        names = sorted(name.removeprefix("tone ") for name in self._handset.hears())
        return " and ".join(names) or None

    async def until_hears(self, wanted: str | None) -> None:
        await self._until(lambda: self.hears() == wanted, f"does not hear {wanted}")

    def hears_all(self) -> set[str]:
        return {name.removeprefix("tone ") for name in self._handset.hears()}

    async def until_hears_all(self, *wanted: str) -> None:
        await self._until(lambda: self.hears_all() == set(wanted), f"does not hear {wanted}")

    @property
    def digits(self) -> str:
        return "".join(self._handset.digits)

    async def until_digits(self, wanted: str) -> None:
        await self._until(lambda: self.digits == wanted, f"does not see {wanted}")

    async def _until(self, is_true: Any, complaint: str) -> None:
        for _ in range(round(PATIENCE_S / PACKET_S)):
            if is_true():
                return
            await asyncio.sleep(PACKET_S)
        raise AssertionError(f"{self._handset.name} {complaint}")


class SimulatedStage:
    """The simulated engine on a perfect network."""

    def __init__(self) -> None:
        self.engine: SimulatedMedia
        self.events: list[MediaEvent] = []
        self._legs = count(1)
        self._ports = count(20_000, 2)
        self._prompts = count(1)
        self._hosts = count(1)

    def run(self, scene: Coroutine[Any, Any, None]) -> None:
        virtual_loop.run(self._run(scene))

    async def _run(self, scene: Coroutine[Any, Any, None]) -> None:
        self._network = Network()
        self._happened = asyncio.Event()
        self.engine = SimulatedMedia(self._network.add_host("engine", ENGINE_IP))
        self.engine.on_event(self._note)
        try:
            await scene
        finally:
            self.engine.close()

    def _note(self, event: MediaEvent) -> None:
        self.events.append(event)
        self._happened.set()

    def open_leg(self) -> tuple[LegId, int]:
        leg, port = LegId(next(self._legs)), next(self._ports)
        self.open_on(leg, port)
        return leg, port

    def open_on(self, leg: LegId, rtp_port: int) -> None:
        self.engine.open_leg(leg, ENGINE_IP, rtp_port)

    async def party(self, name: str, **changes: Any) -> SimulatedParty:
        leg, port = self.open_leg()
        host = self._network.add_host(name, f"192.0.2.{100 + next(self._hosts)}")
        party = SimulatedParty(self, leg, port, self.engine.handset(host, name))
        party.stop_packets()
        party.change(**changes)
        return party

    def prompt(self, name: str, seconds: float) -> PromptId:
        prompt = PromptId(next(self._prompts))
        self.engine.load_prompt(prompt, bytes(round(seconds * 8_000) * 2))
        self.engine.name_prompt(prompt, name)
        return prompt

    async def elapse(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def event(self, kind: type, *, nth: int = 1) -> Any:
        async with asyncio.timeout(PATIENCE_S):
            while len(found := [event for event in self.events if isinstance(event, kind)]) < nth:
                self._happened.clear()
                await self._happened.wait()
        return found[nth - 1]
