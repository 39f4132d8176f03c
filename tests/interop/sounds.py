"""Prompts and recordings as sound files that tests can tell from each other."""

import wave
from pathlib import Path

import numpy as np

from callwright.testing.tone_line import AMPLITUDE, RATE_HZ, tone_share


def write_tone(path: Path, frequency_hz: int, seconds: float) -> dict[str, str]:
    """Writes one tone; returns the prompt of the organisation file that plays it."""
    times_s = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    samples = (AMPLITUDE * np.sin(2 * np.pi * frequency_hz * times_s)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.tobytes())
    return {"file": str(path)}


def share_of(path: str | Path, frequency_hz: int) -> float:
    """How much of the file's last second is this tone: 0 to about 1."""
    rate_hz, samples = read(path)
    assert rate_hz == RATE_HZ
    return tone_share(samples[-RATE_HZ:], frequency_hz)


def length_s(path: str | Path) -> float:
    rate_hz, samples = read(path)
    return len(samples) / rate_hz


def read(path: str | Path) -> tuple[int, "np.ndarray[tuple[int], np.dtype[np.int16]]"]:
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        frames = file.readframes(file.getnframes())
        return file.getframerate(), np.frombuffer(frames, dtype="<i2").astype(np.int16)
