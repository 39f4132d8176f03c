"""Text becomes sound: the parent of the worker that loads espeak-ng (ADR 0006)."""

import asyncio
import json
import struct
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Protocol

import soxr

from callwright.kernel.limits.sounds import (
    PROMPT_S_MAX,
    PROMPT_TEXT_CHARS_MAX,
    SPEECH_ATTEMPTS_MAX,
    SPEECH_CRASHES_MAX,
    SPEECH_TIMEOUT_S,
)
from callwright.media.levels import SAMPLE_RATE_HZ, from_s16, rms_dbfs, to_s16, with_speech_level
from callwright.media.library import PromptError
from callwright.media.worker_process import WorkerDied, WorkerProcess

SPEECH_DBFS = -16.0
"""Of speech without pauses, full scale being 0: as loud as a close talker on a handset."""
SILENCE_DBFS = -60.0
WORDS_PER_MINUTE = 160
"""espeak-ng's own 175 is brisk for somebody who has to remember a menu."""
ANSWER_BYTES_MAX = int(PROMPT_S_MAX * 48_000 * 2)
"""The longest prompt at the highest rate a voice would have."""
REMEDY = "change the text, or give a WAV file instead"

VOICES = {
    "en": "en", "en-us": "en-us", "en-ca": "en-us", "pt": "pt", "pt-br": "pt-br",
    "es": "es", "es-mx": "es-419", "es-us": "es-419", "fr": "fr", "fr-be": "fr-be",
    "fr-ch": "fr-ch", "no": "nb", "zh": "cmn", "zh-hk": "yue",
} | {
    language: language
    for language in (
        "ar", "bg", "ca", "cs", "cy", "da", "de", "el", "et", "eu", "fi", "ga", "he", "hi", "hr",
        "hu", "id", "is", "it", "ja", "ko", "lt", "lv", "nb", "nl", "pl", "ro", "ru", "sk", "sl",
        "sr", "sv", "th", "tr", "uk", "vi",
    )
}  # fmt: skip
"""espeak-ng's voice by language tag (BCP 47), in lower case; `voice_name` falls back."""


class Voice(Protocol):
    """Whatever turns text into sound."""

    @property
    def version(self) -> str:
        """Changes whenever the same text would sound different."""
        ...

    async def speak(self, text: str, language: str) -> bytes:
        """Returns s16le, 8000 Hz, mono; raises PromptError naming the text and the remedy."""
        ...

    async def close(self) -> None: ...


def voice_name(language: str) -> str | None:
    """``de-AT`` is spoken by ``de``'s voice; None for a language without one."""
    tag = language.lower().replace("_", "-")
    return VOICES.get(tag) or VOICES.get(tag.partition("-")[0])


class EspeakVoice:
    """The built-in voice. Its worker starts with the first text and serves one at a time."""

    def __init__(self, command: Sequence[str] = (), *, timeout_s: float = SPEECH_TIMEOUT_S) -> None:
        """``command`` starts another worker that speaks the same protocol."""
        worker = Path(__file__).with_name("speech_worker.py")
        # -I: neither the environment nor the current folder decides what the worker imports.
        self._worker = WorkerProcess(
            tuple(command) or (sys.executable, "-I", str(worker)),
            timeout_s=timeout_s,
            answer_bytes_max=ANSWER_BYTES_MAX,
        )
        self._turn = asyncio.Lock()
        self._crashes = 0

    @property
    def version(self) -> str:
        try:
            espeak = metadata.version("espeakng-loader")
        except metadata.PackageNotFoundError:
            espeak = "none"
        return f"espeak-ng {espeak} {WORDS_PER_MINUTE} {SPEECH_DBFS}"

    async def speak(self, text: str, language: str) -> bytes:
        """See `Voice`; a worker that crashes is replaced within the bounds of `limits.sounds`."""
        voice = voice_name(language)
        if voice is None:
            known = ", ".join(sorted(VOICES))
            raise _cannot(text, f"no voice for the language {language!r}", f"use one of {known}")
        if len(text) > PROMPT_TEXT_CHARS_MAX:
            raise _cannot(text, f"longer than {PROMPT_TEXT_CHARS_MAX} characters", "shorten it")
        wish = {"text": text, "voice": voice, "words_per_minute": WORDS_PER_MINUTE}
        async with self._turn:
            answer = await self._ask(text, json.dumps(wish).encode())
        if answer[:1] != b"S":
            reason = answer[1:].decode(errors="replace")
            raise _cannot(text, reason, "install espeakng-loader, or give a WAV file instead")
        (rate_hz,) = struct.unpack_from(">I", answer, 1)
        pcm = await asyncio.to_thread(_for_telephone, answer[5:], rate_hz)
        if not pcm:
            raise _cannot(text, "nothing in it can be pronounced", REMEDY)
        return pcm

    async def close(self) -> None:
        """Ends the worker; a later text would start another."""
        await self._worker.close()

    async def _ask(self, text: str, request: bytes) -> bytes:
        how = f"it crashed {self._crashes} times in a row"
        for _ in range(SPEECH_ATTEMPTS_MAX):
            if self._crashes >= SPEECH_CRASHES_MAX:
                break
            try:
                answer = await self._worker.ask(request)
            except WorkerDied as died:
                self._crashes += 1
                how = str(died)
            else:
                self._crashes = 0
                return answer
        raise _cannot(text, f"the voice failed ({how})", REMEDY)


def _for_telephone(pcm: bytes, rate_hz: int) -> bytes:
    """Nothing at all for silence, which is what a text without words gives."""
    samples = from_s16(pcm)
    if rms_dbfs(samples) < SILENCE_DBFS:
        return b""
    at_8000 = soxr.resample(samples, rate_hz, SAMPLE_RATE_HZ)
    return to_s16(with_speech_level(at_8000, SPEECH_DBFS))


def _cannot(text: str, reason: str, remedy: str) -> PromptError:
    shown = text if len(text) <= 60 else text[:57] + "..."
    return PromptError(f"cannot say {shown!r}: {reason}; {remedy}")
