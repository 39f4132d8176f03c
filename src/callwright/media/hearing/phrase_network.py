"""Phrases as chains of sounds, and how well each fits to what was said.

A phrase is measured against free speech: the best sequence of any sounds at all. What a phrase is
worse by, for each frame that it takes, tells whether it was said, or another word.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from callwright.media.hearing.acoustic_model import (
    ALONE,
    BEGINS,
    ENDS,
    INSIDE,
    SILENCE,
    STATES,
    AcousticModel,
    Numbers,
)
from callwright.media.hearing.cepstra import Matrix

NEVER = -1e30
NOISES = (SILENCE, "+NSN+")
"""What is around a phrase."""
Row = NDArray[np.float64]
Cube = NDArray[np.float64]
Pronunciation = tuple[tuple[str, ...], ...]
"""Sounds of each word."""


@dataclass(frozen=True, slots=True)
class Fit:
    """The phrase that fits best; natural logarithms of likelihood."""

    phrase: int
    gain: float
    """Over free speech, for each frame that the phrase takes; mostly below 0."""
    ahead: float
    """Of the phrase that fits second best, for each such frame; infinite when there is none."""


class PhraseNetwork:
    """All ways to say any of some phrases, side by side, with quiet before and after."""

    def __init__(self, model: AcousticModel, phrases: Sequence[Sequence[Pronunciation]]) -> None:
        """``phrases``: of each, how it may be pronounced; at least one has a pronunciation."""
        self._model = model
        self._states: list[tuple[int, float, float]] = []
        self._quiet: list[int] = []
        words: list[int] = []
        chains: list[tuple[int, int, int]] = []
        for number, ways in enumerate(phrases):
            for way in ways:
                start = len(self._states)
                self._add_quiet()
                self._add_words(way, words)
                self._add_quiet()
                chains.append((number, start, len(self._states) - 1))
        self._phrase_of, self._starts, self._ends = np.array(chains).T
        senones, self._stay, self._leave = map(np.array, zip(*self._states, strict=True))
        self._words = np.array(words, np.int64)
        alone = model.sounds.alone.reshape(-1)
        self._scored, inverse = np.unique(np.concatenate([alone, senones]), return_inverse=True)
        self._alone, self._senones = inverse[: len(alone)], inverse[len(alone) :]

    def fit(self, features: Matrix) -> Fit | None:
        """None: too short for any phrase."""
        scores = self._model.scores(features, self._scored)
        alone = scores[:, self._alone].reshape(len(scores), -1, STATES)
        quiet = alone[:, [self._model.sounds.number_of[it] for it in NOISES]].max(axis=(1, 2))
        own = scores[:, self._senones]
        own[:, self._quiet] = quiet[:, None]
        totals, steps = self._forward(own)
        best = int(totals.argmax())
        if totals[best] < NEVER / 2:
            return None
        frames = self._frames_spoken(best, steps)
        phrase = int(self._phrase_of[best])
        others = totals[self._phrase_of != phrase]
        ahead = (totals[best] - others.max()) / frames if len(others) else np.inf
        gain = (totals[best] - self._free_speech(alone, quiet)) / frames
        return Fit(phrase, float(gain), float(ahead))

    def _add_quiet(self) -> None:
        self._quiet.append(len(self._states))
        self._states.append((int(self._model.sounds.alone[0, 0]), 0.0, 0.0))

    def _add_words(self, way: Pronunciation, words: list[int]) -> None:
        """``words``: states that begin a word after another are added to it."""
        sounds = [sound for word in way for sound in word]
        around = [SILENCE, *sounds, SILENCE]
        at = 0
        for number, word in enumerate(way):
            if number:  # a pause between words, or none
                self._add_quiet()
                words.append(len(self._states))
            for place in range(len(word)):
                self._add_sound(around[at], around[at + 1], around[at + 2], _place(place, word))
                at += 1

    def _add_sound(self, before: str, sound: str, after: str, place: int) -> None:
        senones = self._model.sounds.senones(sound, before, after, place)
        steps = self._model.transitions[self._model.sounds.number_of[sound]]
        for state, senone in enumerate(senones):
            self._states.append((int(senone), steps[state, state], steps[state, state + 1]))

    def _forward(self, own: Matrix) -> tuple[Matrix, list[Numbers]]:
        """How likely each chain is as a whole; for each frame but the first, how many states each
        state was come to from: 0, 1, or those of a pause between words that was not made."""
        here = np.full(own.shape[1], NEVER)
        here[self._starts] = 0.0
        here += own[0]
        steps = []
        for row in own[1:]:
            left = here + self._leave
            before = np.concatenate([[NEVER], left[:-1]])
            before[self._starts] = NEVER
            step = np.ones(len(here), np.int64)
            across = left[self._words - 2]
            is_across = across > before[self._words]
            before[self._words] = np.where(is_across, across, before[self._words])
            step[self._words] += is_across
            stayed = here + self._stay
            came = before > stayed
            here = np.where(came, before, stayed) + row
            steps.append(step * came)
        return here[self._ends], steps

    def _frames_spoken(self, chain: int, steps: list[Numbers]) -> int:
        """All but those of the quiet at both ends."""
        first, state = int(self._starts[chain]), int(self._ends[chain])
        last, spoken = state, 0
        for step in reversed(steps):
            state -= int(step[state])
            spoken += first < state < last
        return max(1, spoken)

    def _free_speech(self, alone: Cube, quiet: Row) -> float:
        """How likely the best sequence of any sounds and quiet is."""
        transitions = self._model.transitions
        states = np.arange(STATES)
        stay, leave = transitions[:, states, states], transitions[:, states, states + 1]
        here = np.full(alone.shape[1:], NEVER)
        silent = ended = 0.0
        for row, silence in zip(alone, quiet, strict=True):
            moved = np.empty_like(here)
            moved[:, 0] = max(ended, silent)
            moved[:, 1:] = here[:, :-1] + leave[:, :-1]
            here = np.maximum(here + stay, moved) + row
            silent = max(silent, ended) + silence
            ended = float((here[:, -1] + leave[:, -1]).max())
        return max(silent, ended)


def _place(number: int, word: Sequence[str]) -> int:
    if len(word) == 1:
        return ALONE
    return BEGINS if number == 0 else ENDS if number == len(word) - 1 else INSIDE
