"""Mel cepstra as the acoustic model wants them, also of telephone speech, which has no highs.

The model was made from speech of 130 to 6,800 Hz. Of a telephone band, 17 of its 25 mel filters
hold anything, and that with noise. The others, and what lay under the noise, are estimated:
a linear map from the level of each filter, its noise floor, and how far it stands out of it, to
what all 25 filters of the same speech have at full bandwidth. How far such estimates are off is
known, too, and no word is judged by what nobody knows: the model's variances grow by that.
`tools/telephone_band.py` makes both.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

RATE_HZ = 16_000
FFT = 512
WINDOW, SHIFT = 410, 160
"""Samples: 25.6 ms, every 10 ms."""
PRE_EMPHASIS = 0.97
FILTERS, LOWEST_HZ, HIGHEST_HZ = 25, 130.0, 6_800.0
CEPSTRA, LIFTER = 13, 22
DELTA = 2
"""As the model's ``feat.params`` have it."""
TELEPHONE = slice(1, 18)
"""Filters that lie within 200 and 3,450 Hz."""
STANDS_OUT = (2.0, 4.0)
"""Natural logarithms of power over the noise floor, where the map bends."""
FLOOR_PERCENTILE = 10
MAP_FILE = Path(__file__).with_name("telephone_band.npy")
DOUBT_FILE = Path(__file__).with_name("telephone_doubt.npy")


def mel_levels(samples: Matrix) -> Matrix:
    """Logarithms of power, one row of 25 for each 10 ms. ``samples`` of 16,000 Hz, +-1."""
    scaled = samples * 32_768.0
    flat = np.append(scaled[:1] * (1 - PRE_EMPHASIS), scaled[1:] - PRE_EMPHASIS * scaled[:-1])
    count = max(0, (len(flat) - WINDOW) // SHIFT + 1)
    at = np.arange(WINDOW)[None] + SHIFT * np.arange(count)[:, None]
    power = np.abs(np.fft.rfft(flat[at] * np.hamming(WINDOW), FFT)) ** 2
    levels: Matrix = np.log(power @ _filters().T + 1e-5)
    return levels


def telephone_features(levels: Matrix) -> Matrix:
    """What the map starts from: 69 numbers for each row of `mel_levels`."""
    band = levels[:, TELEPHONE]
    floor = np.percentile(band, FLOOR_PERCENTILE, axis=0)
    over = band - floor
    bends = [np.maximum(over - bend, 0.0) for bend in STANDS_OUT]
    features: Matrix = np.hstack(
        [band, np.tile(floor, (len(band), 1)), *bends, np.ones((len(band), 1))]
    )
    return features


def at_full_bandwidth(levels: Matrix, band_map: Matrix) -> Matrix:
    """Telephone speech as it would have been without the telephone."""
    restored: Matrix = telephone_features(levels) @ band_map
    return restored


def cepstra(levels: Matrix) -> Matrix:
    """`CEPSTRA` numbers for each row."""
    order = np.arange(CEPSTRA)[:, None]
    cosines = np.cos(np.pi * order * (np.arange(FILTERS)[None] + 0.5) / FILTERS)
    cosines *= np.sqrt(2.0 / FILTERS)
    cosines[0] *= np.sqrt(0.5)
    lifter = 1 + LIFTER / 2 * np.sin(np.pi * np.arange(CEPSTRA) / LIFTER)
    made: Matrix = (levels @ cosines.T) * lifter
    return made


def features(levels: Matrix) -> Matrix:
    """What the model describes of each row: cepstra less their mean, slopes, slopes of slopes."""
    made = cepstra(levels)
    reach = DELTA + 1
    padded = np.pad(made - made.mean(axis=0), ((reach, reach), (0, 0)), "edge")

    def at(offset: int) -> Matrix:
        return padded[reach + offset : len(padded) - reach + offset]

    slopes = at(DELTA) - at(-DELTA)
    bends = (at(DELTA + 1) - at(1 - DELTA)) - (at(DELTA - 1) - at(-1 - DELTA))
    return np.hstack([at(0), slopes, bends])


def load_map() -> Matrix:
    loaded: Matrix = np.load(MAP_FILE, allow_pickle=False).astype(np.float64)
    return loaded


def load_doubt() -> Matrix:
    """Variances of what `features` of a mapped utterance are off by."""
    loaded: Matrix = np.load(DOUBT_FILE, allow_pickle=False).astype(np.float64)
    return loaded


def _filters() -> Matrix:
    """Triangles of equal area on the mel scale, their corners on the lines of the FFT."""
    low, high = _mel(LOWEST_HZ), _mel(HIGHEST_HZ)
    corners_hz = 700.0 * (10.0 ** (np.linspace(low, high, FILTERS + 2) / 2595.0) - 1.0)
    step_hz = RATE_HZ / FFT
    corners_hz = np.floor(corners_hz / step_hz + 0.5) * step_hz
    lines_hz = np.arange(FFT // 2 + 1) * step_hz
    rows = []
    for left, centre, right in zip(corners_hz[:-2], corners_hz[1:-1], corners_hz[2:], strict=True):
        rising, falling = (lines_hz - left) / (centre - left), (right - lines_hz) / (right - centre)
        rows.append(np.clip(np.minimum(rising, falling), 0.0, None) * 2.0 / (right - left))
    return np.array(rows)


def _mel(hz: float) -> float:
    return float(2595.0 * np.log10(1.0 + hz / 700.0))
