"""Which sounds a word has: the model's dictionary knows 126,000 words, espeak-ng guesses others."""

import ctypes
from collections.abc import Sequence
from functools import cached_property, lru_cache
from itertools import count, islice, product
from pathlib import Path
from typing import Any

from callwright.kernel.limits.speech import PRONUNCIATIONS_MAX
from callwright.media.hearing.phrase_network import Pronunciation
from callwright.media.hearing.pronunciation import arpabet
from callwright.media.speech_worker import Espeak

IPA, TIE = 0x02, ord("_") << 8
UTF8 = 1
WORDS_KEPT = 4_096


class Dictionary:
    def __init__(self, file: Path) -> None:
        """``file``: lines of ``word sounds``, further ways to say it as ``word(2)``."""
        self._lines = b"\n" + file.read_bytes()
        self._sounds_of = lru_cache(WORDS_KEPT)(self._looked_up)

    def ways(self, phrase: Sequence[str]) -> list[Pronunciation]:
        """How the phrase may be said; none when nobody can pronounce a word of it."""
        return list(islice(product(*map(self._sounds_of, phrase)), PRONUNCIATIONS_MAX))

    def _looked_up(self, word: str) -> tuple[tuple[str, ...], ...]:
        known = []
        for way in count(1):
            found = self._line(word if way == 1 else f"{word}({way})")
            if found is None:
                break
            known.append(found)
        if known:
            return tuple(known)
        guessed = arpabet(self._phonemes_of(word))
        return (tuple(guessed.split()),) if guessed else ()

    def _line(self, entry: str) -> tuple[str, ...] | None:
        begin = f"\n{entry} ".encode()
        at = self._lines.find(begin)
        if at < 0:
            return None
        sounds = self._lines[at + len(begin) : self._lines.find(b"\n", at + 1)]
        return tuple(sounds.decode("ascii").split())

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
