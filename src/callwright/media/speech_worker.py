"""The built-in voice, a program of its own: text in, samples out, over a pipe (ADR 0006).

It shares nothing with the phone system but this form, all numbers big-endian:
request: length u32, then JSON ``{"text": str, "voice": str, "words_per_minute": int}`` in UTF-8;
answer: length u32, then ``S``, rate u32, samples s16le mono; or ``E`` and why not in UTF-8.
It ends when its input does.
"""

import ctypes
import json
import os
import signal
import struct
import sys
from collections.abc import Callable
from functools import cache

REQUEST_BYTES_MAX = 64 * 1024
RETRIEVE_SYNCHRONOUSLY = 2
DO_NOT_EXIT = 0x8000
TEXT_IS_UTF8 = 1
POSITION_IS_CHARACTER = 1
PARAMETER_RATE = 1
"""Constants of espeak-ng's speak_lib.h."""

SamplesCallback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


class VoiceError(Exception):
    """The voice cannot say this; the text says why."""


class Espeak:
    """espeak-ng, of which a process can have one: its state is global."""

    def __init__(self) -> None:
        """Loads library and phonemes; raises VoiceError when they are not there."""
        try:
            import espeakng_loader

            self._library = ctypes.CDLL(espeakng_loader.get_library_path())
            phonemes = espeakng_loader.get_data_path()
        except (ImportError, OSError, RuntimeError) as error:
            raise VoiceError(f"espeak-ng cannot be loaded: {error}") from error
        self._library.espeak_Initialize.argtypes = [
            ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_int,
        ]  # fmt: skip
        self._library.espeak_Synth.argtypes = [
            ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint,
            ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p,
        ]  # fmt: skip
        self.rate: int = self._library.espeak_Initialize(
            RETRIEVE_SYNCHRONOUSLY, 0, os.fsencode(phonemes), DO_NOT_EXIT
        )
        if self.rate <= 0:
            raise VoiceError(f"espeak-ng cannot read its phonemes in {phonemes}")
        self._samples = bytearray()
        self._callback = SamplesCallback(self._take)
        self._library.espeak_SetSynthCallback(self._callback)

    def _take(self, samples: "ctypes._Pointer[ctypes.c_short]", count: int, _events: int) -> int:
        if count > 0:  # the last call has no samples
            self._samples += ctypes.string_at(samples, count * 2)
        return 0

    def speak(self, text: str, voice: str, words_per_minute: int) -> bytes:
        """Returns s16le mono at ``rate``."""
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise VoiceError(f"espeak-ng has no voice {voice!r}")
        self._library.espeak_SetParameter(PARAMETER_RATE, words_per_minute, 0)
        self._samples.clear()
        encoded = text.encode() + b"\0"
        failed = self._library.espeak_Synth(
            encoded, len(encoded), 0, POSITION_IS_CHARACTER, 0, TEXT_IS_UTF8, None, None
        )
        if failed or self._library.espeak_Synchronize():
            raise VoiceError("espeak-ng failed")
        return bytes(self._samples)


def answer(request: bytes, voice: Callable[[], Espeak]) -> bytes:
    try:
        wanted = json.loads(request)
        espeak = voice()
        samples = espeak.speak(wanted["text"], wanted["voice"], wanted["words_per_minute"])
    except VoiceError as error:
        return b"E" + str(error).encode()
    return b"S" + struct.pack(">I", espeak.rate) + samples


def serve(answered: Callable[[bytes], bytes], *, request_bytes_max: int) -> None:
    """The worker's side of `worker_process`: answers what comes until the input ends."""
    # The terminal sends ^C to us, too; the phone system decides when we end, by closing the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # A line that a library prints would otherwise stand among the answers.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    requests = sys.stdin.buffer
    while len(header := requests.read(4)) == 4:
        (length,) = struct.unpack(">I", header)
        if length > request_bytes_max:
            raise SystemExit(f"a request of {length} bytes; {request_bytes_max} are allowed")
        body = answered(requests.read(length))
        answers.write(struct.pack(">I", len(body)) + body)
        answers.flush()


def main() -> None:
    loaded = cache(Espeak)
    serve(lambda request: answer(request, loaded), request_bytes_max=REQUEST_BYTES_MAX)


if __name__ == "__main__":
    main()
