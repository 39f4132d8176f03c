"""What each sound of English is like: the acoustic model that comes with pocketsphinx, read and
scored here, so that a phrase and other speech are measured by one rule.

The model is phonetically tied: each of 42 sounds has 128 normal densities for each of three streams
(cepstra, their slopes, the slopes of those), and each third of a sound among certain neighbours
(a senone) mixes these in its own way.
"""

import struct
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from callwright.media.hearing.cepstra import CEPSTRA, Matrix

Numbers = NDArray[np.int64]

STATES = 3
"""Senones of one sound, one after another."""
STREAMS = 3
SILENCE = "SIL"
INSIDE, BEGINS, ENDS, ALONE = range(4)
"""Where a sound stands in its word."""
WEIGHT_UNIT = 0.1024
"""Natural logarithm: weights are kept in steps of 1024 powers of 1.0001."""
VARIANCE_MIN = 1e-4
HEADER_END = b"endhdr\n"
_PHONE = np.dtype([("sequence", "<i4"), ("transition", "<i4"), ("at", "u1", 4)])


@dataclass(frozen=True, slots=True)
class Sounds:
    """Names of sounds and their senones, alone and among neighbours (the model's ``mdef``)."""

    number_of: dict[str, int]
    alone: Numbers
    """A row of `STATES` senones for each sound, whatever is around it."""
    keys: Numbers
    """Sorted; of a sound among neighbours, as `_key` has it."""
    among: Numbers
    """The senones of each of `keys`."""
    owner: Numbers
    """Of each senone: the sound whose densities it mixes."""

    def senones(self, sound: str, before: str, after: str, place: int) -> Numbers:
        """Those of the sound alone where the model has not learned it among these neighbours."""
        number, left, right = (self.number_of[it] for it in (sound, before, after))
        for there in (place, INSIDE, BEGINS, ENDS, ALONE):
            key = _key(number, left, right, there)
            at = int(np.searchsorted(self.keys, key))
            if at < len(self.keys) and self.keys[at] == key:
                found: Numbers = self.among[at]
                return found
        alone: Numbers = self.alone[number]
        return alone


@dataclass(frozen=True, slots=True)
class AcousticModel:
    """Likelihoods of frames."""

    sounds: Sounds
    means: Matrix
    """By sound, stream, density, dimension; so are `precisions`."""
    precisions: Matrix
    weights: Matrix
    """By stream, density, senone."""
    transitions: Matrix
    """Logarithms, by sound: from each of its states to each, and to its end."""

    def scores(self, features: Matrix, senones: Numbers) -> Matrix:
        """Natural logarithms of likelihood: a row for each frame, a column for each senone."""
        scored = np.zeros((len(features), len(senones)))
        owners = self.sounds.owner[senones]
        for sound in np.unique(owners):
            columns = np.flatnonzero(owners == sound)
            for stream in range(STREAMS):
                part = features[:, stream * CEPSTRA : (stream + 1) * CEPSTRA]
                densities = self._densities(part, sound, stream)
                loudest = densities.max(axis=1, keepdims=True)
                mixed = np.exp(densities - loudest) @ self.weights[stream][:, senones[columns]]
                scored[:, columns] += np.log(mixed + 1e-30) + loudest
        return scored

    def doubting(self, variances: Matrix) -> "AcousticModel":
        """For features that are estimates, which are off by such variances."""
        more = variances.reshape(STREAMS, 1, CEPSTRA)
        return replace(self, precisions=1.0 / (1.0 / self.precisions + more))

    def _densities(self, part: Matrix, sound: int, stream: int) -> Matrix:
        mean, precision = self.means[sound, stream], self.precisions[sound, stream]
        constant = 0.5 * np.log(precision / (2 * np.pi)).sum(axis=1)
        constant -= 0.5 * (precision * mean * mean).sum(axis=1)
        densities: Matrix = part @ (precision * mean).T - 0.5 * (part * part) @ precision.T
        densities += constant
        return densities


def load_model(folder: Path) -> AcousticModel:
    """Raises OSError, ValueError or struct.error for a folder that holds no such model."""
    sounds = _sounds((folder / "mdef").read_bytes())
    counts = _floats((folder / "transition_matrices").read_bytes(), dimensions=3)
    steps = counts.reshape(len(sounds.number_of), STATES, STATES + 1)
    shares = steps / steps.sum(axis=-1, keepdims=True)
    shape = (len(sounds.number_of), STREAMS, -1, CEPSTRA)
    variances = _floats((folder / "variances").read_bytes(), dimensions=3 + STREAMS)
    means = _floats((folder / "means").read_bytes(), dimensions=3 + STREAMS)
    return AcousticModel(
        sounds,
        means.reshape(shape),
        1.0 / np.maximum(variances.reshape(shape), VARIANCE_MIN),
        _weights((folder / "sendump").read_bytes()),
        np.log(np.maximum(shares, 1e-6)),
    )


def model_folder() -> Path:
    """Of American English, in pocketsphinx's wheel, none of whose code runs."""
    spec = find_spec("pocketsphinx")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("pocketsphinx is not installed, whose model speech needs")
    return Path(spec.origin).with_name("model") / "en-us"


def _floats(content: bytes, *, dimensions: int) -> Matrix:
    """A file of the S3 format: a header in text, a mark of byte order, dimensions, floats."""
    at = content.index(HEADER_END) + len(HEADER_END) + 4 + 4 * dimensions
    (count,) = struct.unpack_from("<i", content, at)
    return np.frombuffer(content, "<f4", count, at + 4).astype(np.float64)


def _sounds(content: bytes) -> Sounds:
    """``BMDF``, version, description, ten numbers, names, a tree (not needed), sounds, senones."""
    (described,) = struct.unpack_from("<i", content, 8)
    at = 12 + described
    count, among_count, states, *_ = numbers = struct.unpack_from("<10i", content, at)
    senone_count, sequence_count, tree_count = numbers[4], numbers[6], numbers[8]
    if states != STATES:
        raise ValueError(f"sounds of {states} states; {STATES} are known")
    at += 40
    names = content[at:].split(b"\0", count)[:count]
    at += sum(len(name) + 1 for name in names)
    at += -at % 4 + 8 * tree_count
    phones = np.frombuffer(content, _PHONE, among_count, at)
    at += phones.nbytes + 4
    sequences = np.frombuffer(content, "<i2", sequence_count * STATES, at).reshape(-1, STATES)
    senones = sequences.astype(np.int64)[phones["sequence"]]
    place, sound, before, after = phones["at"][count:].astype(np.int64).T
    keys = _key(sound, before, after, place)
    order = np.argsort(keys)
    owner = np.zeros(senone_count, np.int64)
    owner[senones[:count]] = np.arange(count)[:, None]
    owner[senones[count:]] = sound[:, None]
    number_of = {name.decode("ascii"): number for number, name in enumerate(names)}
    return Sounds(number_of, senones[:count], keys[order], senones[count:][order], owner)


def _weights(content: bytes) -> Matrix:
    """Texts with their lengths, a length of 0, two numbers, an octet for each weight."""
    at = 0
    while length := struct.unpack_from("<i", content, at)[0]:
        at += 4 + length
    densities, senones = struct.unpack_from("<2i", content, at + 4)
    kept = np.frombuffer(content, "u1", STREAMS * densities * senones, at + 12)
    weights: Matrix = np.exp(kept.astype(np.float64) * -WEIGHT_UNIT)
    return weights.reshape(STREAMS, densities, senones)


def _key(sound: Any, before: Any, after: Any, place: Any) -> Any:
    """One number of four, or an array of them of four arrays."""
    return ((sound * 64 + before) * 64 + after) * 4 + place
