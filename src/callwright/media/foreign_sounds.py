"""Sound files that are no WAV, decoded in a process of its own (SPEC 6.14).

FFmpeg reads hundreds of formats and has had holes in most of them. Ours are looked at by their
first octets, decoded by a process with bounded time and memory that has nothing but the file, and
whatever becomes of that process, this one goes on.
"""

import subprocess
import sys
from pathlib import Path

from callwright.kernel.limits.sounds import AUDIO_DECODE_S_MAX, PROMPT_S_MAX
from callwright.media.library import PromptError

REMEDY = "use WAV, MP3, mono WMA, M4A, Ogg or FLAC"
HEAD_BYTES = 16
"""Enough to tell the formats apart."""
_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_MPEG_SYNC, _MPEG_MASK = 0xFFE0, 0xFFE0


def is_foreign(head: bytes) -> bool:
    """By the first octets: one of the formats that are taken, WAV apart."""
    is_mpeg = len(head) > 1 and int.from_bytes(head[:2]) & _MPEG_MASK == _MPEG_SYNC
    return (
        is_mpeg
        or head.startswith((b"ID3", b"OggS", b"fLaC", b"\x1aE\xdf\xa3", _ASF))
        or head[4:8] == b"ftyp"
    )


def check_format(content: bytes) -> None:
    """Raises PromptError with the remedy for what is no WAV file and cannot be decoded."""
    if is_foreign(content[:HEAD_BYTES]):
        decode_foreign(content)
    elif content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise PromptError(f"no sound file of a known format; {REMEDY}")


def decode_foreign(content: bytes) -> bytes:
    """Returns s16le, 8000 Hz, mono. Raises PromptError with the remedy."""
    decoder = str(Path(__file__).with_name("audio_decoder.py"))
    try:
        ended = subprocess.run(
            # -I: neither the environment nor the current folder decides what it imports.
            [sys.executable, "-I", decoder, str(PROMPT_S_MAX)],
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=AUDIO_DECODE_S_MAX,
            env={},
            cwd="/",
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        reason = f"cannot be decoded within {AUDIO_DECODE_S_MAX:g} s; {REMEDY}"
        raise PromptError(reason) from error
    except OSError as error:
        raise PromptError(f"cannot be decoded: {error.strerror}") from error
    if ended.returncode or ended.stdout[:1] not in (b"S", b"E"):
        raise PromptError(f"a damaged file: its decoder failed; {REMEDY}")
    if ended.stdout[:1] == b"E":
        raise PromptError(f"{ended.stdout[1:].decode(errors='replace')}; {REMEDY}")
    return ended.stdout[1:]
