"""A leg of an engine and the phone at its other end, speaking RTP over UDP."""

import asyncio
import struct
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from tests.contract.media.rtp_end import PATIENCE_S, RtpPacket
from tests.contract.media.voices import (
    FRAME,
    PCMU,
    RATE,
    Samples,
    amplitude_of,
    decode,
    encode,
    frequency_of,
)

from callwright.kernel.ids import LegId
from callwright.media.remote import RemoteMedia

if TYPE_CHECKING:
    from tests.contract.media.rtp_stage import RtpStage

TELEPHONE_EVENT = 101
KEYS = "0123456789*#ABCD"
FRAME_S = 0.02
HEARING_S = 0.06
"""What arrived within this time is what a party hears now."""
HEARING_ALL_S = 0.1
"""Voices that talk at once are told apart over so long."""
SOFT = 300
"""Amplitude of a tone that is heard; parties and prompts have 8,000."""


class RtpParty:
    """A leg of the engine together with the phone at its other end."""

    def __init__(
        self, stage: "RtpStage[Any]", name: str, leg: LegId, port: int, frequency_hz: int
    ) -> None:
        self.name = name
        self.leg = leg
        self.port = port
        """The engine's RTP port."""
        self.frequency_hz = frequency_hz
        self.format = PCMU
        self.ssrc = 0x1000_0000 + leg
        self.sequence = 65_500  # wraps soon
        self.timestamp = 0xFFFF_F000
        self.ptime_ms = 20
        self._stage = stage
        self._talking: asyncio.Task[None] | None = None

    async def connect(self, **changes: Any) -> None:
        self.rtp = await self._stage.rtp_end()
        self.rtcp = await self._stage.rtp_end()
        self.remote = RemoteMedia(self.rtp.ip, self.rtp.port, self.rtcp.port, PCMU, TELEPHONE_EVENT)
        self.change(**changes)

    def change(self, **changes: Any) -> None:
        """Signals something new to the engine."""
        self.remote = replace(self.remote, **changes)
        self.format, self.ptime_ms = self.remote.format, self.remote.ptime_ms
        self._stage.engine.set_remote(self.leg, self.remote)

    # -- speaking ----------------------------------------------------------------------------------

    def talk(self, amplitude: int = 8_000) -> None:
        """Says the party's tone until hushed; amplitude 0 sends silence."""
        self.stop_packets()
        self._talking = asyncio.create_task(self._talk(amplitude))

    def stop_packets(self) -> None:
        if self._talking is not None:
            self._talking.cancel()
            self._talking = None

    async def talk_for(self, seconds: float, amplitude: int = 8_000) -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        frame_s = self.ptime_ms / 1_000
        for frame in range(round(seconds / frame_s)):
            self.send_audio(self._voice(amplitude))
            await asyncio.sleep(begun + (frame + 1) * frame_s - loop.time())

    async def press(self, keys: str) -> None:
        """RFC 4733: five packets and two more ends, 100 ms for each key."""
        for key in keys:
            for step in range(1, 8):
                self.send_event(key, duration=min(step, 5) * FRAME, end=step >= 5, first=step == 1)
                await asyncio.sleep(FRAME_S)
            self.timestamp += 5 * FRAME

    def send_audio(self, samples: Samples, *, lost: bool = False) -> None:
        payload = encode(self.format.codec, samples)
        if not lost:
            self.send_packet(self.format.payload_type, payload)
        self.sequence += 1
        self.timestamp += len(samples)

    def send_event(self, key: str, *, duration: int, end: bool, first: bool = False) -> None:
        payload = struct.pack("!BBH", KEYS.index(key), end << 7 | 10, duration)
        events = self.remote.dtmf_payload_type
        assert events is not None
        self.send_packet(events, payload, marker=first)
        self.sequence += 1

    def send_packet(self, payload_type: int, payload: bytes, *, marker: bool = False) -> None:
        packet = RtpPacket(payload_type, marker, self.sequence, self.timestamp, self.ssrc, payload)
        self.rtp.send(packet.to_bytes(), self.port)

    async def _talk(self, amplitude: int) -> None:
        while True:
            await self.talk_for(0.2, amplitude)

    def _voice(self, amplitude: int) -> Samples:
        samples = self.ptime_ms * RATE // 1_000
        times = (np.arange(samples) + (self.timestamp & 0xFFFFFFFF)) / RATE
        wave_form = amplitude * np.sin(2 * np.pi * self.frequency_hz * times)
        return np.asarray(wave_form, dtype=np.int16)

    # -- hearing -----------------------------------------------------------------------------------

    def hears(self) -> str | None:
        """The name of what arrives now: a party, a prompt, or a tone in Hz; None for silence."""
        return self._stage.name_of(frequency_of(self.recent_audio(HEARING_S)))

    def recent_audio(self, within_s: float) -> Samples:
        """What arrived in the last seconds."""
        since_s = asyncio.get_running_loop().time() - within_s
        recent = [packet for packet in self.audio if packet.at_s > since_s]
        audio = [decode(self.format.codec, packet.payload) for packet in recent]
        return np.concatenate(audio) if audio else np.zeros(0, np.int16)

    async def until_hears(self, wanted: str | None, within_s: float = PATIENCE_S) -> None:
        heard: list[str | None] = []
        try:
            async with asyncio.timeout(within_s):
                while (now := self.hears()) != wanted:
                    if heard[-1:] != [now]:
                        heard.append(now)
                    await asyncio.sleep(FRAME_S)
        except TimeoutError:
            raise AssertionError(f"{self.name} heard {heard} and not {wanted}") from None

    def hears_all(self) -> set[str]:
        audio = self.recent_audio(HEARING_ALL_S)
        known = self._stage.names
        return {name for hz, name in known.items() if amplitude_of(hz, audio) > SOFT}

    async def until_hears_all(self, *wanted: str) -> None:
        heard: list[set[str]] = []
        try:
            async with asyncio.timeout(PATIENCE_S):
                while (now := self.hears_all()) != set(wanted):
                    if heard[-1:] != [now]:
                        heard.append(now)
                    await asyncio.sleep(FRAME_S)
        except TimeoutError:
            raise AssertionError(f"{self.name} heard {heard} and not {wanted}") from None

    @property
    def audio(self) -> list[RtpPacket]:
        return [packet for packet in self.rtp.packets if self._is_audio(packet)]

    @property
    def events(self) -> list[RtpPacket]:
        return [packet for packet in self.rtp.packets if packet.payload_type == TELEPHONE_EVENT]

    @property
    def digits(self) -> str:
        """Keys that arrived, one for each timestamp."""
        keys = {packet.timestamp: KEYS[packet.payload[0]] for packet in self.events}
        return "".join(keys.values())

    async def until_digits(self, wanted: str) -> None:
        await self.rtp.until(lambda: self.digits == wanted)

    def _is_audio(self, packet: RtpPacket) -> bool:
        return packet.payload_type == self.format.payload_type
