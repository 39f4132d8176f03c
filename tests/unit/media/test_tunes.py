"""The product's own sounds, by ear: what rings, for how long, how loud."""

import numpy as np
import pytest

from callwright.kernel.prompt import Tune
from callwright.media.levels import Samples, from_s16, rms_dbfs
from callwright.media.tunes import generate

RATE_HZ = 8000


def frequencies(samples: Samples, count: int) -> set[int]:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    width_hz = RATE_HZ / len(samples)
    found: set[int] = set()
    for bin_ in np.argsort(spectrum)[::-1]:
        frequency = round(float(bin_) * width_hz)
        if all(abs(frequency - other) > 15 for other in found):
            found.add(frequency)
        if len(found) == count:
            break
    return found


def spans_s(samples: Samples) -> list[float]:
    """Lengths of sound and silence in turn."""
    is_loud = np.abs(samples).reshape(-1, 40).max(axis=1) > 0.01
    edges = np.flatnonzero(np.diff(is_loud.astype(int))) + 1
    return [len(part) * 40 / RATE_HZ for part in np.split(is_loud, edges)]


@pytest.fixture(scope="module")
def music() -> Samples:
    return from_s16(generate(Tune.DEFAULT_MUSIC, "US"))


def test_the_beep_is_a_thousand_hertz_for_four_tenths() -> None:
    beep = from_s16(generate(Tune.BEEP, "US"))
    assert len(beep) / RATE_HZ == pytest.approx(0.4)
    assert frequencies(beep, 1) == {1000}
    assert np.abs(beep).max() == pytest.approx(0.22, abs=0.01)  # -10 dBm0


@pytest.mark.parametrize(
    ("tune", "country", "hertz", "cadence_s"),
    [
        (Tune.RINGBACK, "US", {440, 480}, [2, 4]),
        (Tune.BUSY, "US", {480, 620}, [0.5, 0.5]),
        (Tune.RINGBACK, "gb", {400, 450}, [0.4, 0.2, 0.4, 2]),
        (Tune.RINGBACK, "DE", {425}, [1, 4]),
        (Tune.BUSY, "FR", {440}, [0.5, 0.5]),
        (Tune.BUSY, "XX", {425}, [0.5, 0.5]),
    ],
)
def test_tones_are_the_country_s(
    tune: Tune, country: str, hertz: set[int], cadence_s: list[float]
) -> None:
    tone = from_s16(generate(tune, country))
    assert spans_s(tone) == pytest.approx(cadence_s, abs=0.011)
    first = tone[: int(cadence_s[0] * RATE_HZ)]
    found = frequencies(first, len(hertz))
    assert sorted(found) == pytest.approx(sorted(hertz), abs=3)


def test_music_is_two_minutes_and_softer_than_speech(music: Samples) -> None:
    assert len(music) / RATE_HZ == pytest.approx(120)
    assert rms_dbfs(music) == pytest.approx(-20, abs=0.5)
    assert np.abs(music).max() < 0.96


def test_music_is_the_same_each_time(music: Samples) -> None:
    assert np.array_equal(from_s16(generate(Tune.DEFAULT_MUSIC, "DE")), music)


def test_music_never_stops_and_never_jumps_out(music: Samples) -> None:
    levels = [rms_dbfs(part) for part in music.reshape(-1, RATE_HZ)]
    assert min(levels) > -28
    assert max(levels) < -15


def test_music_loops_without_a_seam(music: Samples) -> None:
    """Across the seam the signal bends no more than it does elsewhere at the same loudness."""
    around = np.concatenate([music[-2000:], music[:2000]])
    bends = np.abs(np.diff(around, 2))
    at_seam = bends[1996:2002].max()
    assert at_seam < np.percentile(bends, 99)
    before, after = rms_dbfs(music[-RATE_HZ:]), rms_dbfs(music[:RATE_HZ])
    assert abs(before - after) < 6


def test_music_lies_where_a_telephone_can_carry_it(music: Samples) -> None:
    power = np.abs(np.fft.rfft(music)) ** 2
    hertz = np.fft.rfftfreq(len(music), 1 / RATE_HZ)
    inside = power[(hertz > 200) & (hertz < 3400)].sum()
    assert inside / power.sum() > 0.9
