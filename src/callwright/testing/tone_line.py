"""A phone's audio on a real socket: sends one tone as G.711, and says which tones it hears.

Independent of the product's engine on purpose: its own companding tables, packets and clock.
"""

import asyncio
import contextlib
import socket
import struct
from collections import deque
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from callwright.kernel.addresses import HostPort

RATE_HZ = 8_000
PACKET_S = 0.02
SAMPLES = 160
PACKET_BYTES_MAX = 2_048
AMPLITUDE = 8_000.0
HEARD_S = 0.3
"""How much of what arrived last is listened to."""
PRESENT_SHARE = 0.15
"""A tone counts as heard from this share of the loudest possible; leakage is far below."""
DIGITS = "0123456789*#ABCD"
DIGIT_PACKETS = 6

Samples = npt.NDArray[np.int16]


def _mu_law_table() -> Samples:
    """ITU-T G.711 table 2: byte to linear."""
    codes = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = (((codes & 0x0F) << 3) + 0x84 << ((codes >> 4) & 7)) - 0x84
    return np.where(codes & 0x80, -magnitude, magnitude).astype(np.int16)


def _a_law_table() -> Samples:
    """ITU-T G.711 table 1: byte to linear."""
    codes = np.arange(256, dtype=np.int32) ^ 0x55
    segment = (codes >> 4) & 7
    base = ((codes & 0x0F) << 4) + 8
    magnitude = np.where(segment == 0, base, (base + 0x100) << np.maximum(segment - 1, 0))
    return np.where(codes & 0x80, magnitude, -magnitude).astype(np.int16)


TABLES = {0: _mu_law_table(), 8: _a_law_table()}
"""Linear samples by payload type, PCMU and PCMA."""


def _encoder(table: Samples) -> npt.NDArray[np.uint8]:
    """Linear (unsigned 16-bit index) to the nearest code."""
    order = np.argsort(table, kind="stable")
    linear = np.arange(-32_768, 32_768)
    place = np.clip(np.searchsorted(table[order], linear), 1, 255)
    low, high = table[order][place - 1], table[order][place]
    nearer = np.where(linear - low <= high - linear, place - 1, place)
    return order[nearer].astype(np.uint8)


ENCODERS = {payload_type: _encoder(table) for payload_type, table in TABLES.items()}


def tone_packets(frequency_hz: int, payload_type: int) -> list[bytes]:
    """One second of a tone, cut into packets; a whole number of periods, so that it repeats."""
    angles = 2 * np.pi * frequency_hz * np.arange(RATE_HZ) / RATE_HZ
    linear = (AMPLITUDE * np.sin(angles)).astype(np.int32) + 32_768
    encoded = ENCODERS[payload_type][linear].tobytes()
    return [encoded[start : start + SAMPLES] for start in range(0, RATE_HZ, SAMPLES)]


def tone_share(samples: Samples, frequency_hz: int) -> float:
    """How much of a full tone of ``frequency_hz`` is in the samples: 0 to about 1."""
    if not len(samples):
        return 0.0
    angles = 2j * np.pi * frequency_hz * np.arange(len(samples)) / RATE_HZ
    return float(2 * abs(np.dot(samples, np.exp(-angles))) / len(samples) / AMPLITUDE)


class ToneLine:
    """One RTP port; belongs to the running event loop."""

    def __init__(self, frequency_hz: int, host: str = "127.0.0.1") -> None:
        self.frequency_hz = frequency_hz
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind((host, 0))
        self.port: int = self._socket.getsockname()[1]
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket, self._read)
        self.received = 0
        self.digits: list[str] = []
        """Keys that arrived, each once."""
        self.is_talking = True
        self._remote: HostPort | None = None
        self._payload_type = 0
        self._digit_type: int | None = None
        self._packets: list[bytes] = []
        self._words: deque[Samples] = deque()
        """Packets of speech that go out before anything else."""
        self._heard: deque[Samples] = deque(maxlen=int(HEARD_S / PACKET_S))
        self._arrived = asyncio.Event()
        self._sequence = 0
        self._timestamp = 0
        self._last_digit_at: int | None = None
        self._sending: asyncio.TimerHandle | None = None
        self._due_s = 0.0

    def start(self, remote: HostPort, payload_type: int, digit_type: int | None) -> None:
        """Begins or redirects the stream; what was heard before is forgotten."""
        self._remote = remote
        self._payload_type = payload_type
        self._digit_type = digit_type
        self._packets = tone_packets(self.frequency_hz, payload_type)
        self._heard.clear()
        if self._sending is None:
            self._due_s = self._loop.time()
            self._send_next()

    def stop(self) -> None:
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None

    def close(self) -> None:
        """May be called twice."""
        self.stop()
        if self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket)
            self._socket.close()

    def press(self, digits: str) -> None:
        """Sends keys as RFC 4733 events, at once and without the tone between them."""
        assert self._digit_type is not None, "no telephone-event was agreed"
        for digit in digits:
            self._timestamp += 800
            for number in range(DIGIT_PACKETS):
                is_end = number >= DIGIT_PACKETS - 3
                duration = min(number + 1, DIGIT_PACKETS - 2) * SAMPLES
                event = struct.pack(
                    "!BBH", DIGITS.index(digit), (0x80 if is_end else 0) | 10, duration
                )
                self._send(self._digit_type, event, marker=number == 0)
            self._timestamp += 1_600

    def say(self, samples: Samples) -> None:
        """Sends this audio (8,000 Hz) next, and then goes on as before."""
        whole = len(samples) // SAMPLES * SAMPLES
        self._words.extend(samples[:whole].reshape(-1, SAMPLES))

    def forget(self) -> None:
        """Listens to what arrives from now on only."""
        self._heard.clear()

    def hears(self, frequency_hz: int) -> bool:
        return self.share(frequency_hz) >= PRESENT_SHARE

    def share(self, frequency_hz: int) -> float:
        if len(self._heard) < (self._heard.maxlen or 0):
            return 0.0
        return tone_share(np.concatenate(self._heard), frequency_hz)

    def loudness(self) -> float:
        """Root mean square of what arrived last, 0 to 32767; 0 when nothing did."""
        if not self._heard:
            return 0.0
        samples = np.concatenate(self._heard).astype(np.float64)
        return float(np.sqrt(np.mean(samples**2)))

    async def next_packet(self) -> None:
        """Returns when audio arrived after this call."""
        self._arrived.clear()
        await self._arrived.wait()

    async def until_hears(
        self, *wanted: int, none_of: Iterable[int] = (), within_s: float = 5.0
    ) -> None:
        """Returns when all wanted tones and no other are heard; raises AssertionError in time."""
        try:
            async with asyncio.timeout(within_s):
                while not all(map(self.hears, wanted)) or any(map(self.hears, none_of)):
                    await self.next_packet()
        except TimeoutError:
            shares = {hz: round(self.share(hz), 3) for hz in (*wanted, *none_of)}
            raise AssertionError(
                f"wanted {wanted}, heard {shares} after {self.received} packets,"
                f" loudness {self.loudness():.0f}"
            ) from None

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            self._receive(self._socket.recv(PACKET_BYTES_MAX))

    def _receive(self, data: bytes) -> None:
        if len(data) < 12 or data[0] >> 6 != 2:
            return
        payload_type = data[1] & 0x7F
        payload = data[12 + 4 * (data[0] & 0x0F) :]
        if payload_type in TABLES:
            self.received += 1
            codes = np.frombuffer(payload, dtype=np.uint8)
            self._heard.append(TABLES[payload_type][codes])
            self._arrived.set()
        elif payload_type == self._digit_type and len(payload) >= 4:
            timestamp = int.from_bytes(data[4:8])
            if timestamp != self._last_digit_at:
                self._last_digit_at = timestamp
                self.digits.append(DIGITS[payload[0] & 0x0F])

    def _send_next(self) -> None:
        if self._words:
            linear = self._words.popleft().astype(np.int32) + 32_768
            packet = ENCODERS[self._payload_type][linear].tobytes()
        elif self.is_talking:
            packet = self._packets[(self._timestamp // SAMPLES) % len(self._packets)]
        else:
            silence = b"\xff" if self._payload_type == 0 else b"\xd5"
            packet = silence * SAMPLES
        self._send(self._payload_type, packet, marker=False)
        self._timestamp += SAMPLES
        self._due_s = max(self._due_s + PACKET_S, self._loop.time() - 0.2)
        self._sending = self._loop.call_at(self._due_s, self._send_next)

    def _send(self, payload_type: int, payload: bytes, *, marker: bool) -> None:
        if self._remote is None or self._socket.fileno() < 0:
            return
        self._sequence = (self._sequence + 1) & 0xFFFF
        second = payload_type | (0x80 if marker else 0)
        stamp = self._timestamp & 0xFFFF_FFFF
        header = struct.pack("!BBHII", 0x80, second, self._sequence, stamp, id(self) & 0xFFFF_FFFF)
        with contextlib.suppress(OSError):
            self._socket.sendto(header + payload, self._remote)
