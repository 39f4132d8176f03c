"""The built-in recogniser, a program of its own: an utterance in, a phrase out, over a pipe.

All numbers big-endian. Request: length u32, then length u32 and JSON ``{"phrases": [["opening",
"hours"], ...], "rate_hz": 8000}`` in UTF-8, then samples s16le mono. Answer: length u32, then JSON
``{"phrase": number or null, "confidence": float}``. It ends when its input does. Every utterance is
understood by itself, so that any worker can take the next one.
"""

import ctypes
import json
import os
import signal
import struct
import sys
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, BinaryIO

import numpy as np
import soxr
from numpy.typing import NDArray

from callwright.kernel.speech_limits import GRAMMARS_KEPT_MAX, UTTERANCE_S_MAX
from callwright.media.hearing.cepstra import (
    FLOOR_PERCENTILE,
    RATE_HZ,
    TELEPHONE,
    Matrix,
    at_full_bandwidth,
    cepstra,
    load_map,
    mel_levels,
)
from callwright.media.hearing.decoys import DECOYS
from callwright.media.hearing.pronunciation import arpabet
from callwright.media.levels import Samples
from callwright.media.speech_worker import Espeak

REQUEST_BYTES_MAX = int(2 * RATE_HZ * (UTTERANCE_S_MAX + 1)) + 256 * 1024
BEAM, WORD_BEAM = 1e-80, 1e-70
"""Wide: telephone speech is far from what the model learned."""
FRAMES_PER_SOUND = (1.0, 14.0)
"""Loud ones, of 10 ms. A phrase that would have to be spoken faster or slower was not spoken."""
IPA, TIE = 0x02, ord("_") << 8
UTF8 = 1
ODDS = 30.0
"""Of a phrase against a decoy: who was asked for a phrase most likely says one."""
COVERED = 0.7
"""Of what is loud in an utterance; the rest may be a breath, not another word."""
CERTAIN, GUESSED = 0.7, 0.4
"""Confidence from which a menu acts (`limits.ATTENDANT_SPEECH_SURE`), and that of a mere guess."""
TAIL = 15
"""Rows of quiet at the end of an utterance, which is repeated: the model wants to be sure that a
word is over, the caller does not want to wait."""
COMFORT_NOISE = 1e-3
"""Root mean square under everything, of 1.0. Phones that send nothing in pauses leave zeros: no
silence that the model or the map ever heard, on which a decoding takes seconds."""
HISS = 0.015
"""Of the loud samples: 30 dB under speech."""
LOUD_OVER = 1.5
"""Natural logarithm of power over the noise floor."""


class Dictionary:
    """Pronunciations: the model's 134,000 words, and espeak-ng's guess for others."""

    def __init__(self, decoder: Any) -> None:
        self._decoder = decoder
        self._known: set[str] = set()

    def add(self, word: str) -> bool:
        """False for what nobody can pronounce."""
        if word in self._known or self._decoder.lookup_word(word):
            return True
        sounds = arpabet(self._phonemes_of(word))
        if sounds is None:
            return False
        self._decoder.add_word(word, sounds, True)
        self._known.add(word)
        return True

    def sounds_in(self, words: Iterable[str]) -> int:
        return sum(len((self._decoder.lookup_word(word) or "").split()) for word in words)

    def _phonemes_of(self, word: str) -> str:
        speak, text = self._espeak, ctypes.c_char_p(word.encode())
        parts: list[str] = []
        while text.value is not None:  # a clause at a time
            phonemes = speak(ctypes.byref(text), UTF8, IPA | TIE)
            parts.append((phonemes or b"").decode())
        return "_".join(parts)

    @cached_property
    def _espeak(self) -> Any:
        library = Espeak()._library
        library.espeak_SetVoiceByName(b"en-us")
        speak = library.espeak_TextToPhonemes
        speak.restype = ctypes.c_char_p
        speak.argtypes = [ctypes.POINTER(ctypes.c_char_p), ctypes.c_int, ctypes.c_int]
        return speak


class Understanding:
    """pocketsphinx with one grammar for each set of phrases."""

    def __init__(self) -> None:
        from pocketsphinx import Decoder, get_model_path  # type: ignore[import-untyped]

        folder = get_model_path("en-us")
        model = {"hmm": f"{folder}/en-us", "lm": None, "cmn": "batch", "loglevel": "FATAL"}
        self._decoder = Decoder(
            dict=f"{folder}/cmudict-en-us.dict", beam=BEAM, pbeam=BEAM, wbeam=WORD_BEAM, **model
        )
        self._dictionary = Dictionary(self._decoder)
        self._grammars: OrderedDict[str, str] = OrderedDict()
        self._band_map = load_map()

    def understand(
        self, phrases: Sequence[Sequence[str]], pcm: bytes, rate_hz: int
    ) -> tuple[int | None, float]:
        """Which phrase, and how certain that is. None: no phrase is in it from beginning to end.

        It is certain where a phrase beats the decoys, too; where it does not it is a guess, of
        which the caller has to be asked.
        """
        samples = np.frombuffer(pcm, "<i2").astype(np.float64) / 32_768
        samples += np.random.default_rng(len(samples)).normal(0.0, COMFORT_NOISE, len(samples))
        if rate_hz == RATE_HZ:
            levels = mel_levels(samples)
        else:
            levels = mel_levels(soxr.resample(_with_hiss(samples), rate_hz, RATE_HZ))
            if len(levels):
                levels = at_full_bandwidth(levels, self._band_map)
        if len(levels) == 0:
            return None, 0.0
        loud = _loud(levels)
        quiet = levels[-TAIL:]
        frames = cepstra(np.vstack([levels, quiet, quiet]))
        sure, confidence = self._phrase_in(frames, loud, phrases, DECOYS)
        if sure is not None and confidence >= CERTAIN:
            return sure, confidence
        guess, _ = self._phrase_in(frames, loud, phrases, ())
        return guess, 0.0 if guess is None else GUESSED + (guess == sure) * confidence / 4

    def _phrase_in(
        self,
        frames: bytes,
        loud: NDArray[np.bool_],
        phrases: Sequence[Sequence[str]],
        decoys: Sequence[str],
    ) -> tuple[int | None, float]:
        self._activate(phrases, decoys)
        words = self._decode(frames)
        said = [word.partition("(")[0] for word, _, _ in words]
        known = [list(phrase) for phrase in phrases]
        if said not in known:
            return None, 0.0
        begin, end = words[0][1], words[-1][2] + 1
        pace = loud[begin:end].sum() / max(1, self._dictionary.sounds_in(said))
        is_possible = FRAMES_PER_SOUND[0] <= pace <= FRAMES_PER_SOUND[1]
        if not is_possible or loud[begin:end].sum() < COVERED * loud.sum():
            return None, 0.0
        return known.index(said), min(1.0, self._decoder.hyp().prob)

    def _decode(self, frames: bytes) -> list[tuple[str, int, int]]:
        """The words of the best path, their first and last frames."""
        self._decoder.start_utt()
        self._decoder.process_cep(frames, full_utt=True)
        self._decoder.end_utt()
        path = self._decoder.seg() or ()
        return [(it.word, it.start_frame, it.end_frame) for it in path if it.word[0] not in "<([+"]

    def _activate(self, phrases: Sequence[Sequence[str]], decoys: Sequence[str]) -> None:
        usable = [phrase for phrase in phrases if all(map(self._dictionary.add, phrase))]
        rule = " | ".join(f"/{ODDS:g}/ {' '.join(phrase)}" for phrase in usable) or "<VOID>"
        key = f"{len(decoys)} {rule}"
        name = self._grammars.get(key)
        if name is None:
            name = f"menu{len(self._grammars)}"
            if len(self._grammars) >= GRAMMARS_KEPT_MAX:
                _, name = self._grammars.popitem(last=False)
                self._decoder.remove_search(name)
            words = {word for phrase in usable for word in phrase}
            others = "".join(f" | /1/ {word}" for word in decoys if word not in words)
            text = f"#JSGF V1.0 UTF-8;\ngrammar {name};\npublic <{name}> = {rule}{others};\n"
            self._decoder.add_jsgf_string(name, text)
            self._grammars[key] = name
        self._grammars.move_to_end(key)
        self._decoder.activate_search(name)


def _with_hiss(samples: Samples) -> Samples:
    """A line without any noise is like none that the map was made from: gets a little."""
    loudest = float(np.percentile(np.abs(samples), 95)) if len(samples) else 0.0
    return samples + np.random.default_rng(0).normal(0.0, HISS * loudest, len(samples))


def _loud(levels: Matrix) -> NDArray[np.bool_]:
    """Which rows stand out of the noise."""
    middle = levels[:, TELEPHONE].mean(axis=1)
    return np.asarray(middle > np.percentile(middle, FLOOR_PERCENTILE) + LOUD_OVER)


def answer(request: bytes, understanding: Understanding) -> bytes:
    (length,) = struct.unpack_from(">I", request)
    wanted = json.loads(request[4 : 4 + length])
    phrase, confidence = understanding.understand(
        wanted["phrases"], request[4 + length :], wanted["rate_hz"]
    )
    return json.dumps({"phrase": phrase, "confidence": confidence}).encode()


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    understanding = Understanding()
    while len(header := requests.read(4)) == 4:
        (length,) = struct.unpack(">I", header)
        if length > REQUEST_BYTES_MAX:
            raise SystemExit(f"a request of {length} bytes; {REQUEST_BYTES_MAX} are allowed")
        body = answer(requests.read(length), understanding)
        answers.write(struct.pack(">I", len(body)) + body)
        answers.flush()


def main() -> None:
    # The terminal sends ^C to us, too; the phone system decides when we end, by closing the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
