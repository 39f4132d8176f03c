"""The sounds that the product makes itself: tones by country, and the beep.

Music on hold is composed in `hold_music`. All of it is generated, so that there is no recording to
ship and no right of anybody's to observe: it is licensed like the code (Apache-2.0).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from callwright.kernel.prompt import Tune
from callwright.media.hold_music import compose
from callwright.media.levels import SAMPLE_RATE_HZ, Samples, sine_amplitude, to_s16

TUNES_VERSION = "1"
"""To be raised when any tune changes: caches hold what was generated before."""
BEEP_DBM0 = -10.0
SIGNAL_DBM0 = -16.0
"""Of each frequency of a call progress tone; within ITU-T E.180's range for the listener."""
RAMP_S = 0.005
"""Tones begin and end so softly that they do not click."""


@dataclass(frozen=True, slots=True)
class Cadence:
    """Frequencies that sound at once, and seconds of sound and silence in turn."""

    frequencies_hz: tuple[int, ...]
    on_off_s: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ProgressTones:
    ringback: Cadence
    busy: Cadence


NORTH_AMERICA = ProgressTones(Cadence((440, 480), (2, 4)), Cadence((480, 620), (0.5, 0.5)))
BRITAIN = ProgressTones(
    Cadence((400, 450), (0.4, 0.2, 0.4, 2)), Cadence((400,), (0.375, 0.375))
)  # fmt: skip
RECOMMENDED = ProgressTones(Cadence((425,), (1, 4)), Cadence((425,), (0.5, 0.5)))
"""ITU-T E.180 §5 and §6; what most countries use."""
BY_COUNTRY = {
    "US": NORTH_AMERICA,
    "CA": NORTH_AMERICA,
    "GB": BRITAIN,
    "IE": BRITAIN,
    "DE": ProgressTones(RECOMMENDED.ringback, Cadence((425,), (0.48, 0.48))),
    "FR": ProgressTones(Cadence((440,), (1.5, 3.5)), Cadence((440,), (0.5, 0.5))),
    "JP": ProgressTones(Cadence((384, 416), (1, 2)), Cadence((400,), (0.5, 0.5))),
}
"""ITU-T E.180 Supplement 2; `RECOMMENDED` for every other country."""


def generate(tune: Tune, country: str) -> bytes:
    """Returns s16le, 8000 Hz, mono; ``country`` is ISO 3166-1 alpha-2."""
    tones = BY_COUNTRY.get(country.upper(), RECOMMENDED)
    match tune:
        case Tune.DEFAULT_MUSIC:
            samples = compose()
        case Tune.BEEP:
            samples = _tone((1000,), 0.4, sine_amplitude(BEEP_DBM0))
        case Tune.RINGBACK:
            samples = _cadence(tones.ringback)
        case Tune.BUSY:
            samples = _cadence(tones.busy)
    return to_s16(samples)


def _cadence(cadence: Cadence) -> Samples:
    parts: list[Samples] = []
    for index, duration_s in enumerate(cadence.on_off_s):
        if index % 2:
            parts.append(np.zeros(round(duration_s * SAMPLE_RATE_HZ)))
        else:
            parts.append(_tone(cadence.frequencies_hz, duration_s, sine_amplitude(SIGNAL_DBM0)))
    return np.concatenate(parts)


def _tone(frequencies_hz: Sequence[int], duration_s: float, peak: float) -> Samples:
    time_s = np.arange(round(duration_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    waves = [peak * np.sin(2 * np.pi * frequency * time_s) for frequency in frequencies_hz]
    tone: Samples = np.sum(waves, axis=0)
    ramp = np.linspace(0, 1, round(RAMP_S * SAMPLE_RATE_HZ))
    tone[: len(ramp)] *= ramp
    tone[-len(ramp) :] *= ramp[::-1]
    return tone
