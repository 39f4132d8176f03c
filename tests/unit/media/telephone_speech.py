"""Speech as it comes by telephone: the built-in voice in a narrow band, with noise, in G.711."""

import functools

import numpy as np
import soxr

from callwright.media.levels import SAMPLE_RATE_HZ, Samples, to_s16
from callwright.media.speech_worker import Espeak

VOICES = ("en-us", "en+f2", "en-us+m3", "en", "en-us+f3")
SPEECH_RMS = 0.1
MU = 255.0


@functools.cache
def espeak() -> Espeak:
    return Espeak()


def spoken(text: str, voice: str, words_per_minute: int = 160) -> Samples:
    pcm = np.frombuffer(espeak().speak(text, voice, words_per_minute), "<i2") / 32_768
    resampled: Samples = soxr.resample(pcm.astype(np.float64), espeak().rate, SAMPLE_RATE_HZ)
    return resampled


def over_the_telephone(
    speech: Samples, *, noise_db: float = 20.0, before_s: float = 0.3, after_s: float = 1.0
) -> bytes:
    """``noise_db``: how far speech stands out of white noise. Returns s16le of 8,000 Hz."""
    samples = np.concatenate(
        [np.zeros(int(before_s * 8_000)), speech, np.zeros(int(after_s * 8_000))]
    )
    spectrum = np.fft.rfft(samples)
    hz = np.fft.rfftfreq(len(samples), 1 / 8_000)
    spectrum[(hz < 300) | (hz > 3_400)] = 0
    samples = np.fft.irfft(spectrum, len(samples))
    loud = samples[np.abs(samples) > 0.01]
    if len(loud):
        samples *= SPEECH_RMS / np.sqrt(np.mean(loud**2))
    noise = np.random.default_rng(len(speech)).normal(0, 1, len(samples))
    samples = samples + noise * SPEECH_RMS * 10 ** (-noise_db / 20)
    return to_s16(_mu_law(samples))


def _mu_law(samples: Samples) -> Samples:
    """There and back (G.711)."""
    clipped = np.clip(samples, -1, 1)
    pressed = np.sign(clipped) * np.log1p(MU * np.abs(clipped)) / np.log1p(MU)
    stepped = np.round((pressed + 1) / 2 * 255) / 255 * 2 - 1
    restored: Samples = np.sign(stepped) * ((1 + MU) ** np.abs(stepped) - 1) / MU
    return restored
