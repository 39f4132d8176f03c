"""The stage for media engines: parties that talk, each in a tone of its own, and what they hear.

`STAGES` names the implementations. A stage gives an engine its surroundings: for the native engine
real sockets on 127.0.0.1 that speak RTP from Python. Another implementation adds a class with the
members of `Stage` and `Party` that ``test_behaviour_*`` uses; ``test_wire_*`` is about packets and
takes the native stage only.
"""

import asyncio
import os
import socket
import struct
import wave
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pytest

from callwright.kernel.ids import LegId, PromptId
from callwright.media.engine import Codec, LegStatistics, MediaEvent, RemoteMedia
from callwright.media.native import NativeEngine

RATE = 8_000
FRAME = 160
FRAME_S = 0.02
TELEPHONE_EVENT = 101
KEYS = "0123456789*#ABCD"
HEARING_S = 0.06
"""What arrived within this time is what a party hears now."""
PATIENCE_S = 5.0
Samples = npt.NDArray[np.int16]


def tone(frequency_hz: int, seconds: float, amplitude: int = 8_000) -> Samples:
    times = np.arange(round(seconds * RATE)) / RATE
    return np.asarray(amplitude * np.sin(2 * np.pi * frequency_hz * times), dtype=np.int16)


def frequency_of(samples: Samples) -> int | None:
    """The strongest frequency to 10 Hz; None for silence."""
    if len(samples) < FRAME or np.sqrt(np.mean(samples.astype(float) ** 2)) < 300:
        return None
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), RATE // 10))
    return int(np.argmax(spectrum)) * 10


# G.711 by its definition and not by the engine's tables.
def _mu_law(octet: int) -> int:
    value = ~octet & 0xFF
    magnitude = (((value & 15) << 3) + 132 << (value >> 4 & 7)) - 132
    return -magnitude if value & 0x80 else magnitude


def _a_law(octet: int) -> int:
    value = octet ^ 0x55
    segment, step = value >> 4 & 7, (value & 15) << 4
    magnitude = step + 8 if segment == 0 else step + 264 << segment - 1
    return magnitude if value & 0x80 else -magnitude


DECODED = {
    Codec.PCMU: np.array([_mu_law(octet) for octet in range(256)], dtype=np.int16),
    Codec.PCMA: np.array([_a_law(octet) for octet in range(256)], dtype=np.int16),
}


def decode(codec: Codec, payload: bytes) -> Samples:
    return DECODED[codec][np.frombuffer(payload, dtype=np.uint8)]


def encode(codec: Codec, samples: Samples) -> bytes:
    """To the nearest value of the law."""
    table = DECODED[codec].astype(np.int32)
    order = np.argsort(table)
    middles = (table[order][1:] + table[order][:-1]) / 2
    return order[np.searchsorted(middles, samples)].astype(np.uint8).tobytes()


@dataclass(frozen=True, slots=True)
class RtpPacket:
    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    at_s: float = 0.0

    def to_bytes(self) -> bytes:
        second = self.marker << 7 | self.payload_type
        head = (0x80, second, self.sequence & 0xFFFF, self.timestamp & 0xFFFFFFFF, self.ssrc)
        return struct.pack("!BBHII", *head) + self.payload

    @classmethod
    def parse(cls, datagram: bytes, at_s: float) -> "RtpPacket":
        first, second, sequence, timestamp, ssrc = struct.unpack_from("!BBHII", datagram)
        assert first == 0x80, "we write version 2 and nothing optional"
        payload = datagram[12:]
        return cls(second & 127, second >> 7 == 1, sequence, timestamp, ssrc, payload, at_s)


class UdpEnd(asyncio.DatagramProtocol):
    """One UDP port that keeps what arrives."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._changed = asyncio.Event()
        self.datagrams: list[tuple[bytes, tuple[str, int], float]] = []

    @classmethod
    async def open(cls, ip: str = "127.0.0.1", port: int = 0) -> "UdpEnd":
        loop = asyncio.get_running_loop()
        bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        bound.bind((ip, port))
        _, end = await loop.create_datagram_endpoint(lambda: cls(loop), sock=bound)
        return end

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)
        self.ip, self.port = transport.get_extra_info("sockname")

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.datagrams.append((data, addr, self._loop.time()))
        self._changed.set()

    def send(self, data: bytes, port: int) -> None:
        self.transport.sendto(data, ("127.0.0.1", port))

    async def until(self, is_true: Callable[[], bool], within_s: float = PATIENCE_S) -> None:
        async with asyncio.timeout(within_s):
            while not is_true():
                self._changed.clear()
                await self._changed.wait()

    @property
    def packets(self) -> list[RtpPacket]:
        return [RtpPacket.parse(data, at_s) for data, _, at_s in self.datagrams]


class Party:
    """A leg of the engine together with the phone at its other end."""

    def __init__(self, stage: "Stage", name: str, leg: LegId, port: int, frequency_hz: int) -> None:
        self.name = name
        self.leg = leg
        self.port = port
        """The engine's RTP port."""
        self.frequency_hz = frequency_hz
        self.codec = Codec.PCMU
        self.ssrc = 0x1000_0000 + leg
        self.sequence = 65_500  # wraps soon
        self.timestamp = 0xFFFF_F000
        self.ptime_ms = 20
        self._stage = stage
        self._talking: asyncio.Task[None] | None = None

    async def connect(self, **changes: Any) -> None:
        self.rtp = await self._stage.udp_end()
        self.rtcp = await self._stage.udp_end()
        self.remote = RemoteMedia(
            "127.0.0.1", self.rtp.port, self.rtcp.port, Codec.PCMU, TELEPHONE_EVENT
        )
        self.change(**changes)

    def change(self, **changes: Any) -> None:
        """Signals something new to the engine."""
        self.remote = replace(self.remote, **changes)
        self.codec, self.ptime_ms = self.remote.codec, self.remote.ptime_ms
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
        payload = encode(self.codec, samples)
        if not lost:
            self.send_packet(self.codec.value, payload)
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
        now_s = asyncio.get_running_loop().time()
        recent = [packet for packet in self.rtp.packets if packet.at_s > now_s - HEARING_S]
        audio = [decode(self.codec, packet.payload) for packet in recent if self._is_audio(packet)]
        frequency_hz = frequency_of(np.concatenate(audio)) if audio else None
        return self._stage.name_of(frequency_hz)

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
        return packet.payload_type == self.codec.value


class Stage:
    """The native engine and what surrounds it."""

    tone = staticmethod(tone)
    encode = staticmethod(encode)
    decode = staticmethod(decode)

    def __init__(self) -> None:
        self.engine: NativeEngine
        self.events: list[MediaEvent] = []
        self._names: dict[int, str] = {}
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

    async def party(self, name: str, **changes: Any) -> Party:
        """A party that is connected and silent."""
        leg, port = self.open_leg()
        frequency_hz = self._frequency_for(name)
        party = Party(self, name, leg, port, frequency_hz)
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

    def statistics(self, party: Party) -> LegStatistics:
        read = self.engine.statistics(party.leg)
        assert read is not None
        return read

    def name_of(self, frequency_hz: int | None) -> str | None:
        if frequency_hz is None:
            return None
        near = [name for known, name in self._names.items() if abs(known - frequency_hz) <= 20]
        return near[0] if near else f"{frequency_hz} Hz"

    def _frequency_for(self, name: str) -> int:
        frequency_hz = next(self._frequencies)
        self._names[frequency_hz] = name
        return frequency_hz


STAGES: dict[str, Callable[[], Any]] = {"native": Stage}


@pytest.fixture(params=STAGES)
def stage(request: pytest.FixtureRequest) -> Any:
    """Each implementation in turn."""
    return STAGES[request.param]()


@pytest.fixture
def native() -> Stage:
    """For what only packets show."""
    return Stage()


@pytest.fixture
def read_wav(tmp_path: Path) -> Iterator[Callable[[str], Samples]]:
    def read(path: str) -> Samples:
        with wave.open(path, "rb") as file:
            assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
            return np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)

    return read
