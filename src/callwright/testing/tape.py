"""A recording in the simulated engine: segments of virtual time, written as real WAV."""

import math
import struct
import wave
from dataclasses import dataclass, field
from functools import lru_cache

RATE_HZ = 8_000
AMPLITUDE = 8_000
"""About -12 dBm0: loud enough for any detector of speech."""


@dataclass(slots=True)
class Tape:
    """What was audible when: ``frequencies`` is empty while the party was silent."""

    path: str
    token: int
    silence_s: float
    stop_digits: str
    started_at_s: float
    _segments: list[tuple[float, tuple[int, ...]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Raises OSError when the path cannot be written."""
        self._write([])

    def note(self, at_s: float, frequencies: tuple[int, ...]) -> None:
        """From now on these tones are audible."""
        if not self._segments or self._segments[-1][1] != frequencies:
            self._segments.append((at_s, frequencies))

    @property
    def silent_since_s(self) -> float | None:
        """When the silence that lasts began; None while somebody talks."""
        if not self._segments or self._segments[-1][1]:
            return None
        return self._segments[-1][0]

    def finish(self, at_s: float, *, without_last_silence: bool) -> int:
        """Writes the file; returns its length in milliseconds."""
        silent_since_s = self.silent_since_s
        if without_last_silence and silent_since_s is not None:
            at_s = silent_since_s
        pieces = []
        for (begin_s, frequencies), (end_s, _) in zip(
            self._segments, [*self._segments[1:], (at_s, ())], strict=True
        ):
            if end_s > begin_s:
                pieces.append((round((end_s - begin_s) * RATE_HZ), frequencies))
        self._write(pieces)
        return round((at_s - self.started_at_s) * 1_000)

    def _write(self, pieces: list[tuple[int, tuple[int, ...]]]) -> None:
        with open(self.path, "wb") as opened, wave.open(opened, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE_HZ)
            for samples, frequencies in pieces:
                second = _second_of(frequencies)
                whole, rest = divmod(samples, RATE_HZ)
                file.writeframes(second * whole + second[: rest * 2])


@lru_cache(maxsize=256)
def _second_of(frequencies: tuple[int, ...]) -> bytes:
    """One second of the tones together; they are whole numbers of Hz, so that it can be joined."""
    if not frequencies:
        return bytes(RATE_HZ * 2)
    samples = (
        sum(math.sin(2 * math.pi * hz * n / RATE_HZ) for hz in frequencies) / len(frequencies)
        for n in range(RATE_HZ)
    )
    return struct.pack(f"<{RATE_HZ}h", *(round(AMPLITUDE * sample) for sample in samples))
