"""A recording in the simulated engine: segments of virtual time, written as real WAV."""

import math
import struct
import wave
from dataclasses import dataclass, field
from functools import lru_cache

from callwright.media.engine import RecordSide

RATE_HZ = 8_000
AMPLITUDE = 8_000
"""About -12 dBm0: loud enough for any detector of speech."""

Tones = tuple[int, ...]


@dataclass(slots=True)
class Tape:
    """What was audible when: tones are empty while nobody talked. The file is WAV by any name."""

    path: str
    token: int
    silence_s: float
    stop_digits: str
    max_s: float
    side: RecordSide = RecordSide.LEG
    is_paused: bool = False
    _segments: list[tuple[float, Tones, Tones]] = field(default_factory=list)
    """Lengths, and what was said and heard; the last one lasts."""
    _noted_at_s: float = 0.0

    def __post_init__(self) -> None:
        """Raises OSError when the path cannot be written."""
        self._write()

    def note(self, at_s: float, said: Tones, heard: Tones) -> None:
        """From now on these tones are audible."""
        self._let_pass(at_s)
        if self.side is RecordSide.LEG:
            heard = ()
        if not self._segments or self._segments[-1][1:] != (said, heard):
            self._segments.append((0.0, said, heard))

    def pause(self, at_s: float) -> None:
        self._let_pass(at_s)
        self.is_paused = True

    def resume(self, at_s: float) -> None:
        self._let_pass(at_s)
        self.is_paused = False

    def left_s(self, at_s: float) -> float:
        """Until it has its greatest length, unless it is paused."""
        self._let_pass(at_s)
        return self.max_s - self._length_s

    def silence_left_s(self, at_s: float) -> float | None:
        """Until the silence is long enough to end it; None while somebody talks, or for ever."""
        self._let_pass(at_s)
        if not self.silence_s or not self._segments:
            return None
        length_s, said, heard = self._segments[-1]
        return None if said or heard else self.silence_s - length_s

    def finish(self, at_s: float, *, without_last_silence: bool) -> int:
        """Writes the file; returns its length in milliseconds."""
        self._let_pass(at_s)
        if without_last_silence and self._segments and not any(self._segments[-1][1:]):
            del self._segments[-1]
        self._write()
        return round(min(self._length_s, self.max_s) * 1_000)

    @property
    def _length_s(self) -> float:
        return sum(length_s for length_s, _, _ in self._segments)

    def _let_pass(self, at_s: float) -> None:
        passed_s = at_s - self._noted_at_s
        self._noted_at_s = at_s
        if self._segments and not self.is_paused:
            length_s, said, heard = self._segments[-1]
            self._segments[-1] = (length_s + passed_s, said, heard)

    def _write(self) -> None:
        left = round(self.max_s * RATE_HZ)
        with open(self.path, "wb") as opened, wave.open(opened, "wb") as file:
            file.setnchannels(2 if self.side is RecordSide.STEREO else 1)
            file.setsampwidth(2)
            file.setframerate(RATE_HZ)
            for length_s, said, heard in self._segments:
                frames = min(round(length_s * RATE_HZ), left)
                left -= frames
                second = _second_of(said, heard, self.side)
                whole, rest = divmod(frames, RATE_HZ)
                file.writeframes(second * whole + second[: rest * len(second) // RATE_HZ])


@lru_cache(maxsize=256)
def _second_of(said: Tones, heard: Tones, side: RecordSide) -> bytes:
    """One second of the tones together; they are whole numbers of Hz, so that it can be joined."""
    if side is RecordSide.STEREO:
        left, right = _samples(said), _samples(heard)
        both = [sample for pair in zip(left, right, strict=True) for sample in pair]
        return struct.pack(f"<{2 * RATE_HZ}h", *both)
    return struct.pack(f"<{RATE_HZ}h", *_samples(said + heard))


def _samples(tones: Tones) -> list[int]:
    if not tones:
        return [0] * RATE_HZ
    steps = [2 * math.pi * hz / RATE_HZ for hz in tones]
    return [
        round(AMPLITUDE * sum(math.sin(step * n) for step in steps) / len(tones))
        for n in range(RATE_HZ)
    ]
