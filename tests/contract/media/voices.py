"""Tones that parties say and prompts hold, and G.711 by its definition.

Not by the engine's tables: these are what the engine is compared with.
"""

import numpy as np
import numpy.typing as npt

from callwright.media.remote import AudioFormat, Codec

RATE = 8_000
FRAME = 160
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


def amplitude_of(frequency_hz: int, samples: Samples) -> float:
    """Of one tone among others; 0 when there is too little to tell."""
    if len(samples) < 2 * FRAME:
        return 0.0
    window = np.hanning(len(samples))
    times = np.arange(len(samples)) / RATE
    turned = samples * window * np.exp(-2j * np.pi * frequency_hz * times)
    return float(2 * abs(turned.sum()) / window.sum())


def _mu_law(octet: int) -> int:
    value = ~octet & 0xFF
    magnitude = (((value & 15) << 3) + 132 << (value >> 4 & 7)) - 132
    return -magnitude if value & 0x80 else magnitude


def _a_law(octet: int) -> int:
    value = octet ^ 0x55
    segment, step = value >> 4 & 7, (value & 15) << 4
    magnitude = step + 8 if segment == 0 else step + 264 << segment - 1
    return magnitude if value & 0x80 else -magnitude


PCMU = AudioFormat(Codec.PCMU, 0)
PCMA = AudioFormat(Codec.PCMA, 8)
LAWS = (PCMU, PCMA)

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
