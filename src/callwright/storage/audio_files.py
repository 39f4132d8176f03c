"""Sounds that people uploaded for greetings, menus and music: kept by content, as telephones play
them, in the folder that the organisation's settings may name files in."""

import hashlib
import os
import wave
from dataclasses import dataclass
from pathlib import Path

from callwright.kernel.limits.sounds import (
    AUDIO_FILE_BYTES_MAX,
    AUDIO_FILES_BYTES_MAX,
    AUDIO_FILES_KEPT_MAX,
)
from callwright.media.levels import SAMPLE_RATE_HZ
from callwright.media.library import PromptError
from callwright.media.sound_files import decode_sound

FILES = "files"
NAME_CHARS = 16


@dataclass(frozen=True, slots=True)
class AudioFile:
    name: str
    """``3f2a... .wav``: the beginning of its content's SHA-256."""
    path: Path
    duration_s: float


class AudioFiles:
    """Of the organisation whose data are in this folder."""

    def __init__(self, data: Path) -> None:
        self._folder = (data / FILES).absolute()

    def add(self, content: bytes) -> AudioFile:
        """Converts and keeps a sound; the same one twice is one file.

        Raises PromptError with the remedy for what cannot be used, and OSError.
        """
        check_size(content)
        samples = decode_sound(content, "the file")
        path = self._folder / f"{hashlib.sha256(samples).hexdigest()[:NAME_CHARS]}.wav"
        if not path.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            self._check_room(len(samples))
            _write(path, samples)
        return AudioFile(path.name, path, len(samples) / 2 / SAMPLE_RATE_HZ)

    def all(self) -> list[AudioFile]:
        """Uploaded ones, by name; what lies there otherwise is its owner's affair."""
        found = sorted(self._folder.glob(f"{'[0-9a-f]' * NAME_CHARS}.wav"))
        return [AudioFile(path.name, path, _duration_s(path)) for path in found]

    def find(self, name: str) -> AudioFile | None:
        """None: nothing was uploaded that has this name."""
        return next((one for one in self.all() if one.name == name), None)

    def _check_room(self, more_bytes: int) -> None:
        """Raises PromptError."""
        kept = self.all()
        held_bytes = sum(one.path.stat().st_size for one in kept)
        remedy = "remove what nothing plays: callwright prompts remove"
        if len(kept) >= AUDIO_FILES_KEPT_MAX:
            raise PromptError(f"{AUDIO_FILES_KEPT_MAX} sounds are kept already; {remedy}")
        if held_bytes + more_bytes > AUDIO_FILES_BYTES_MAX:
            most = f"{AUDIO_FILES_BYTES_MAX // 1_000_000} MB of sounds are all that is kept"
            raise PromptError(f"{most}, and {held_bytes // 1_000_000} MB are there; {remedy}")


def check_size(content: bytes) -> None:
    """Of an upload. Raises PromptError."""
    if len(content) > AUDIO_FILE_BYTES_MAX:
        most = AUDIO_FILE_BYTES_MAX // 1024 // 1024
        raise PromptError(f"{len(content)} bytes; at most {most} MB are allowed")


def _write(path: Path, samples: bytes) -> None:
    """Whole or not at all, whenever the process ends."""
    draft = path.with_suffix(f".{os.getpid()}.draft")
    try:
        with wave.open(str(draft), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(SAMPLE_RATE_HZ)
            file.writeframes(samples)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _duration_s(path: Path) -> float:
    header = 44
    return max(0, path.stat().st_size - header) / 2 / SAMPLE_RATE_HZ
