"""Samples as numbers between -1 and 1, and how loud they are."""

import numpy as np
import numpy.typing as npt

SAMPLE_RATE_HZ = 8_000
"""What the engine takes: 8000 Hz, 16 bits little-endian, mono."""
FULL_SCALE_SINE_DBM0 = 3.14
"""Level of a sine that just fits A-law (ITU-T G.711); µ-law's 3.17 is as good as the same."""

Samples = npt.NDArray[np.float64]
"""Mono; 1.0 is full scale."""

_FRAME_S = 0.02
_SILENCE_BELOW_LOUDEST_DB = 35.0
_KNEE = 0.7
_CEILING = 0.95


def from_s16(pcm: bytes) -> Samples:
    """Takes s16le; an odd last byte is dropped."""
    return np.frombuffer(pcm, dtype="<i2", count=len(pcm) // 2).astype(np.float64) / 32_768


def to_s16(samples: Samples) -> bytes:
    """Returns s16le; what is louder than full scale is clipped."""
    scaled = np.clip(np.rint(samples * 32_768), -32_768, 32_767)
    return scaled.astype("<i2").tobytes()


def amplitude(dbfs: float) -> float:
    """1.0 for 0 dBFS."""
    return float(10 ** (dbfs / 20))


def sine_amplitude(dbm0: float) -> float:
    """Peak of a sine that has this level on the line."""
    return amplitude(dbm0 - FULL_SCALE_SINE_DBM0)


def rms_dbfs(samples: Samples) -> float:
    """Root mean square over everything; -inf for digital silence."""
    power = float(np.mean(samples**2)) if len(samples) else 0.0
    return 10 * float(np.log10(power)) if power > 0 else float("-inf")


def speech_rms_dbfs(samples: Samples, rate_hz: int = SAMPLE_RATE_HZ) -> float:
    """Root mean square of the frames in which somebody speaks, pauses left out."""
    length = max(1, int(_FRAME_S * rate_hz))
    frames = samples[: len(samples) // length * length].reshape(-1, length)
    if not len(frames):
        return rms_dbfs(samples)
    power = np.mean(frames**2, axis=1)
    speaks = power > power.max() * 10 ** (-_SILENCE_BELOW_LOUDEST_DB / 10)
    return rms_dbfs(frames[speaks].ravel())


def with_speech_level(samples: Samples, dbfs: float) -> Samples:
    """Brings speech to this level; peaks are rounded off instead of clipped."""
    now = speech_rms_dbfs(samples)
    return samples if now == float("-inf") else soft_limited(samples * amplitude(dbfs - now))


def with_level(samples: Samples, dbfs: float) -> Samples:
    now = rms_dbfs(samples)
    return samples if now == float("-inf") else soft_limited(samples * amplitude(dbfs - now))


def soft_limited(samples: Samples) -> Samples:
    """Leaves what is below the knee; bends the rest towards a ceiling below full scale."""
    size = np.abs(samples)
    room = _CEILING - _KNEE
    bent = _KNEE + room * np.tanh((size - _KNEE) / room)
    return np.where(size > _KNEE, np.sign(samples) * bent, samples)
