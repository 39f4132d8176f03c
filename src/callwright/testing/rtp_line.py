"""The RTP port of a simulated phone: G.711 in real packets, plain or by signalled keys.

Independent of the product's engine on purpose: its own companding tables, packets and pace.
"""

import asyncio
import struct
from collections import deque
from collections.abc import Iterator, Mapping

import numpy as np

from callwright.kernel.addresses import HostPort
from callwright.media.remote import Dtls, Sdes
from callwright.testing.handset import PACKET_S, SILENCE, Handset, Sources, Stream
from callwright.testing.sdes_lock import SdesLock
from callwright.testing.tone_line import (
    DIGITS,
    RATE_HZ,
    SAMPLES,
    TABLES,
    Samples,
    tone_packets,
)

PAYLOAD_TYPES = {"PCMU": 0, "PCMA": 8}
SILENT_OCTETS = {0: b"\xff", 8: b"\xd5"}
HEARING_S = 0.1
"""What arrived within this time is what a phone hears now."""
HEARING_SAMPLES = round(HEARING_S * RATE_HZ)
LOUDNESS_MIN = 600.0
"""Amplitude of a tone that is heard; phones and prompts have 8,000."""
SHARE_MIN = 0.35
"""Of the loudest one: below are the traces that lost packets leave beside it."""
HEARD_PACKETS_MAX = 64
DIGIT_PACKETS, DIGIT_ENDS = 5, 3
TURN = 1 << 32
"""Of timestamps."""


class RtpLine:
    """Sends and hears for one handset, from its first stream until it is closed."""

    def __init__(self, handset: Handset, tones: Mapping[str, int]) -> None:
        """``tones``: frequencies in Hz of all that can be heard, by name."""
        self._handset = handset
        self._tones = tones
        self._loop = handset.host.network.loop
        self._socket = handset.host.bind(handset.port, self._came)
        self._ssrc = self._loop.random.getrandbits(32)
        self._frames = 0
        """Of 20 ms since the first one, sent or not."""
        self._sequence = 0
        self._due_s = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._lock: SdesLock | None = None
        self._key_packets: deque[tuple[int, bytes, bool]] = deque()
        self._voices: dict[int, list[bytes]] = {}
        self._heard: deque[tuple[float, int, Samples]] = deque(maxlen=HEARD_PACKETS_MAX)
        self._last_key_at: int | None = None

    def follow(self, stream: Stream | None) -> None:
        """What was agreed has changed, or is over (None)."""
        if stream is None:
            return
        assert stream.codec in PAYLOAD_TYPES, f"these phones do not speak {stream.codec}"
        assert not isinstance(stream.protection, Dtls), "these phones do no handshakes"
        self._relock(stream.protection)
        if self._timer is None:
            self._due_s = self._loop.time()
            self._send_frame()

    def press(self, digit: str) -> None:
        """RFC 4733: an event of 100 ms, its end three times, in place of audio."""
        stream = self._handset.stream
        if stream is None or not stream.sends_digits:
            return
        at = (self._frames + len(self._key_packets)) * SAMPLES
        code = DIGITS.index(digit)
        for number in range(1, DIGIT_PACKETS + DIGIT_ENDS):
            is_end = number >= DIGIT_PACKETS
            duration = min(number, DIGIT_PACKETS) * SAMPLES
            event = struct.pack("!BBH", code, is_end << 7 | 10, duration)
            self._key_packets.append((at, event, number == 1))

    def hears(self) -> Sources:
        """Names of the tones that arrived last."""
        since_s = self._loop.time() - HEARING_S
        recent = [(at, samples) for came_s, at, samples in self._heard if came_s > since_s]
        if not recent:
            return SILENCE
        loudness = dict(self._loudness_of(_joined(recent)))
        least = max(LOUDNESS_MIN, SHARE_MIN * max(loudness.values(), default=0.0))
        return frozenset(name for name, amplitude in loudness.items() if amplitude >= least)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._socket.close()

    # -- inside ------------------------------------------------------------------------------------

    def _relock(self, protection: Sdes | None) -> None:
        """Keys that stay keep their counters."""
        if protection is None:
            self._lock = None
        elif self._lock is None or self._lock.keys != protection:
            self._lock = SdesLock(protection)

    def _send_frame(self) -> None:
        stream = self._handset.stream
        if stream is not None and self._handset.is_sending:
            if self._key_packets:
                at, event, is_first = self._key_packets.popleft()
                self._send(stream, stream.events, event, at, marker=is_first)
            else:
                payload_type = PAYLOAD_TYPES[stream.codec]
                self._send(stream, payload_type, self._voice(payload_type), self._frames * SAMPLES)
        self._frames += 1
        self._due_s += PACKET_S
        self._timer = self._loop.call_at(self._due_s, self._send_frame)

    def _voice(self, payload_type: int) -> bytes:
        if not self._handset.is_talking:
            return SILENT_OCTETS[payload_type] * SAMPLES
        if payload_type not in self._voices:
            self._voices[payload_type] = tone_packets(self._handset.frequency_hz, payload_type)
        second = self._voices[payload_type]
        return second[self._frames % len(second)]

    def _send(
        self, stream: Stream, payload_type: int, payload: bytes, at: int, *, marker: bool = False
    ) -> None:
        self._sequence = (self._sequence + 1) & 0xFFFF
        second = marker << 7 | payload_type
        head = struct.pack("!BBHII", 0x80, second, self._sequence, at % TURN, self._ssrc)
        packet = head + payload
        self._socket.send(stream.remote, packet if self._lock is None else self._lock.close(packet))

    def _came(self, source: HostPort, data: bytes) -> None:
        stream = self._handset.stream
        packet = data if self._lock is None else self._lock.open(data)
        if stream is None or not stream.receive or packet is None or len(packet) < 12:
            return
        payload_type, at, payload = packet[1] & 0x7F, int.from_bytes(packet[4:8]), packet[12:]
        if payload_type in TABLES:
            samples = TABLES[payload_type][np.frombuffer(payload, dtype=np.uint8)]
            self._heard.append((self._loop.time(), at, samples))
        elif payload_type == stream.events and payload and at != self._last_key_at:
            self._last_key_at = at
            self._handset.digits.append(DIGITS[payload[0] & 0x0F])

    def _loudness_of(self, samples: Samples) -> Iterator[tuple[str, float]]:
        window = np.hanning(len(samples))
        windowed = samples * window
        times = np.arange(len(samples)) / RATE_HZ
        for name, frequency_hz in self._tones.items():
            turned = np.dot(windowed, np.exp(-2j * np.pi * frequency_hz * times))
            yield name, float(2 * abs(turned) / window.sum())


def _joined(recent: list[tuple[int, Samples]]) -> Samples:
    """The latest of them in the order of their timestamps; what is lost between is silent."""
    newest, last = max(recent, key=lambda each: _after(each[0], recent[-1][0]))
    end = newest + len(last)
    samples = np.zeros(HEARING_SAMPLES, dtype=np.int16)
    for at, frame in recent:
        place = HEARING_SAMPLES - _after(end, at)
        if 0 <= place <= HEARING_SAMPLES - len(frame):
            samples[place : place + len(frame)] = frame
    return samples


def _after(at: int, other: int) -> int:
    """How much later, across the turn of timestamps."""
    return (at - other + TURN // 2) % TURN - TURN // 2
