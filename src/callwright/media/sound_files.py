"""Sound files that people supply, as the engine wants them.

WAV (RIFF/WAVE, Microsoft/IBM 1991) is read here, others in `foreign_sounds`.

The standard library's reader refuses WAVE_FORMAT_EXTENSIBLE before Python 3.12, which is how most
programs write 24 bits; the format is simple enough to read here.
"""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr

from callwright.kernel.limits.sounds import AUDIO_FILE_BYTES_MAX, PROMPT_S_MAX
from callwright.media.foreign_sounds import HEAD_BYTES, REMEDY, decode_foreign, is_foreign
from callwright.media.levels import SAMPLE_RATE_HZ, Samples, to_s16
from callwright.media.library import PromptError

PCM = 1
EXTENSIBLE = 0xFFFE
CHANNELS_MAX = 8
RATE_HZ_MIN, RATE_HZ_MAX = 1_000, 384_000
"""Of any recorder; others are made to keep a resampler busy."""


@dataclass(frozen=True, slots=True)
class _Format:
    channels: int
    rate_hz: int
    bits: int


def read_sound(path: str) -> bytes:
    """Returns s16le, 8000 Hz, mono.

    Raises PromptError, with file and remedy, for what is absent, too large, too long or not
    a sound of a known format: WAV with
    linear PCM of 8, 16, 24 or 32 bits, or what `foreign_sounds` takes.
    """
    try:
        content = _read_bounded(path)
    except OSError as error:
        raise _unreadable(path, error) from error
    except PromptError as error:
        raise PromptError(f"{path}: {error}") from error
    return decode_sound(content, path)


def decode_sound(content: bytes, path: str, *, length_s_max: float = PROMPT_S_MAX) -> bytes:
    """As `read_sound`, of what was read at ``path``."""
    try:
        if is_foreign(content[:HEAD_BYTES]):
            return decode_foreign(content)
        form, frames = _chunks(content)
        if len(frames) // (form.channels * form.bits // 8) > length_s_max * form.rate_hz:
            raise PromptError(f"longer than {length_s_max:g} s; shorten it")
        mono = _mono(form, frames)
    except PromptError as error:
        raise PromptError(f"{path}: {error}") from error
    if form.rate_hz != SAMPLE_RATE_HZ:
        mono = soxr.resample(mono, form.rate_hz, SAMPLE_RATE_HZ)
    if not len(mono):
        raise PromptError(f"{path}: holds no sound; record it again")
    return to_s16(mono)


def look_at_sound(path: str) -> None:
    """Raises PromptError, with file and remedy, for what is seen at once: absent, not to be read,
    too large, no WAV file. `read_sound` sees the rest."""
    try:
        head = _read_bounded(path, only=HEAD_BYTES)
        if not head.startswith(b"RIFF") and not is_foreign(head):
            raise PromptError(f"no sound file of a known format; {REMEDY}")
    except OSError as error:
        raise _unreadable(path, error) from error
    except PromptError as error:
        raise PromptError(f"{path}: {error}") from error


def _unreadable(path: str, error: OSError) -> PromptError:
    reason = error.strerror or str(error)
    return PromptError(f"{path}: {reason}; check the path and who may read it")


def _read_bounded(path: str, *, only: int = AUDIO_FILE_BYTES_MAX) -> bytes:
    if not Path(path).is_file():  # a named pipe would wait for ever
        raise PromptError("is not a file; check the path")
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size > AUDIO_FILE_BYTES_MAX:
            megabytes = AUDIO_FILE_BYTES_MAX // 1024 // 1024
            raise PromptError(f"{size} bytes; at most {megabytes} MB are allowed: {_CONVERT}")
        return file.read(only)


def _chunks(content: bytes) -> tuple[_Format, bytes]:
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise PromptError(f"no sound file of a known format; {REMEDY}")
    form: _Format | None = None
    for name, body in _riff(content):
        if name == b"fmt ":
            form = _format(body)
        elif name == b"data" and form is not None:
            return form, body
    raise PromptError(f"a damaged WAV file without format or samples; {_CONVERT}")


def _riff(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """A last chunk that is shorter than it says is taken as it is: recorders get interrupted."""
    at = 12
    while at + 8 <= len(content):
        name, length = struct.unpack_from("<4sI", content, at)
        yield name, content[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _format(body: bytes) -> _Format:
    if len(body) < 16:
        raise PromptError(f"a damaged WAV file; {_CONVERT}")
    code, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", body)
    if code == EXTENSIBLE and len(body) >= 26:
        (code,) = struct.unpack_from("<H", body, 24)
    if code != PCM or bits not in (8, 16, 24, 32):
        raise PromptError(f"a WAV file of a kind that is not read (format {code}, {bits} bits); "
                          f"{_CONVERT}")  # fmt: skip
    if not 1 <= channels <= CHANNELS_MAX or not RATE_HZ_MIN <= rate <= RATE_HZ_MAX:
        raise PromptError(f"a WAV file of {channels} channels at {rate} Hz; {_CONVERT}")
    return _Format(channels, rate, bits)


def _mono(form: _Format, frames: bytes) -> Samples:
    width = form.bits // 8
    count = len(frames) // (width * form.channels) * form.channels
    if form.bits == 8:  # the only unsigned width
        samples = (np.frombuffer(frames, np.uint8, count).astype(np.float64) - 128) / 128
    else:
        # Into the upper bytes of 32 bits, where the sign is where numpy expects it.
        wide = np.zeros((count, 4), np.uint8)
        wide[:, 4 - width :] = np.frombuffer(frames, np.uint8, count * width).reshape(-1, width)
        samples = wide.view("<i4").ravel().astype(np.float64) / 2**31
    mono: Samples = samples.reshape(-1, form.channels).mean(axis=1)
    return mono


_CONVERT = "convert it: ffmpeg -i INPUT -ar 8000 -ac 1 -c:a pcm_s16le OUTPUT.wav"
