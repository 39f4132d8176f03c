"""Makes `media/hearing/telephone_band.npy`: what speech by telephone would be at full bandwidth,
and `telephone_doubt.npy`: how far from the truth that is.

Pairs of the same sentence, clean at 16,000 Hz and by telephone (300 to 3,400 Hz, G.711, noise of
12 to 35 dB), give a least-squares map from `telephone_features` of the one to `mel_levels` of the
other. The doubt is the variance of what cepstra of the map are off by, for voices that it was not
made from. The voices are espeak-ng's, none of those that the tests use. `--check` only says how far
a new map would be from the one there is.
"""

import argparse
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from callwright.media.hearing.cepstra import (
    DOUBT_FILE,
    FLOOR_PERCENTILE,
    MAP_FILE,
    RATE_HZ,
    TELEPHONE,
    at_full_bandwidth,
    features,
    mel_levels,
    telephone_features,
)
from callwright.media.speech_worker import Espeak

VOICES = (
    "en-us+m1", "en-us+f1", "en+m5", "en+f4", "en-us+m7", "en+adam", "en-us+linda",
    "en-us+belinda",
)  # fmt: skip
SENTENCES = (
    "the quick brown fox jumps over the lazy dog",
    "she sells sea shells by the sea shore",
    "please hold while we transfer your call to a colleague",
    "five six seven eight nine ten eleven twelve",
    "fresh fish should cost forty cents",
    "jack threw the heavy azure box",
    "which chief judge asked for church music",
    "payments invoices and delivery questions",
    "one two three four zero",
    "yes no operator main menu repeat please",
    "a boy can play with two new toys here",
    "the judge asked why they found no evidence",
    "customers may return everything within thirty days",
    "our office opens at half past eight every weekday morning",
)
NOISES_DB = (12, 18, 25, 35)
SPEECH_RMS = 0.1
RIDGE = 0.002
SPEECH_OVER = 4.0
"""Natural logarithm of power over the noise floor."""
Array = NDArray[np.float64]


def pair(espeak: Espeak, voice: str, text: str, noise_db: float, seed: int) -> tuple[Array, Array]:
    """Mel levels by telephone, and clean."""
    pcm = np.frombuffer(espeak.speak(text, voice, 160), "<i2").astype(np.float64) / 32_768
    speech = soxr.resample(pcm, espeak.rate, RATE_HZ)
    speech *= SPEECH_RMS / np.sqrt(np.mean(speech[np.abs(speech) > 0.01] ** 2))
    quiet = np.zeros(RATE_HZ * 3 // 10)
    speech = np.concatenate([quiet, speech, quiet])
    chance = np.random.default_rng(seed)
    clean = mel_levels(speech + chance.normal(0, 0.0008, len(speech)))
    narrow = soxr.resample(speech, RATE_HZ, 8_000)
    spectrum, hz = np.fft.rfft(narrow), np.fft.rfftfreq(len(narrow), 1 / 8_000)
    spectrum[(hz < 300) | (hz > 3_400)] = 0
    noise = chance.normal(0, SPEECH_RMS * 10 ** (-noise_db / 20), len(narrow))
    noisy: Array = np.asarray(np.fft.irfft(spectrum, len(narrow)) + noise, np.float64)
    by_telephone = mel_levels(soxr.resample(_mu_law(noisy), 8_000, RATE_HZ))
    count = min(len(clean), len(by_telephone))
    return by_telephone[:count], clean[:count]


def all_pairs() -> list[list[tuple[Array, Array]]]:
    """Of each voice."""
    espeak = Espeak()
    return [
        [
            pair(espeak, voice, text, NOISES_DB[(i + j + turn) % len(NOISES_DB)], i * 100 + j)
            for j, text in enumerate(SENTENCES)
            for turn in (0, 2)
        ]
        for i, voice in enumerate(VOICES)
    ]


def make_map(voices: list[list[tuple[Array, Array]]]) -> Array:
    known = np.vstack([telephone_features(narrow) for voice in voices for narrow, _ in voice])
    wanted = np.vstack([clean for voice in voices for _, clean in voice])
    ridge = np.eye(known.shape[1]) * len(known) * RIDGE
    made: Array = np.asarray(np.linalg.solve(known.T @ known + ridge, known.T @ wanted), float)
    return made


def make_doubt(voices: list[list[tuple[Array, Array]]]) -> Array:
    """Each half of the voices by a map made from the other."""
    halves = voices[::2], voices[1::2]
    variances = []
    for half, other in (halves, halves[::-1]):
        band_map = make_map(other)
        missed = [_misses(*pair, band_map) for voice in half for pair in voice]
        variances.append(np.vstack(missed).var(axis=0))
    doubt: Array = np.mean(variances, axis=0)
    return doubt


def _misses(narrow: Array, clean: Array, band_map: Array) -> Array:
    """Where there is speech: in silence nothing has to be known."""
    middle = clean[:, TELEPHONE].mean(axis=1)
    is_loud = middle > np.percentile(middle, FLOOR_PERCENTILE) + SPEECH_OVER
    restored = features(at_full_bandwidth(narrow, band_map))
    missed: Array = (features(clean) - restored)[is_loud]
    return missed


def _mu_law(samples: Array) -> Array:
    pressed = np.sign(samples) * np.log1p(255 * np.abs(np.clip(samples, -1, 1))) / np.log(256)
    stepped = np.round((pressed + 1) / 2 * 255) / 255 * 2 - 1
    restored: Array = np.sign(stepped) * (256 ** np.abs(stepped) - 1) / 255
    return restored


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    is_check = parser.parse_args().check
    voices = all_pairs()
    made = make_map(voices)
    if is_check:
        difference = np.abs(made - np.load(MAP_FILE)).max()
        print(f"{difference:.3f} at most between the map in use and a new one")
    else:
        np.save(Path(MAP_FILE), made.astype("<f4"))
        np.save(Path(DOUBT_FILE), make_doubt(voices).astype("<f4"))


if __name__ == "__main__":
    main()
