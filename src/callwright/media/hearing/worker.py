"""The built-in recogniser, a program of its own: an utterance in, a phrase out, over a pipe.

All numbers big-endian. Request: length u32, then length u32 and JSON ``{"phrases": [["opening",
"hours"], ...], "rate_hz": 8000}`` in UTF-8, then samples s16le mono. Answer: length u32, then JSON
``{"phrase": number or null, "confidence": float}``. It ends when its input does. Every utterance is
understood by itself, so that any worker can take the next one.
"""

import json
import struct
from collections import OrderedDict
from collections.abc import Sequence
from functools import cache

import numpy as np
import soxr

from callwright.kernel.limits.speech import GRAMMARS_KEPT_MAX, UTTERANCE_S_MAX
from callwright.media.hearing.acoustic_model import load_model, model_folder
from callwright.media.hearing.cepstra import (
    RATE_HZ,
    at_full_bandwidth,
    features,
    load_doubt,
    load_map,
    mel_levels,
)
from callwright.media.hearing.dictionary import Dictionary
from callwright.media.hearing.phrase_network import Fit, PhraseNetwork
from callwright.media.levels import Samples
from callwright.media.speech_worker import serve

REQUEST_BYTES_MAX = int(2 * RATE_HZ * (UTTERANCE_S_MAX + 1)) + 256 * 1024
HISS = 0.08
"""Of the level of speech, 22 dB under it: the least noise that an utterance is given. A line
without noise is like none that the map was made from; phones that send nothing in pauses leave
zeros."""
HISS_MIN = 1e-3
"""Root mean square, of 1.0."""
FLOOR_PERCENTILE, SPEECH_PERCENTILE = 10, 90
"""Of the levels of an utterance: noise and speech."""
DOUBT = 0.4
"""Of the variances that estimates have."""
AHEAD_MIN = 0.1
"""Who said one of two that sound nearly alike is asked."""
EVEN = -2.47
"""Gain (`Fit`) of a phrase that was said as likely as not. Said by telephone it is -2 to 0, of
another word mostly -3 to -9 (`bench/spoken_menus.py`)."""
STEEPNESS = 2.0
"""Of confidence, which passes `limits.ATTENDANT_SPEECH_SURE` at a gain of -2.05."""
DOUBTFUL, KNOWN_MIN = 0.5, 0.25
"""Confidence in a phrase that is not far enough ahead, at most; and of what is told at all."""


Phrases = tuple[tuple[str, ...], ...]


class Understanding:
    """One network for each set of phrases."""

    def __init__(self) -> None:
        folder = model_folder()
        model = load_model(folder / "en-us")
        self._models = {True: model, False: model.doubting(DOUBT * load_doubt())}
        self._dictionary = Dictionary(folder / "cmudict-en-us.dict")
        self._networks: OrderedDict[tuple[bool, Phrases], PhraseNetwork | None] = OrderedDict()
        self._band_map = load_map()

    def understand(
        self, phrases: Sequence[Sequence[str]], pcm: bytes, rate_hz: int
    ) -> tuple[int | None, float]:
        """Which phrase, and how certain that is. None: no phrase is in it from beginning to end."""
        samples = _with_hiss(np.frombuffer(pcm, "<i2") / 32_768, rate_hz)
        is_wide = rate_hz == RATE_HZ
        if not is_wide:
            samples = soxr.resample(samples, rate_hz, RATE_HZ)
        levels = mel_levels(samples)
        network = self._network(tuple(map(tuple, phrases)), is_wide)
        if len(levels) == 0 or network is None:
            return None, 0.0
        if not is_wide:
            levels = at_full_bandwidth(levels, self._band_map)
        fit = network.fit(features(levels))
        confidence = _confidence(fit) if fit is not None else 0.0
        if fit is None or confidence < KNOWN_MIN:
            return None, 0.0
        return fit.phrase, confidence

    def _network(self, phrases: Phrases, is_wide: bool) -> PhraseNetwork | None:
        key = is_wide, phrases
        if key not in self._networks:
            if len(self._networks) >= GRAMMARS_KEPT_MAX:
                self._networks.popitem(last=False)
            ways = [self._dictionary.ways(phrase) for phrase in phrases]
            made = PhraseNetwork(self._models[is_wide], ways) if any(ways) else None
            self._networks[key] = made
        self._networks.move_to_end(key)
        return self._networks[key]


def _confidence(fit: Fit) -> float:
    likely = float(1.0 / (1.0 + np.exp(STEEPNESS * (EVEN - fit.gain))))
    return likely if fit.ahead >= AHEAD_MIN else min(likely, DOUBTFUL)


def _with_hiss(samples: Samples, rate_hz: int) -> Samples:
    """With noise, if it has less."""
    frame = rate_hz // 50
    frames = samples[: len(samples) // frame * frame].reshape(-1, frame)
    if len(frames) == 0:
        return samples
    levels = np.sqrt((frames * frames).mean(axis=1))
    floor, speech = np.percentile(levels, (FLOOR_PERCENTILE, SPEECH_PERCENTILE))
    missing = max(HISS_MIN**2, (HISS * speech) ** 2 - floor**2)
    return samples + np.random.default_rng(len(samples)).normal(0.0, missing**0.5, len(samples))


def answer(request: bytes, understanding: Understanding) -> bytes:
    (length,) = struct.unpack_from(">I", request)
    wanted = json.loads(request[4 : 4 + length])
    phrase, confidence = understanding.understand(
        wanted["phrases"], request[4 + length :], wanted["rate_hz"]
    )
    return json.dumps({"phrase": phrase, "confidence": confidence}).encode()


def main() -> None:
    loaded = cache(Understanding)
    serve(lambda request: answer(request, loaded()), request_bytes_max=REQUEST_BYTES_MAX)


if __name__ == "__main__":
    main()
