"""Music on hold: "Lanterns", two minutes of electric piano, composed for this project.

Its licence is the project's (Apache-2.0). The piece is a circle: whatever rings past its end goes
on at its beginning, echo and filter included, so a loop has no seam. Everything lies between 200
and 3200 Hz, which is what a telephone carries, and nothing is sudden, because the listener waits
for a voice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from callwright.media.levels import SAMPLE_RATE_HZ, Samples, with_level

MUSIC_S = 120.0
MUSIC_DBFS = -20.0
"""Below speech, which comes at about -16: somebody may talk over it."""
BAR_S = 2.5
"""Four beats at 96 in the minute; 48 bars are two minutes."""
EIGHTH_S = BAR_S / 8
ECHO_S = EIGHTH_S * 1.5
ECHO_GAIN = 0.28
BAND_HZ = (200.0, 3_200.0)

CHORDS = {
    "D": (50, 57, 62, 66, 69, 73), "Bm": (47, 59, 62, 66, 69, 74), "G": (55, 59, 62, 66, 71, 74),
    "A": (57, 61, 64, 69, 71, 76), "Em": (52, 59, 64, 67, 71, 74), "F#m": (54, 57, 61, 64, 69, 73),
    "Gm": (55, 58, 62, 67, 69, 74), "Asus": (57, 62, 64, 69, 71, 74),
}  # fmt: skip
"""MIDI notes from the bass up; sevenths and ninths, in D major with one borrowed Gm."""
VERSE = ("D", "Bm", "G", "A", "D", "F#m", "G", "Asus")
BRIDGE = ("Em", "A", "F#m", "Bm", "Em", "Gm", "D", "Asus")
ARPEGGIOS = ((1, 2, 3, 4, 5, 4, 3, 2), (1, 3, 2, 4, 3, 5, 4, 3), (2, 3, 4, 5, 4, 3, 2, 3))
"""Which note of the chord each eighth of a bar plays; the patterns take turns by section."""
VERSE_TUNE = (
    "78 . 76 74 | 73 . . . | 74 . 76 78 | 76 . . . | 78 . 76 74 | 73 . 69 . | 71 . 74 76 | 74 . . ."
)
LATER_TUNE = (
    "81 78 76 74 | 73 . 74 . | 71 . 74 78 | 76 . 73 . | "
    "78 . 81 78 | 76 . 73 . | 74 . 71 . | 76 . 74 ."
)
BRIDGE_TUNE = (
    "79 . 78 76 | 73 . 76 . | 78 . 76 73 | 74 . . . | "
    "79 . 78 76 | 74 . 70 . | 69 . 74 78 | 76 . 74 ."
)
"""MIDI notes, one for each quarter; where a dot stands, the last one rings on."""
FORM = (
    (VERSE, ""), (VERSE, VERSE_TUNE), (BRIDGE, BRIDGE_TUNE),
    (VERSE, LATER_TUNE), (BRIDGE, BRIDGE_TUNE), (VERSE, VERSE_TUNE),
)  # fmt: skip
STRENGTHS = (1.0, 0.72, 0.82, 0.7, 0.9, 0.72, 0.8, 0.68)
"""Of the eighths of a bar."""


@dataclass(frozen=True, slots=True)
class Note:
    start_s: float
    midi: int
    strength: float
    ring_s: float
    """Until it has faded to a thousandth."""


def compose() -> Samples:
    """Returns `MUSIC_S` seconds at 8000 Hz that loop without a seam; the same ones each time."""
    piece = np.zeros(round(MUSIC_S * SAMPLE_RATE_HZ))
    for note in _score():
        _add_around(piece, round(note.start_s * SAMPLE_RATE_HZ), _sound(note))
    echo = np.roll(piece, round(ECHO_S * SAMPLE_RATE_HZ))
    again = np.roll(echo, round(ECHO_S * SAMPLE_RATE_HZ))
    mixed = piece + ECHO_GAIN * echo + ECHO_GAIN**2 * again
    return with_level(_in_band(mixed), MUSIC_DBFS)


def _score() -> Iterator[Note]:
    for section, (chords, tune) in enumerate(FORM):
        start_s = section * len(chords) * BAR_S
        pattern = ARPEGGIOS[section % len(ARPEGGIOS)]
        for bar, name in enumerate(chords):
            yield from _bar(CHORDS[name], pattern, start_s + bar * BAR_S)
        for quarter, midi in enumerate(tune.replace("|", "").split()):
            if midi != ".":
                yield Note(start_s + quarter * BAR_S / 4, int(midi), 0.85, 2.6)


def _bar(chord: tuple[int, ...], pattern: tuple[int, ...], start_s: float) -> Iterator[Note]:
    yield Note(start_s, chord[0], 1.0, 3.0)
    yield Note(start_s + 5 * EIGHTH_S, chord[0], 0.55, 1.6)
    for eighth, place in enumerate(pattern):
        yield Note(start_s + eighth * EIGHTH_S, chord[place], 0.6 * STRENGTHS[eighth], 1.8)


def _sound(note: Note) -> Samples:
    return note.strength * _piano(note.midi, note.ring_s)


@cache
def _piano(midi: int, ring_s: float) -> Samples:
    """An electric piano: one sine bends another's phase, less and less as the note fades."""
    time_s = np.arange(round(ring_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    frequency_hz = 440 * 2 ** ((midi - 69) / 12)
    phase = 2 * np.pi * frequency_hz * time_s
    fade = np.exp(-np.log(1000) * time_s / ring_s)
    # Low notes get more overtones: their fundamental is below what a telephone carries.
    brightness = 1.1 * np.clip(330 / frequency_hz, 0.35, 2.0)
    body = np.sin(phase + brightness * fade * np.sin(phase))
    attack = np.clip(time_s / 0.008, 0, 1)
    release = np.clip((ring_s - time_s) / 0.05, 0, 1)
    sound: Samples = body * fade * attack * release
    return sound


def _add_around(piece: Samples, start: int, sound: Samples) -> None:
    fits = min(len(sound), len(piece) - start)
    piece[start : start + fits] += sound[:fits]
    piece[: len(sound) - fits] += sound[fits:]


def _in_band(samples: Samples) -> Samples:
    """Filters on the circle: the spectrum of the whole piece, so there is no edge to ring."""
    spectrum = np.fft.rfft(samples)
    frequency_hz = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE_HZ)
    low, high = BAND_HZ
    rolled_off = 1 / (1 + (low / np.maximum(frequency_hz, 1.0)) ** 6)
    rolled_off /= 1 + (frequency_hz / high) ** 12
    return np.fft.irfft(spectrum * rolled_off, len(samples))
